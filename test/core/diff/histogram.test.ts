import { HistogramDiff } from '../../../lib/core/diff/histogram.js';
import { fuzz, random } from '../../fuzz.js';
import { naiveHistogram } from './naive-histogram.js';

type Numbers = (limit: number) => number;

/**
 * Ids of two long files that histogram diff splits often: lines that occur once or a few times, and between them runs of
 * a few very frequent ones, longer or shorter in each file, so that they lie across the ends of regions.
 */
function randomFiles(next: Numbers): [Int32Array, Int32Array] {
  const lines = 600 + next(1400);
  const longest = 1 + next(160);
  const [frequent, lost] = [1 + next(4), next(60)];
  let fresh = frequent;
  const rare = Array.from({ length: 1 + (2 * lines) / longest }, () => (next(5) ? fresh++ : frequent + next(20)));
  const [a, b] = [0, 1].map(() => {
    const order = [...rare];
    for (let swaps = next(rare.length); swaps > 0; swaps--) {
      const at = next(order.length - 1);
      order.splice(at, 2, order[at + 1]!, order[at]!);
    }
    const file: number[] = [];
    for (const line of order) {
      for (let run = next(longest + 1); run > 0; run--) file.push(next(40) ? 0 : next(frequent));
      file.push(next(100) < lost ? fresh++ : line);
    }
    return Int32Array.from(file);
  });
  return next(4) ? [a!, b!] : [a!, halved(a!, fresh)];
}

/** Every other line new. */
function halved(file: Int32Array, fresh: number): Int32Array {
  return file.map((line, at) => (at % 2 ? line : fresh + at));
}

fuzz('what is remembered of a region is what a new scan of it finds', 1, async (t, seed) => {
  const next = random(seed);
  for (let i = 0; i < 300; i++) {
    const [a, b] = randomFiles(next);
    const distinct = 1 + Math.max(...a, ...b);
    const flags = [new Uint8Array(a.length), new Uint8Array(b.length)] as const;
    new HistogramDiff(distinct).flag(a, b, ...flags);
    const expected = naiveHistogram(a, b, distinct);
    if (!flags.every((side, k) => Buffer.compare(side, expected[k]!) === 0))
      t.fail(`case ${i}, of ${a.length} and ${b.length} lines`);
  }
  t.ok(t.passing());
});
