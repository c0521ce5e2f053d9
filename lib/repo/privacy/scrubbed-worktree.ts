import type { ExportBase, Worktree, WorktreeFile, WorktreeScan } from '../../core/ports.js';
import type { Gate } from './gate.js';

/** Files on disk whose contents pass the gate when they are read; what is on disk stays as people wrote it. */
export class ScrubbedWorktree implements Worktree {
  readonly root: string;
  readonly #worktree: Worktree;
  readonly #gate: Gate;

  constructor(worktree: Worktree, gate: Gate) {
    this.root = worktree.root;
    this.#worktree = worktree;
    this.#gate = gate;
  }

  scan(): WorktreeScan {
    return this.#worktree.scan();
  }

  stat(path: string): WorktreeFile | undefined {
    return this.#worktree.stat(path);
  }

  read(path: string): Uint8Array {
    return this.#gate.clean(path, this.#worktree.read(path));
  }

  write(path: string, bytes: Uint8Array): WorktreeFile {
    return this.#worktree.write(path, bytes);
  }

  remove(path: string): void {
    this.#worktree.remove(path);
  }

  resolvePath(userPath: string, cwd: string): string {
    return this.#worktree.resolvePath(userPath, cwd);
  }

  readBase(): ExportBase | null {
    return this.#worktree.readBase();
  }

  writeBase(base: ExportBase | null): void {
    this.#worktree.writeBase(base);
  }
}
