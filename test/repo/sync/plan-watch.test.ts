import t from 'tap';
import type { Oid } from '../../../lib/core/object/oid.js';
import { planNextLook, planQueueDue, planReport, type WatchMoment } from '../../../lib/repo/sync/plan-watch.js';

t.test('when to look next', async (t) => {
  const calm: WatchMoment = { live: false, failures: 0, retryAfter: undefined, blocked: false, queueDue: undefined };
  /** What the moment is like, and the seconds to wait, interval 30, with the least and the greatest chance. */
  const rows: [sentence: string, moment: Partial<WatchMoment>, least: number, most: number][] = [
    ['an origin that does not tell is asked at about the interval', {}, 24, 36],
    ['one that does ten times more rarely', { live: true }, 240, 360],
    ['not while something waits to be merged', { live: true, blocked: true }, 24, 36],
    ['soon after a failure', { failures: 1 }, 0, 5],
    ['less soon after three', { failures: 3 }, 0, 20],
    ['never much later than without', { failures: 40 }, 0, 30],
    ['but not before the origin wants it', { failures: 1, retryAfter: 120 }, 120, 120],
    ['not for longer than a day, whatever it wants', { failures: 1, retryAfter: 1e9 }, 86_400, 86_400],
    ['when the queue wants it', { live: true, queueDue: 7 }, 7, 7],
    ['not later for the queue', { queueDue: 900 }, 24, 36],
    ['after a failure whatever the queue wants', { failures: 40, queueDue: 1 }, 0, 30],
  ];
  for (const [sentence, moment, least, most] of rows) {
    const bounds = [0, 1].map((chance) => Math.round(planNextLook({ ...calm, ...moment }, 30, chance)));
    t.strictSame(bounds, [least, most], sentence);
  }
});

t.test('when the queue wants a look', async (t) => {
  const now = 1000;
  const rows: [sentence: string, next: number | null, tried: boolean, expected: number | undefined][] = [
    ['never, where nothing waits', null, true, undefined],
    ['when the time of what waits has come', now + 5, false, 5],
    ['at once, where something has become due while others were done', now, true, 1],
    ['not every second for what waits for a merge or for another process', now, false, 30],
    ['nor for what was due long ago', 0, false, 30],
  ];
  for (const [sentence, next, tried, expected] of rows) t.equal(planQueueDue(next, tried, now, 30), expected, sentence);
});

t.test('what to report', async (t) => {
  const [a, b] = ['a', 'b'].map((digit) => digit.repeat(40)) as [Oid, Oid];
  const [main, other] = ['refs/remotes/origin/main', 'refs/remotes/origin/other'] as const;
  const rows: [sentence: string, reported: [string, Oid][], now: [string, Oid][], expected: unknown[]][] = [
    ['nothing where nothing moved', [[main, a]], [[main, a]], []],
    ['a ref that moved', [[main, a]], [[main, b]], [{ ref: main, from: a, to: b }]],
    [
      'a ref that is new',
      [[main, a]],
      [
        [main, a],
        [other, b],
      ],
      [{ ref: other, from: null, to: b }],
    ],
    [
      'each of several',
      [],
      [
        [main, a],
        [other, b],
      ],
      [
        { ref: main, from: null, to: a },
        { ref: other, from: null, to: b },
      ],
    ],
  ];
  for (const [sentence, reported, now, expected] of rows) {
    t.strictSame(planReport(new Map(reported), new Map(now)), expected, sentence);
  }
});
