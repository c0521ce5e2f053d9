import type { Rename } from '../diff/find-renames.js';
import { compareUtf8 } from '../object/text.js';
import type { MergeMessage } from './merge-message.js';
import type { MergePath, MergePaths } from './merge-paths.js';
import { type BothVersions, isRegular, type MergedVersion } from './merge-versions.js';
import { otherSide, SIDES, type Side } from './side.js';

/** What following renames needs to know of the merge. */
export interface RenameContext {
  readonly labels: Readonly<Record<Side, string>>;
  /** Merges the contents that meet at a path with others, with markers of another length. */
  readonly merge: (path: string, versions: BothVersions, from: MergePath['from']) => MergedVersion;
}

/**
 * Brings the versions of each renamed file together at its new path.
 *
 * @param paths is changed
 * @returns what there is to tell, in git's order
 */
export function followRenames(
  paths: MergePaths,
  renames: Readonly<Record<Side, readonly Rename[]>>,
  context: RenameContext,
): MergeMessage[] {
  const targets = { ours: targetsOf(renames.ours), theirs: targetsOf(renames.theirs) };
  const sources = [...new Set([...targets.ours.keys(), ...targets.theirs.keys()])].sort(compareUtf8);
  return sources.flatMap((source) => {
    const ours = targets.ours.get(source);
    const theirs = targets.theirs.get(source);
    if (ours !== undefined && theirs !== undefined) {
      return ours === theirs
        ? renamedAlike(paths, source, ours)
        : renamedApart(paths, source, { ours, theirs }, context);
    }
    return ours === undefined
      ? renamedByOne(paths, source, 'theirs', theirs!, context)
      : renamedByOne(paths, source, 'ours', ours, context);
  });
}

function targetsOf(renames: readonly Rename[]): Map<string, string> {
  return new Map(renames.map(({ from, to }) => [from, to]));
}

function renamedAlike(paths: MergePaths, source: string, target: string): MergeMessage[] {
  paths.change(target, { versions: { base: paths.before(source).base }, renamed: true });
  paths.change(source, { versions: { base: null } });
  return [];
}

/** Both new names keep the merged contents, for a person to choose from. */
function renamedApart(
  paths: MergePaths,
  source: string,
  target: Readonly<Record<Side, string>>,
  { labels, merge }: RenameContext,
): MergeMessage[] {
  const base = paths.before(source).base!;
  const ours = paths.get(target.ours).versions.ours!;
  const theirs = paths.get(target.theirs).versions.theirs!;
  const merged = merge(source, { base, ours, theirs }, { base: source, ...target });
  paths.change(source, { disputed: true });
  for (const side of SIDES) {
    // What could not be merged at all leaves each side with its own.
    const keepsOwn = merged.conflict && !merged.blob && side === 'theirs';
    paths.change(target[side], { versions: keepsOwn ? {} : { [side]: merged.version }, disputed: true });
  }
  const text = `CONFLICT (rename/rename): ${source} renamed to ${target.ours} in ${labels.ours} and to ${target.theirs} in ${labels.theirs}.`;
  return [
    ...merged.messages,
    { paths: [source, target.ours, target.theirs], type: 'CONFLICT (rename/rename)', text, kind: 'rename/rename' },
  ];
}

function renamedByOne(
  paths: MergePaths,
  source: string,
  side: Side,
  target: string,
  { labels, merge }: RenameContext,
): MergeMessage[] {
  const other = otherSide(side);
  const { base, [other]: left } = paths.before(source);
  const renamed = paths.get(target).versions[side]!;
  // If the other side put something else in the old place, or a directory rename did, that stays there, and counts as new.
  const isOther = left !== null && isRegular(left.mode) !== isRegular(renamed.mode);
  if (isOther) {
    paths.change(target, { versions: { base }, from: { base: source }, renamed: true });
    paths.change(source, { versions: { base: null } });
    return [];
  }
  const stays = paths.get(source).versions[other] !== left;
  paths.change(source, { versions: { base: null, ...(!stays && { [other]: null }) } });
  const collides = paths.get(target).versions[other] !== null;
  if (!left) {
    const origin = collides ? {} : { versions: { base }, from: { base: source } };
    paths.change(target, { ...origin, renamed: true, disputed: true });
    const text = `CONFLICT (rename/delete): ${source} renamed to ${target} in ${labels[side]}, but deleted in ${labels[other]}.`;
    return [{ paths: [target, source], type: 'CONFLICT (rename/delete)', text, kind: 'rename/delete' }];
  }
  if (!collides) {
    const versions = { base, [other]: left };
    paths.change(target, { versions, from: { base: source, [other]: source }, renamed: true });
    return [];
  }
  const versions = { base, [side]: renamed, [other]: left } as unknown as BothVersions;
  const from = { base: source, [side]: target, [other]: source } as unknown as MergePath['from'];
  const merged = merge(source, versions, from);
  paths.change(target, { versions: { [side]: merged.version } });
  if (!merged.conflict) return [...merged.messages];
  const text = `CONFLICT (rename involved in collision): rename of ${source} -> ${target} has content conflicts AND collides with another path; this may result in nested conflict markers.`;
  const type = 'CONFLICT (rename involved in collision)';
  return [...merged.messages, { paths: [target, source], type, text, kind: 'rename involved in collision' }];
}
