import { sameVersion } from '../diff/join-trees.js';
import type { Conflict, ConflictKind, FileVersion, IdentifiedObject, ObjectReader } from '../ports.js';
import type { PathVersions } from './collect-paths.js';
import type { Sides } from './combine.js';
import type { MergeMessage } from './merge-message.js';
import { type BothVersions, isRegular, type MergeLabels, mergeVersions, sameType } from './merge-versions.js';

/** What a path comes to. */
export interface PathOutcome {
  /** The files that stand there afterwards, or under another name where that one is taken; none for a deletion. */
  readonly files: readonly { readonly path: string; readonly version: FileVersion }[];
  /** The contents, where lines were merged. */
  readonly blob?: IdentifiedObject;
  readonly conflicts: readonly Conflict[];
  readonly messages: readonly MergeMessage[];
}

/** What has to be known about the rest of the merge to resolve a path. */
export interface Surroundings extends MergeLabels {
  /** Whether a folder of this name has files in the result. */
  readonly folderInTheWay: boolean;
  /** Whether a name already stands for something, on any side or in the result. */
  readonly isTaken: (path: string) => boolean;
}

type Side = 'ours' | 'theirs';

/**
 * Decides what a path comes to, by what base and the two sides have there.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function resolvePath(objects: ObjectReader, versions: PathVersions, around: Surroundings): PathOutcome {
  const { path, base, ours, theirs } = versions;
  if (sameVersion(base, ours)) return keepOne(versions, theirs, false, around);
  if (sameVersion(base, theirs) || sameVersion(ours, theirs)) return keepOne(versions, ours, false, around);
  if (!ours || !theirs) return keepOne(versions, ours ?? theirs, true, around);
  return sameType(ours.mode, theirs.mode)
    ? mergeBoth(objects, path, { base, ours, theirs }, around)
    : separateTypes(path, { base, ours, theirs }, around);
}

/** Keeps one side's file, or its absence: where the other deleted it that is a conflict, and where a folder stands it has to move. */
function keepOne(
  { path, base, ours, theirs }: PathVersions,
  version: FileVersion | null,
  modifyDelete: boolean,
  { labels, folderInTheWay, isTaken }: Surroundings,
): PathOutcome {
  if (!version) return { files: [], conflicts: [], messages: [] };
  const side: Side = sameVersion(version, ours) ? 'ours' : 'theirs';
  const own = labels[side];
  const other = labels[side === 'ours' ? 'theirs' : 'ours'];
  const name = folderInTheWay ? nameAside(path, own, isTaken) : path;
  const messages: MergeMessage[] = [];
  if (folderInTheWay) {
    const text = `CONFLICT (file/directory): directory in the way of ${path} from ${own}; moving it to ${name} instead.`;
    messages.push({ paths: [name, path], type: 'CONFLICT (file/directory)', text });
  }
  if (modifyDelete) {
    const left = `Version ${own} of ${name} left in tree.`;
    const text = `CONFLICT (modify/delete): ${name} deleted in ${other} and modified in ${own}.  ${left}`;
    messages.push({ paths: [name], type: 'CONFLICT (modify/delete)', text });
  }
  const kind = folderInTheWay ? 'file/directory' : 'modify/delete';
  const message = conflictText(messages);
  return {
    files: [{ path: name, version }],
    conflicts: messages.length > 0 ? [{ path: name, kind, base, ours, theirs, message, hunks: [] }] : [],
    messages,
  };
}

function mergeBoth(objects: ObjectReader, path: string, versions: BothVersions, around: Surroundings): PathOutcome {
  const { version, blob, conflict, hunks, messages } = mergeVersions(objects, path, versions, around);
  return {
    files: [{ path, version }],
    ...(blob && { blob }),
    conflicts: conflict ? [{ path, kind: conflict, ...versions, message: conflictText(messages), hunks }] : [],
    messages,
  };
}

/** A file on one side and a link or submodule on the other cannot share a name: the file moves aside. */
function separateTypes(
  path: string,
  { base, ours, theirs }: BothVersions,
  { labels, isTaken }: Surroundings,
): PathOutcome {
  const moving: Side[] = isRegular(ours.mode) ? ['ours'] : isRegular(theirs.mode) ? ['theirs'] : ['ours', 'theirs'];
  const which = moving.length === 1 ? 'one' : 'both';
  const message = `CONFLICT (distinct types): ${path} had different types on each side; renamed ${which} of them so each can be recorded somewhere.`;
  const kind: ConflictKind = 'distinct types';
  const sides = { ours, theirs };
  const placed = (['ours', 'theirs'] as const).map((side) => {
    const version = sides[side];
    const stages: Sides<FileVersion | null> = {
      base: base && sameType(base.mode, version.mode) ? base : null,
      ours: side === 'ours' ? version : null,
      theirs: side === 'theirs' ? version : null,
    };
    return { path: moving.includes(side) ? nameAside(path, labels[side], isTaken) : path, version, stages };
  });
  return {
    files: placed,
    conflicts: placed.map((file) => ({ path: file.path, kind, ...file.stages, message, hunks: [] })),
    messages: [
      {
        paths: [path, ...placed.flatMap((file) => (file.path === path ? [] : file.path))],
        type: 'CONFLICT (distinct modes)',
        text: message,
      },
    ],
  };
}

/** What a person has to know of a conflict. */
function conflictText(messages: readonly MergeMessage[]): string {
  return messages.flatMap(({ text }) => (text.startsWith('CONFLICT') ? text : [])).join('\n');
}

/** A free name beside `path` that says whose file it is. */
function nameAside(path: string, label: string, isTaken: (path: string) => boolean): string {
  const stem = `${path}~${label.replaceAll('/', '_')}`;
  let name = stem;
  for (let i = 0; isTaken(name); i++) name = `${stem}_${i}`;
  return name;
}
