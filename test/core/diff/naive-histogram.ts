import { MyersDiff } from '../../../lib/core/diff/myers.js';

/**
 * Histogram diff as its rules are told, every region counted and scanned anew: the answer to which a faster one must come.
 *
 * @returns the flags of `a` and those of `b`, 1 for a line that the other file does not have
 */
export function naiveHistogram(a: Int32Array, b: Int32Array, distinct: number): [Uint8Array, Uint8Array] {
  const flags: [Uint8Array, Uint8Array] = [new Uint8Array(a.length), new Uint8Array(b.length)];
  const regions = [{ a0: 0, a1: a.length, b0: 0, b1: b.length }];
  for (let region = regions.pop(); region; region = regions.pop()) {
    const { a0, a1, b0, b1 } = region;
    const chains = new Map<number, number[]>();
    for (let i = a0; i < a1; i++) {
      const chain = chains.get(a[i]!) ?? [];
      chain.push(i);
      chains.set(a[i]!, chain);
    }
    const count = (i: number) => chains.get(a[i]!)!.length;
    let best: typeof region | undefined;
    let lowest = 65;
    let common = false;
    for (let j = b0, next = j; j < b1; j = next) {
      next = j + 1;
      const chain = chains.get(b[j]!) ?? [];
      common ||= chain.length > 0;
      if (chain.length > lowest) continue;
      let done = a0;
      for (const i of chain) {
        if (i < done) continue;
        let back = 0;
        while (i - back > a0 && j - back > b0 && a[i - back - 1] === b[j - back - 1]) back++;
        let ahead = 1;
        while (i + ahead < a1 && j + ahead < b1 && a[i + ahead] === b[j + ahead]) ahead++;
        let rarity = chain.length;
        for (let k = i - back; k < i + ahead && rarity > 1; k++) rarity = Math.min(rarity, count(k));
        if (back + ahead > (best ? best.a1 - best.a0 : 1) || rarity < lowest) {
          best = { a0: i - back, a1: i + ahead, b0: j - back, b1: j + ahead };
          lowest = rarity;
        }
        done = i + ahead;
        next = Math.max(next, j + ahead);
      }
    }
    if (common && lowest > 64) {
      const parts = [flags[0].subarray(a0, a1), flags[1].subarray(b0, b1)] as const;
      new MyersDiff(distinct).flag(a.subarray(a0, a1), b.subarray(b0, b1), ...parts);
    } else if (best) {
      regions.push({ a0, a1: best.a0, b0, b1: best.b0 }, { a0: best.a1, a1, b0: best.b1, b1 });
    } else {
      flags[0].fill(1, a0, a1);
      flags[1].fill(1, b0, b1);
    }
  }
  return flags;
}
