import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { SyncError } from '../core/errors.js';
import { equalBytes } from '../core/object/text.js';
import type { ExportBase, Worktree, WorktreeFile } from '../core/ports.js';
import { parseArtifactPath } from './artifact-path.js';
import { BASE_FILE, formatBase, parseBase } from './base.js';
import { describeKind, fileError } from './file-error.js';
import { lstat, pickStat } from './file-stat.js';
import { findFolder, makeFolder, syncFolder } from './folder.js';
import { readRegularFile } from './read-file.js';
import { removeFile } from './remove-file.js';
import { resolvePath } from './resolve-path.js';
import { scanWorktree } from './scan.js';
import { replaceFile } from './write-file.js';

/**
 * Opens the files of `.agent/cache`. Nothing is made on disk before the first write.
 *
 * @param root the folder, which itself may be reached by links
 */
export function openWorktree(root: string): Worktree {
  return new DiskWorktree(resolve(root));
}

class DiskWorktree implements Worktree {
  readonly root: string;
  /** Folders whose last changes may not have reached the disk. */
  readonly #unsynced = new Set<string>();

  constructor(root: string) {
    this.root = root;
  }

  scan() {
    return scanWorktree(this.root);
  }

  stat(path: string): WorktreeFile | undefined {
    const names = parseArtifactPath(path);
    const folder = findFolder(this.root, names.slice(0, -1));
    const stat = folder && lstat(`${folder}/${names.at(-1)}`);
    if (!stat || stat.isDirectory()) return undefined;
    if (!stat.isFile()) throw new SyncError('FILE_UNREADABLE', `cannot read '${path}': it ${describeKind(stat)}`);
    return { path, ...pickStat(stat) };
  }

  read(path: string): Uint8Array {
    const names = parseArtifactPath(path);
    const folder = findFolder(this.root, names.slice(0, -1));
    if (!folder) throw new SyncError('FILE_NOT_FOUND', `there is no file '${path}'`);
    return readRegularFile(`${folder}/${names.at(-1)}`, path);
  }

  write(path: string, bytes: Uint8Array): WorktreeFile {
    const names = parseArtifactPath(path);
    const folder = makeFolder(this.root, names.slice(0, -1));
    const stat = replaceFile(folder, names.at(-1)!, path, bytes);
    this.#unsynced.add(folder);
    return { path, ...stat };
  }

  remove(path: string): void {
    const folder = removeFile(this.root, parseArtifactPath(path));
    if (folder) this.#unsynced.add(folder);
  }

  resolvePath(userPath: string, cwd: string): string {
    return resolvePath(this.root, userPath, cwd);
  }

  readBase(): ExportBase | null {
    const bytes = this.#readBaseFile();
    return bytes && parseBase(bytes);
  }

  writeBase(base: ExportBase | null): void {
    // The base vouches for the files beside it: after a crash it must not be newer than they are.
    for (const folder of this.#unsynced) syncFolder(folder);
    this.#unsynced.clear();
    if (base) this.#writeBaseFile(formatBase(base));
    else this.#removeBaseFile();
  }

  #readBaseFile(): Uint8Array | null {
    try {
      return readRegularFile(`${this.root}/${BASE_FILE}`, BASE_FILE);
    } catch (error) {
      if (error instanceof SyncError && error.code === 'FILE_NOT_FOUND') return null;
      throw error;
    }
  }

  #writeBaseFile(bytes: Uint8Array): void {
    const before = this.#readBaseFile();
    if (before && equalBytes(before, bytes)) return;
    makeFolder(this.root, []);
    replaceFile(this.root, BASE_FILE, BASE_FILE, bytes);
    syncFolder(this.root);
  }

  #removeBaseFile(): void {
    try {
      rmSync(`${this.root}/${BASE_FILE}`, { force: true });
      syncFolder(this.root);
    } catch (cause) {
      throw fileError('FILE_UNWRITABLE', 'remove', BASE_FILE, cause);
    }
  }
}
