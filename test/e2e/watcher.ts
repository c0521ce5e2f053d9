import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { repoRoot } from '../paths.js';
import type { Developer } from './developer.js';

/** One line of `agent sync watch --json`. */
export interface WatchLine {
  readonly type?: string;
  readonly [name: string]: unknown;
}

/** A process that runs `agent sync watch --json` in a developer's folder. */
export class Watcher {
  readonly process: ChildProcess;
  /** When a line was read, by `performance.now()`. */
  at = 0;
  readonly #lines: AsyncIterator<string>;
  readonly #exit: Promise<[number | null, string | null]>;
  #err = '';

  constructor(t: Test | undefined, who: Developer, ...options: string[]) {
    const env = { PATH: process.env.PATH, HOME: who.root, ...who.env };
    const args = [join(repoRoot, 'dist/bin/agent.js'), 'sync', 'watch', '--json', ...options];
    this.process = spawn(process.execPath, args, { cwd: who.root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#lines = createInterface(this.process.stdout!)[Symbol.asyncIterator]();
    this.process.stderr!.on('data', (data) => {
      this.#err += String(data);
      this.process.emit('told');
    });
    this.#exit = once(this.process, 'exit') as Promise<[number | null, string | null]>;
    t?.teardown(() => this.process.kill('SIGKILL'));
  }

  /** The next document, of a type if one is given; others are passed over. */
  async next(type?: string): Promise<WatchLine> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the watch ended before '${type ?? 'anything'}': ${this.#err}`);
      this.at = performance.now();
      const line = JSON.parse(value) as WatchLine;
      if (type === undefined || line.type === type) return line;
    }
  }

  /** Waits until the origin tells it of moves. */
  async live(): Promise<void> {
    while ((await this.next('online')).live !== true);
  }

  /** Waits until something stands on standard error. */
  async said(text: string): Promise<void> {
    while (!this.#err.includes(text)) await once(this.process, 'told');
  }

  /** Waits for its end. */
  async ended(): Promise<{ code: number | null; err: string }> {
    const [code] = await this.#exit;
    return { code, err: this.#err };
  }

  /** Ends it as Ctrl-C does. */
  async interrupt(): Promise<{ code: number | null; err: string }> {
    this.process.kill('SIGINT');
    return this.ended();
  }
}
