import { listFiles } from '../../../lib/core/object/find-path.js';
import type { MemoryObjects } from '../memory-objects.js';
import type { MergeAnswer } from './merge-answer.js';

/** Mode and id of files, by path. */
export type FileIds = ReadonlyMap<string, string>;

/**
 * Tells whether an answer holds together: no file is lost, none stands below another, and what messages name is there.
 *
 * Git 2.39's does not always, where a directory rename leads below a file, or into something that it has not looked at.
 *
 * @param result the files of the resulting tree
 * @param inputs those of ours, theirs and the merge bases
 */
export function isSound(
  { stages, messages }: MergeAnswer,
  result: FileIds,
  inputs: readonly [ours: FileIds, theirs: FileIds, ...bases: FileIds[]],
): boolean {
  const [ours, ...others] = inputs;
  const staged = stages.filter((entry) => !entry.includes(' 1\t')).map((entry) => entry.slice(entry.indexOf('\t') + 1));
  const all = new Set([...result.keys(), ...staged]);
  const isNull = (version: string) => version.startsWith('000000') || version.includes(` ${'0'.repeat(40)}`);
  const isToldOf = (path: string, by = messages) => by.some(({ paths }) => paths.includes(path));
  const isKept = (path: string, version: string) =>
    others.some((files) => files.get(path) !== version) || result.get(path) === version || isToldOf(path);
  const isMissed = (path: string) => others[0]!.has(path) && !result.has(path) && !isToldOf(path);
  const isAstray = (message: MergeAnswer['messages'][number]) =>
    /^Path updated|file location|involved in collision/.test(message.text) &&
    !result.has(message.paths[0]!) &&
    !isToldOf(
      message.paths[0]!,
      messages.filter((other) => other !== message && /CONFLICT \((rename|file\/dir|distinct)/.test(other.text)),
    );
  return (
    ![...stages, ...result.values()].some(isNull) &&
    staged.every((path) => result.has(path)) &&
    ![...all].some((path) => foldersOf(path).some((folder) => all.has(folder))) &&
    [...ours].every(([path, version]) => isKept(path, version)) &&
    ![...ours.keys()].some(isMissed) &&
    !messages.some(isAstray)
  );
}

/** Asks git for the files of a tree. */
export function filesInGit(git: ReturnType<MemoryObjects['repository']>, tree: string): FileIds {
  const entries = git(['ls-tree', '-rz', tree]).stdout.toString().split('\0').slice(0, -1);
  return new Map(
    entries.map((entry) => {
      const [mode, , oid] = entry.split(/[ \t]/, 3);
      return [entry.slice(entry.indexOf('\t') + 1), `${mode} ${oid}`];
    }),
  );
}

/** The files of a tree of ours. */
export function filesOf(objects: MemoryObjects, tree: string): FileIds {
  return new Map([...listFiles(objects, tree)].map(({ path, mode, oid }) => [path, `${mode} ${oid}`]));
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}
