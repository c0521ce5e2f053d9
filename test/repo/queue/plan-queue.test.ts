import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { QueuedIntent } from '../../../lib/index.js';
import { backoff, planOutcome, planQueueRun, type QueueOccasion } from '../../../lib/repo/queue/plan-queue.js';

const NOW = 1_000_000;
const ITEM: QueuedIntent = {
  id: 1,
  intent: { do: 'push' },
  status: 'waiting',
  attempts: 0,
  notBefore: null,
  failure: null,
  asked: 1,
  queuedAt: NOW - 10,
  claim: null,
};
const failed = { code: 'ORIGIN_UNREACHABLE', message: 'x' };

t.test('how long to wait for the next attempt', async (t) => {
  const rows: [sentence: string, attempts: number, retryAfter: number | undefined, chance: number, seconds: number][] =
    [
      ['after the first failure up to 5 seconds', 1, undefined, 1, 5],
      ['at random', 1, undefined, 0, 0],
      ['twice as long after the second', 2, undefined, 1, 10],
      ['half of it on average', 5, undefined, 0.5, 40],
      ['never more than a quarter of an hour', 40, undefined, 1, 900],
      ['nor after more failures than a number can count', 5000, undefined, 1, 900],
      ['at least as long as the origin asked for', 1, 120, 0, 120],
      ['and not all at that very second', 3, 120, 0.5, 130],
      ['but not longer than a day', 1, 10 ** 9, 0, 86_400],
    ];
  for (const [sentence, attempts, retryAfter, chance, seconds] of rows) {
    t.equal(backoff(attempts, retryAfter, chance), seconds, sentence);
  }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, chance) => {
      const wait = backoff(attempts, undefined, chance);
      assert.ok(Number.isInteger(wait) && wait >= 0 && wait <= Math.min(900, 5 * 2 ** (attempts - 1)));
    }),
  );
});

t.test('what a run tries', async (t) => {
  const later = { ...ITEM, notBefore: NOW + 60, failure: failed };
  const told = { ...later, failure: { ...failed, retryAfter: 60 } };
  const blocked = { ...ITEM, status: 'blocked' as const };
  const refused = { ...ITEM, status: 'refused' as const };
  const claimed = (pid: number, since: number) => ({ ...ITEM, claim: { pid, since } });
  const rows: [sentence: string, occasion: QueueOccasion, queue: QueuedIntent[], ids: number[]][] = [
    ['all that may run at once, in order', 'due', [ITEM, { ...ITEM, id: 2 }], [1, 2]],
    ['what has waited long enough', 'due', [{ ...later, notBefore: NOW }], [1]],
    ['nothing behind what has to wait: it is the same connection', 'due', [later, { ...ITEM, id: 2 }], []],
    ['what has to wait, when a command talks to the origin anyway', 'asked', [later, { ...ITEM, id: 2 }], [1, 2]],
    ['nothing that the origin itself put off', 'asked', [told, { ...ITEM, id: 2 }], []],
    ['nothing before its time, even when asked to run', 'run', [later], []],
    ['everything by force', 'forced', [told, { ...blocked, id: 2 }, { ...refused, id: 3 }], [1, 2, 3]],
    ['what is behind something that needs a person', 'due', [blocked, refused, { ...ITEM, id: 3 }], [3]],
    ['what needed a person, when a person asks', 'run', [blocked, refused, { ...ITEM, id: 3 }], [1, 3]],
    ['nothing that another process runs, nor what is behind it', 'due', [claimed(7, NOW - 5), { ...ITEM, id: 2 }], []],
    ['what is before it', 'due', [ITEM, { ...claimed(7, NOW - 5), id: 2 }], [1]],
    ['what a process ran that was killed', 'due', [claimed(8, NOW - 5)], [1]],
    ['what a process has run for too long', 'due', [claimed(7, NOW - 601)], [1]],
  ];
  for (const [sentence, occasion, queue, ids] of rows) {
    const moment = { now: NOW, occasion, isRunning: (pid: number) => pid === 7 };
    t.strictSame(
      planQueueRun(queue, moment).map(({ id }) => id),
      ids,
      sentence,
    );
  }
});

t.test('what becomes of an attempt that failed', async (t) => {
  const item = { ...ITEM, attempts: 1 };
  t.strictSame(planOutcome(item, { ...failed, retry: 'later' }, NOW, 1), {
    status: 'waiting',
    attempts: 2,
    notBefore: NOW + 10,
    failure: failed,
  });
  t.match(planOutcome(item, { ...failed, retry: 'person' }, NOW, 1), { status: 'blocked', notBefore: null });
  t.match(planOutcome(item, { ...failed, retry: 'never' }, NOW, 1), { status: 'refused', notBefore: null });
});
