import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { ConflictStyle, Favor } from '../../../lib/core/merge/conflict-markers.js';
import { type MergeTextOptions, mergeText } from '../../../lib/core/merge/merge-text.js';
import { fuzz, random } from '../../fuzz.js';
import { type GitMerge, GitTexts } from './git-texts.js';
import { HOSTILE } from './hostile-texts.js';
import { type Triple, triples } from './random-texts.js';

const STYLES = ['merge', 'diff3', 'zdiff3'] as const;
const FAVORS = [undefined, 'ours', 'theirs', 'union'] as const;

/** Style and favour, as options of ours and as flags of `git merge-file`. */
function chosen(style: ConflictStyle, favor: Favor | undefined): { options: MergeTextOptions; flags: string[] } {
  const flags = [...(style === 'merge' ? [] : [`--${style}`]), ...(favor ? [`--${favor}`] : [])];
  return { options: { style, ...(favor && { favor }) }, flags };
}

/** Says which triples merge otherwise than git's answers say: in bytes, or in the number of conflicts up to `limit`. */
function differences(
  cases: readonly Triple[],
  git: readonly GitMerge[],
  limit: number,
  options: (i: number) => MergeTextOptions,
): object[] {
  return cases.flatMap((triple, i) => {
    const own = mergeText(triple.base, triple.ours, triple.theirs, options(i));
    const { bytes, conflicts } = git[i]!;
    const same = Math.min(own.conflicts, limit) === conflicts && bytes.equals(own.bytes);
    return same ? [] : [{ case: i, ...options(i), ...shown(triple), git: conflicts, own: own.conflicts }];
  });
}

function shown({ base, ours, theirs }: Triple): object {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString().slice(0, 2000);
  return { base: text(base), ours: text(ours), theirs: text(theirs) };
}

/** All styles and favours with `git merge`, one of each for every triple with `git merge-file`. */
function compareAll(t: Test, cases: readonly Triple[], pick: (limit: number) => number): void {
  const git = new GitTexts(t.testdir(), cases);
  const labels = { ours: 'ours', base: git.baseLabel, theirs: 'theirs' };
  for (const style of STYLES) {
    for (const favor of FAVORS) {
      const { options } = chosen(style, favor);
      const wrong = differences(cases, git.merge(style, favor), 1, () => ({ ...options, labels }));
      t.same(wrong, [], `git merge, style ${style}, favour ${favor ?? 'none'}`);
    }
  }
  const each = cases.map(() => chosen(STYLES[pick(3)]!, FAVORS[pick(4)]));
  const answers = git.mergeFile(each.map(({ flags }) => flags));
  const asMergeFile = { algorithm: 'myers', level: 'zealous-alnum' } as const;
  t.same(
    differences(cases, answers, 127, (i) => ({ ...each[i]!.options, ...asMergeFile })),
    [],
    'git merge-file',
  );
}

fuzz('random files merge as git says, in every style and favour', 1, async (t, seed) => {
  compareAll(t, fc.sample(triples, { numRuns: 300, seed }), random(seed));
});

t.test('hostile files merge as git says', async (t) => {
  const cases = Object.values(HOSTILE).map((make) => make(3000));
  compareAll(t, cases, random(1));
});
