import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reachableFolder } from '../origin/with-origin.js';
import { type GeneratedArtifact, generateArtifacts, writeArtifacts } from './artifacts.js';
import { agent, git, settleDisk } from './commands.js';

/** Where measurements work: folders that are used once, and the artifacts that go into them. */
export class Workspace {
  readonly root = mkdtempSync(join(reachableFolder(), 'agent-sync-bench-'));
  readonly runs: number;
  readonly say: (line: string) => void;
  readonly #interrupted: AbortSignal;
  readonly #artifacts = new Map<number, readonly GeneratedArtifact[]>();
  #folders = 0;

  constructor(runs: number, interrupted: AbortSignal, say: (line: string) => void) {
    // PostgreSQL runs as another account where we are root, and has to get through.
    chmodSync(this.root, 0o711);
    this.runs = runs;
    this.#interrupted = interrupted;
    this.say = say;
  }

  /** A folder that was never used before. Throws after Ctrl-C, so that the bench ends. */
  fresh(): string {
    this.#interrupted.throwIfAborted();
    const folder = join(this.root, String(++this.#folders));
    mkdirSync(folder);
    return folder;
  }

  artifacts(count: number): readonly GeneratedArtifact[] {
    const artifacts = this.#artifacts.get(count) ?? generateArtifacts(count);
    this.#artifacts.set(count, artifacts);
    return artifacts;
  }

  /** A fresh project in a git repository, as most are, with `count` artifacts on disk and nothing in its store yet. */
  async project(count: number): Promise<string> {
    const cwd = this.fresh();
    await initGit(cwd);
    await agent(['sync', 'init'], { cwd });
    writeArtifacts(join(cwd, '.agent/cache'), this.artifacts(count));
    await settleDisk();
    return cwd;
  }

  /** A fresh git repository with the same files in its worktree and nothing committed yet. */
  async gitRepository(count: number): Promise<string> {
    const cwd = this.fresh();
    await initGit(cwd);
    writeArtifacts(cwd, this.artifacts(count));
    await settleDisk();
    return cwd;
  }

  /** The same as `project`, imported. */
  async importedProject(count: number): Promise<string> {
    const cwd = await this.project(count);
    await agent(['sync', 'import'], { cwd });
    return cwd;
  }

  /** The same, and pushed to an origin in a file: where most projects stand at most times. */
  async pushedProject(count: number): Promise<string> {
    const cwd = await this.importedProject(count);
    await agent(['sync', 'init', '--origin', `file:${this.fresh()}/origin.db`], { cwd });
    await agent(['sync', 'push'], { cwd });
    return cwd;
  }

  /** The same as `gitRepository`, committed. */
  async committedRepository(count: number): Promise<string> {
    const cwd = await this.gitRepository(count);
    await gitCommitAll(cwd);
    return cwd;
  }

  copy(folder: string): string {
    const copied = this.fresh();
    cpSync(folder, copied, { recursive: true, preserveTimestamps: true });
    return copied;
  }

  remove(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
  }

  close(): void {
    this.remove(this.root);
  }
}

async function initGit(cwd: string): Promise<void> {
  await git(['init', '-q', '-b', 'main'], { cwd });
  await git(['config', 'user.name', 'Bench'], { cwd });
  await git(['config', 'user.email', 'bench@example.org'], { cwd });
  // git would go on packing in the background, into the time of the next measurement.
  await git(['config', 'gc.auto', '0'], { cwd });
}

/** `git add` and `git commit` of everything; milliseconds of both. */
export async function gitCommitAll(cwd: string): Promise<number> {
  return (await git(['add', '-A'], { cwd })) + (await git(['commit', '-q', '-m', 'Import'], { cwd }));
}
