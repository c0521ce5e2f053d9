import type { Rename } from '../diff/find-renames.js';
import { foldersAbove } from '../diff/rename-directory.js';
import type { DirectoryRenames } from './directory-renames.js';
import type { MergeMessage } from './merge-message.js';
import type { MergePath, MergePaths } from './merge-paths.js';
import { otherSide, type Side } from './side.js';

/** What following directories needs to know of the merge. */
export interface DirectoryContext {
  readonly labels: Readonly<Record<Side, string>>;
  /** Whether a file that follows is a conflict, to be looked at, or just follows. */
  readonly suggest: boolean;
  /** The directories that each side renamed. */
  readonly renamed: Readonly<Record<Side, DirectoryRenames>>;
  /** The new files of each side that are to follow the other's directories. */
  readonly followers: Readonly<Record<Side, Followers>>;
  /** Whether a side has a file or folder in a place. */
  readonly isTaken: (side: Side, path: string) => boolean;
  /** What the trees have in a place. */
  readonly filesAt: (path: string) => MergePath['versions'];
}

/** What following directories came to. */
export interface FollowedDirectories {
  /** The side's renames, with the places where they lead now. */
  readonly renames: readonly Rename[];
  readonly messages: readonly MergeMessage[];
  /** False if a file should have followed and could not. */
  readonly clean: boolean;
}

/** New files of one side by where they are to go, each with the directory above it that was renamed. */
export type Followers = ReadonlyMap<string, readonly { readonly path: string; readonly directory: string }[]>;

/** Lists the new files of a side that are in directories which the other side renamed. */
export function listFollowers(paths: MergePaths, side: Side, renamed: DirectoryRenames): Followers {
  const followers = new Map<string, { path: string; directory: string }[]>();
  if (renamed.size === 0) return followers;
  for (const { path, versions } of paths.values()) {
    if (versions.base || !versions[side]) continue;
    const directory = foldersAbove(path).find((folder) => renamed.has(folder));
    if (directory === undefined) continue;
    const target = moveBelow(path, directory, renamed.get(directory)!);
    followers.set(target, [...(followers.get(target) ?? []), { path, directory }]);
  }
  return followers;
}

/**
 * Moves what one side added, or renamed into, a directory that the other side renamed, to that directory's new place.
 *
 * @param paths is changed
 * @see git-merge(1), `merge.directoryRenames`
 */
export function followDirectories(
  paths: MergePaths,
  side: Side,
  renames: readonly Rename[],
  context: DirectoryContext,
): FollowedDirectories {
  const { labels, suggest, renamed, followers, isTaken, filesAt } = context;
  const other = otherSide(side);
  const sources = new Map(renames.map(({ from, to }) => [to, from]));
  const messages: MergeMessage[] = [];
  const moved = new Map<string, string>();
  let clean = true;
  for (const [target, wanting] of followers[side]) {
    const free = wanting.filter(({ path, directory }) => {
      // What the other side's files are to become stays, so that they meet.
      if (followers[other].has(path)) return false;
      const again = renamed[other].get(directory)!;
      if (!renamed[side].has(again)) return true;
      messages.push(skipped(path, directory, again));
      return false;
    });
    if (free.length === 0) continue;
    const all = wanting.map(({ path }) => path);
    if (isTaken(side, target)) messages.push(inTheWay(target, all));
    else if (all.length > 1) messages.push(tooMany(target, all));
    if (isTaken(side, target) || all.length > 1) {
      clean = false;
      continue;
    }
    const [path] = all as [string];
    const from = sources.get(path);
    const what =
      from === undefined ? `${path} added in ${labels[side]}` : `${from} renamed to ${path} in ${labels[side]},`;
    const where = `${what} inside a directory that was renamed in ${labels[other]}`;
    messages.push(suggest ? suggested(path, target, where) : updated(path, target, where));
    const { versions } = paths.get(path);
    paths.change(path, { versions: { [side]: null } });
    paths.change(target, {
      versions: { [side]: versions[side] },
      from: { [side]: path },
      ...(suggest && { disputed: true }),
    });
    // A file that nobody changed now has to make room.
    for (const folder of foldersAbove(target))
      if (!paths.has(folder)) paths.change(folder, { versions: filesAt(folder) });
    moved.set(path, target);
  }
  return { renames: renames.map((rename) => ({ ...rename, to: moved.get(rename.to) ?? rename.to })), messages, clean };
}

/** The path that a file has once the directory above it has another name; empty for the root. */
function moveBelow(path: string, before: string, after: string): string {
  const rest = path.slice(before.length + 1);
  return after === '' ? rest : `${after}/${rest}`;
}

function suggested(path: string, target: string, where: string): MergeMessage {
  return {
    paths: [target, path],
    type: 'CONFLICT (directory rename suggested)',
    text: `CONFLICT (file location): ${where}, suggesting it should perhaps be moved to ${target}.`,
    kind: 'directory rename suggested',
  };
}

function updated(path: string, target: string, where: string): MergeMessage {
  return {
    paths: [target, path],
    type: 'Path updated due to directory rename',
    text: `Path updated: ${where}; moving it to ${target}.`,
  };
}

function skipped(path: string, directory: string, again: string): MergeMessage {
  return {
    paths: [directory, path, again],
    type: 'Directory rename skipped since directory was renamed on both sides',
    text: `WARNING: Avoiding applying ${directory} -> ${again} rename to ${path}, because ${again} itself was renamed.`,
  };
}

function inTheWay(target: string, paths: readonly string[]): MergeMessage {
  return {
    paths: [target, ...paths],
    type: 'CONFLICT (file in way of directory rename)',
    text: `CONFLICT (implicit dir rename): Existing file/dir at ${target} in the way of implicit directory rename(s) putting the following path(s) there: ${paths.join(', ')}.`,
  };
}

function tooMany(target: string, paths: readonly string[]): MergeMessage {
  return {
    paths: [target, ...paths],
    type: 'CONFLICT(directory rename collision)',
    text: `CONFLICT (implicit dir rename): Cannot map more than one path to ${target}; implicit directory renames tried to put these paths there: ${paths.join(', ')}`,
  };
}
