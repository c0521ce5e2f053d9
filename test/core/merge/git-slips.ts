import { listFiles } from '../../../lib/core/object/find-path.js';
import type { MemoryObjects } from '../memory-objects.js';
import type { MergeAnswer } from './merge-answer.js';

/**
 * Tells whether git's answer holds together. Where a directory rename leads into something that git has not looked at, or
 * below a file, git 2.39 loses files and names what is not there; with that there is nothing to agree.
 *
 * @param trees of ours, theirs and the merge bases
 */
export function isSound(
  git: ReturnType<MemoryObjects['repository']>,
  objects: MemoryObjects,
  trees: readonly string[],
  { tree, stages, messages }: MergeAnswer,
): boolean {
  const [result, ...inputs] = [resultFiles(git, tree), ...trees.map((input) => filesOf(objects, input))] as const;
  const [ours, ...others] = inputs as [Map<string, string>, ...Map<string, string>[]];
  const staged = stages.filter((entry) => !entry.includes(' 1\t')).map((entry) => entry.slice(entry.indexOf('\t') + 1));
  const all = new Set([...result.keys(), ...staged]);
  const isNull = (version: string) => version.startsWith('000000') || version.includes(` ${'0'.repeat(40)}`);
  const isToldOf = (path: string, by = messages) => by.some(({ paths }) => paths.includes(path));
  const isKept = (path: string, version: string) =>
    others.some((files) => files.get(path) !== version) || result.get(path) === version;
  const isMissed = (path: string) => others.every((files) => files.has(path)) && !result.has(path) && !isToldOf(path);
  const isAstray = ({ paths, text }: MergeAnswer['messages'][number]) =>
    /^Path updated|file location/.test(text) &&
    !result.has(paths[0]!) &&
    !isToldOf(
      paths[0]!,
      messages.filter((other) => /CONFLICT \((rename|file\/dir)/.test(other.text)),
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

function resultFiles(git: ReturnType<MemoryObjects['repository']>, tree: string): Map<string, string> {
  const entries = git(['ls-tree', '-rz', tree]).stdout.toString().split('\0').slice(0, -1);
  return new Map(
    entries.map((entry) => {
      const [mode, , oid, path] = entry.split(/[ \t]/, 3).concat(entry.slice(entry.indexOf('\t') + 1)) as string[];
      return [path!, `${mode} ${oid}`];
    }),
  );
}

function filesOf(objects: MemoryObjects, tree: string): Map<string, string> {
  return new Map([...listFiles(objects, tree)].map(({ path, mode, oid }) => [path, `${mode} ${oid}`]));
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}
