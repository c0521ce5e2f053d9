/** `node hostile-merge.js NAME`: merges one hostile triple in a process of its own, whose peak of memory is then the merge's. */
import { fileURLToPath } from 'node:url';
import type { Sides } from '../../lib/core/merge/combine.js';
import { mergeText } from '../../lib/core/merge/merge-text.js';
import { timed } from './measure.js';

/** What a process reports of its merge. */
export interface HostileResult {
  readonly milliseconds: number;
  /** The most memory that the process had, inputs included. */
  readonly megabytes: number;
}

/** Triples that ask much of a merge. */
export const HOSTILE: Readonly<Record<string, () => Sides<Buffer>>> = {
  '60,000 lines of three symbols': () => {
    const random = numbers(1);
    const symbols = Array.from({ length: 60_000 }, () => 'abc'[random(3)]!);
    return editedTwice(symbols, random, () => 'abc'[random(3)]!);
  },
  '40,000 lines, each about 60 times': () => {
    const random = numbers(2);
    const line = () => `line ${random(667)}`;
    return editedTwice(Array.from({ length: 40_000 }, line), random, line);
  },
  'a million lines': () => {
    const random = numbers(3);
    return editedTwice(
      Array.from({ length: 1_000_000 }, (_, i) => `line ${i}`),
      random,
      () => `new ${random(1_000_000)}`,
    );
  },
  'a million equal lines': () => {
    const random = numbers(4);
    return editedTwice(
      Array.from({ length: 1_000_000 }, () => 'same'),
      random,
      () => 'other',
    );
  },
  'a million lines, all of them rewritten on both sides': () => {
    const file = (side: string) => Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => `${side} ${i}\n`).join(''));
    return { base: file('base'), ours: file('ours'), theirs: file('theirs') };
  },
};

/** Both sides replace, add and remove a hundredth of the lines, each in other places. */
function editedTwice(lines: readonly string[], random: (below: number) => number, line: () => string): Sides<Buffer> {
  const edited = () =>
    lines.flatMap((old) => {
      if (random(100) > 0) return [old];
      return [[line()], [old, line()], []][random(3)]!;
    });
  const file = (of: readonly string[]) => Buffer.from(`${of.join('\n')}\n`);
  return { base: file(lines), ours: file(edited()), theirs: file(edited()) };
}

/** Park and Miller's generator: the same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 0x7fffffff;
    return state % below;
  };
}

async function main(name: string): Promise<void> {
  const { base, ours, theirs } = HOSTILE[name]!();
  const milliseconds = await timed(() => mergeText(base, ours, theirs));
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ milliseconds, megabytes } satisfies HostileResult));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]!);
