import type { FileMode } from '../../../lib/core/object/tree.js';

/** A file as `MemoryObjects` takes it. */
export type RandomFile = readonly [FileMode, string];

/** A commit, its parents by their place in the list. */
export interface RandomCommit {
  readonly files: Readonly<Record<string, RandomFile>>;
  readonly parents: readonly number[];
  readonly time: number;
}

/** A history whose last two commits are to be merged. */
export type RandomGraph = readonly RandomCommit[];

type Next = (limit: number) => number;
type Files = Map<string, RandomFile>;

// Few names, so that they meet again in other folders.
const NAMES = ['a', 'b', 'index', 'x.md', 'd', 'é'];
const FOLDERS = ['', 'd', 'd/e', 'e', 'e/f', 'p', 'p/d', 'x.md'];

/** Makes histories of a few commits: branches, merges, criss-cross merges, unrelated roots; clocks are not to be trusted. */
export function randomGraph(next: Next): RandomGraph {
  const graph: { files: Files; parents: number[]; time: number }[] = [];
  const add = (files: Files, parents: number[]) => graph.push({ files, parents, time: 1_700_000_000 + next(4) }) - 1;
  const grow = (parent: number, changes = 1 + next(3)) => add(change(next, graph[parent]!.files, changes), [parent]);
  const merge = (one: number, other: number) => {
    const files = new Map([...graph[one]!.files].filter(([path]) => next(8) > 0 || graph[other]!.files.has(path)));
    for (const [path, file] of graph[other]!.files) if (next(3) === 0) put(files, path, file);
    return add(next(2) === 0 ? files : change(next, files, 1), next(2) === 0 ? [one, other] : [other, one]);
  };

  let tips = [add(someFiles(next), [])];
  tips = [grow(tips[0]!), grow(tips[0]!)];
  if (next(12) === 0) tips[1] = add(change(next, graph[0]!.files, 2), []);
  for (let crossings = next(3); crossings > 0; crossings--) {
    if (next(3) === 0) tips.push(grow(tips[next(tips.length)]!));
    const [one, other] = [tips[next(tips.length)]!, tips[next(tips.length)]!];
    if (one !== other) tips = [merge(one, other), merge(other, one), ...tips.slice(0, next(2))];
  }
  const [ours, theirs] = [tips[0]!, tips[1]!];
  add(change(next, graph[ours]!.files, next(5)), [ours]);
  add(change(next, graph[theirs]!.files, next(5)), [theirs]);
  return graph.map(({ files, ...commit }) => ({ ...commit, files: Object.fromEntries(files) }));
}

function someFiles(next: Next): Files {
  const files: Files = new Map();
  for (let count = 2 + next(10); count > 0; count--) put(files, somePath(next), someFile(next, files));
  return files;
}

function somePath(next: Next): string {
  const folder = FOLDERS[next(FOLDERS.length)]!;
  const name = NAMES[next(NAMES.length)]!;
  return folder === '' ? name : `${folder}/${name}`;
}

function someFile(next: Next, files: Files): RandomFile {
  const known = [...files.values()];
  switch (next(16)) {
    case 0:
      return ['100644', ''];
    case 1:
      return ['100644', `\0${next(3)}`];
    case 2:
      return ['120000', `target${next(3)}`];
    case 3:
      return ['160000', String(1 + next(3)).repeat(40)];
    case 4:
    case 5:
      // The same as another, or like it.
      if (known.length > 0) return edit(next, known[next(known.length)]!, next(3));
  }
  const topic = next(1000);
  return ['100644', Array.from({ length: 3 + next(12) }, (_, i) => `${topic} line ${i}\n`).join('')];
}

/** Puts a file in a place, and takes away what cannot stay beside it. */
function put(files: Files, path: string, file: RandomFile): void {
  for (const other of files.keys()) {
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other);
  }
  files.set(path, file);
}

function edit(next: Next, [mode, contents]: RandomFile, edits: number): RandomFile {
  if (mode === '120000') return [mode, edits > 0 ? `target${next(5)}` : contents];
  if (mode === '160000') return [mode, edits > 0 ? String(1 + next(5)).repeat(40) : contents];
  const lines = contents.split('\n');
  for (let i = 0; i < edits; i++) {
    const at = next(lines.length);
    if (next(4) === 0) lines.splice(at, 1);
    else if (next(3) === 0) lines.splice(at, 0, `inserted ${next(3)}`);
    else lines[at] = `edited ${next(3)}`;
  }
  return [mode, lines.join('\n')];
}

function change(next: Next, before: Files, changes: number): Files {
  const files = new Map(before);
  for (let i = 0; i < changes; i++) changeOnce(next, files);
  return files;
}

function changeOnce(next: Next, files: Files): void {
  const paths = [...files.keys()];
  const path = paths[next(paths.length)];
  if (path === undefined) {
    put(files, somePath(next), someFile(next, files));
    return;
  }
  const file = files.get(path)!;
  switch (next(12)) {
    case 0:
    case 1:
    case 2:
      files.set(path, edit(next, file, 1 + next(3)));
      return;
    case 3:
    case 4:
      put(files, somePath(next), someFile(next, files));
      return;
    case 5:
      files.delete(path);
      return;
    case 6:
    case 7:
      files.delete(path);
      put(files, somePath(next), edit(next, file, next(4)));
      return;
    case 8:
    case 9:
      moveFolder(next, files, folderOf(path));
      return;
    case 10:
      if (file[0].startsWith('100')) files.set(path, [file[0] === '100644' ? '100755' : '100644', file[1]]);
      return;
    case 11:
      // What was a file becomes a folder, a link or a submodule.
      if (next(2) === 0) put(files, `${path}/${NAMES[next(NAMES.length)]}`, edit(next, file, next(2)));
      else files.set(path, next(2) === 0 ? ['120000', `target${next(3)}`] : ['160000', '4'.repeat(40)]);
  }
}

/** Moves all of a folder, or what is left of it after a few went elsewhere, stayed, or changed on the way. */
function moveFolder(next: Next, files: Files, folder: string): void {
  if (folder === '') return;
  const [target, other] = [FOLDERS[next(FOLDERS.length)]!, FOLDERS[next(FOLDERS.length)]!];
  const careless = next(3);
  for (const [path, file] of [...files]) {
    if (!path.startsWith(`${folder}/`) || (careless === 0 && next(4) === 0)) continue;
    const rest = path.slice(folder.length + 1);
    const into = careless === 1 && next(3) === 0 ? other : target;
    files.delete(path);
    put(files, into === '' ? rest : `${into}/${rest}`, next(4) === 0 ? edit(next, file, 1) : file);
  }
}

function folderOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  return folders.join('/');
}
