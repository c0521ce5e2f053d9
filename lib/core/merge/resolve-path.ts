import { sameVersion } from '../diff/join-trees.js';
import type { ConflictHunk, FileVersion, IdentifiedObject } from '../ports.js';
import type { Sides } from './combine.js';
import type { MergeMessage } from './merge-message.js';
import type { MergePath } from './merge-paths.js';
import { type BothVersions, isRegular, type MergedVersion, sameType } from './merge-versions.js';
import { otherSide, type Side } from './side.js';

/** A path that stays unmerged, with what its stages are to hold. */
export interface UnmergedPath extends Sides<FileVersion | null> {
  readonly path: string;
  readonly hunks: readonly ConflictHunk[];
}

/** What a path comes to. */
export interface PathOutcome {
  /** The files that stand there afterwards, or under another name where that one is taken; none for a deletion. */
  readonly files: readonly { readonly path: string; readonly version: FileVersion }[];
  /** The contents, where lines were merged. */
  readonly blob?: IdentifiedObject;
  readonly unmerged: readonly UnmergedPath[];
  readonly messages: readonly MergeMessage[];
}

/** What has to be known about the rest of the merge to resolve a path. */
export interface Surroundings {
  readonly labels: Readonly<Record<Side, string>>;
  /** Whether the result is only to be the base of another merge: what is in conflict stays as it is in base. */
  readonly virtual: boolean;
  /** The side of the file, if a folder of its name has files in the result. */
  readonly folderInTheWayOf: Side | null;
  /** Whether that folder came whole from one side. */
  readonly wholeFolder: boolean;
  /** Whether a name already stands for something, on any side or in the result. */
  readonly isTaken: (path: string) => boolean;
  readonly merge: (path: string, versions: BothVersions, from: MergePath['from']) => MergedVersion;
}

const NOTHING: PathOutcome = { files: [], unmerged: [], messages: [] };

/**
 * Decides what a path comes to, by what base and the two sides have there.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function resolvePath(merged: MergePath, around: Surroundings): PathOutcome {
  const side = around.folderInTheWayOf;
  if (!side) return resolveAt(merged.path, merged, around);
  const isGone = resolveAt(merged.path, merged, around).files.length === 0;
  const { ours, theirs } = merged.versions;
  if (isGone && (around.wholeFolder || (!ours && !theirs))) return NOTHING;
  const label = around.labels[side];
  const path = nameAside(merged.path, label, around.isTaken);
  const text = `CONFLICT (file/directory): directory in the way of ${merged.path} from ${label}; moving it to ${path} instead.`;
  const moved: MergeMessage = {
    paths: [path, merged.path],
    type: 'CONFLICT (file/directory)',
    text,
    kind: 'file/directory',
  };
  // Git says so even of a file that is gone, if it came to look at it.
  const outcome = isGone ? NOTHING : resolveAt(path, merged, around);
  return { ...outcome, messages: [moved, ...outcome.messages] };
}

/** Resolves under the path's own name, or under the one to which a folder in its place drove it. */
function resolveAt(path: string, merged: MergePath, around: Surroundings): PathOutcome {
  const { versions, renamed, agreed, disputed } = merged;
  const { base, ours, theirs } = versions;
  if (!ours && !theirs)
    return disputed && base ? { ...NOTHING, unmerged: [{ path, ...versions, hunks: [] }] } : NOTHING;
  const isMoved = path !== merged.path;
  if (ours && theirs && !agreed) {
    const both = { base, ours, theirs };
    const settled = sameVersion(ours, theirs) || sameVersion(base, ours) || sameVersion(base, theirs);
    return (settled && !renamed) || sameType(ours.mode, theirs.mode)
      ? mergeBoth(path, merged, both, around)
      : separateTypes(path, both, around);
  }
  const version = (ours ?? theirs)!;
  if (!base || agreed) {
    const unmerged = disputed || isMoved ? [{ path, ...versions, hunks: [] }] : [];
    return { ...NOTHING, files: [{ path, version }], unmerged };
  }
  return !renamed && !disputed && sameVersion(base, version) ? NOTHING : keepModified(path, merged, around);
}

/** Keeps what one side changed and the other deleted. */
function keepModified(path: string, { versions, disputed }: MergePath, { labels, virtual }: Surroundings): PathOutcome {
  const { base, ours, theirs } = versions;
  const side: Side = ours ? 'ours' : 'theirs';
  const [own, other] = [labels[side], labels[otherSide(side)]];
  const version = (virtual ? base : (ours ?? theirs))!;
  const outcome = { files: [{ path, version }], unmerged: [{ path, ...versions, hunks: [] }] };
  // Whoever only renamed it has been told so.
  if (disputed && base?.oid === versions[side]?.oid) return { ...outcome, messages: [] };
  const text = `CONFLICT (modify/delete): ${path} deleted in ${other} and modified in ${own}.  Version ${own} of ${path} left in tree.`;
  return { ...outcome, messages: [{ paths: [path], type: 'CONFLICT (modify/delete)', text, kind: 'modify/delete' }] };
}

function mergeBoth(path: string, merged: MergePath, versions: BothVersions, around: Surroundings): PathOutcome {
  const { version, blob, conflict, hunks, messages } = around.merge(path, versions, merged.from);
  const side = around.folderInTheWayOf;
  const clean = !conflict && !merged.disputed && !side;
  const stages = side && !conflict ? { base: null, ours: null, theirs: null, [side]: version } : versions;
  return {
    files: version ? [{ path, version }] : [],
    ...(blob && { blob }),
    unmerged: clean ? [] : [{ path, ...stages, hunks }],
    messages: conflict ? [...messages, contentConflict(path, versions, conflict)] : messages,
  };
}

function contentConflict(
  path: string,
  { base, ours }: BothVersions,
  { kind, message }: NonNullable<MergedVersion['conflict']>,
): MergeMessage {
  if (message !== undefined) return { paths: [path], type: `CONFLICT (${kind})`, text: message, kind };
  const what = ours.mode === '160000' ? 'submodule' : base ? 'content' : 'add/add';
  const text = `CONFLICT (${what}): Merge conflict in ${path}`;
  return { paths: [path], type: 'CONFLICT (contents)', text, kind };
}

/** A file on one side and a link or submodule on the other cannot share a name: the file moves aside. */
function separateTypes(
  path: string,
  { base, ours, theirs }: BothVersions,
  { labels, virtual, isTaken }: Surroundings,
): PathOutcome {
  if (virtual) return base ? { ...NOTHING, files: [{ path, version: base }] } : NOTHING;
  const moving: Side[] = isRegular(ours.mode) ? ['ours'] : isRegular(theirs.mode) ? ['theirs'] : ['ours', 'theirs'];
  const which = moving.length === 1 ? 'one' : 'both';
  const text = `CONFLICT (distinct types): ${path} had different types on each side; renamed ${which} of them so each can be recorded somewhere.`;
  const sides = { ours, theirs };
  const files = (['ours', 'theirs'] as const).map((side) => {
    const version = sides[side];
    const stages = {
      base: base && sameType(base.mode, version.mode) ? base : null,
      ours: side === 'ours' ? version : null,
      theirs: side === 'theirs' ? version : null,
    };
    return { path: moving.includes(side) ? nameAside(path, labels[side], isTaken) : path, version, stages };
  });
  const paths = [path, ...files.flatMap((file) => (file.path === path ? [] : file.path))];
  return {
    files,
    unmerged: files.map((file) => ({ path: file.path, ...file.stages, hunks: [] })),
    messages: [{ paths, type: 'CONFLICT (distinct modes)', text, kind: 'distinct types' }],
  };
}

/** A free name beside `path` that says whose file it is. */
function nameAside(path: string, label: string, isTaken: (path: string) => boolean): string {
  const stem = `${path}~${label.replaceAll('/', '_')}`;
  let name = stem;
  for (let i = 0; isTaken(name); i++) name = `${stem}_${i}`;
  return name;
}
