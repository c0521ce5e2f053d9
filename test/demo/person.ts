import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repoRoot } from '../paths.js';
import type { Stage } from './stage.js';

const AGENT = join(repoRoot, 'dist/bin/agent.js');
const CACHE = '.agent/cache';

/** How a command is expected to end. */
export interface Expectation {
  /** 0 unless given: `1` is git's "no", such as a conflict or a refused push. */
  readonly exit?: 0 | 1;
  /** The most lines of output to show. */
  readonly lines?: number;
}

/** Somebody at a shell, in a folder of their own: every command is run for real and shown with what it printed. */
export class Person {
  readonly name: string;
  readonly folder: string;
  readonly #stage: Stage;
  readonly #signal: AbortSignal | undefined;
  readonly #env: Record<string, string>;

  /** @param signal ends the command that runs */
  constructor(name: string, folder: string, stage: Stage, signal?: AbortSignal) {
    this.name = name;
    this.folder = folder;
    this.#stage = stage;
    this.#signal = signal;
    this.#env = { PATH: process.env.PATH ?? '', HOME: folder };
    mkdirSync(folder, { recursive: true });
  }

  /** Sets environment variables for the commands that follow. */
  export(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) {
      this.#env[name] = value;
      this.#stage.command(this.name, `export ${name}=${/[^\w.-]/.test(value) ? `'${value}'` : value}`);
    }
  }

  /**
   * Runs `agent` with these arguments.
   *
   * @returns what it printed to standard output
   * @throws {Error} when it ends in another way than expected
   */
  async agent(args: readonly string[], { exit = 0, lines }: Expectation = {}): Promise<string> {
    const line = ['agent', ...args].join(' ');
    this.#stage.command(this.name, line);
    const child = spawn(process.execPath, [AGENT, ...args], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C reaches the demo alone, which then ends the command and stops the origin.
      detached: true,
    });
    const interrupt = () => child.kill('SIGINT');
    this.#signal?.addEventListener('abort', interrupt);
    let answer = '';
    let shown = '';
    child.stdout.on('data', (chunk) => {
      answer += chunk;
      shown += chunk;
    });
    child.stderr.on('data', (chunk) => (shown += chunk));
    const [code] = await once(child, 'close');
    this.#signal?.removeEventListener('abort', interrupt);
    this.#stage.output(shown, lines);
    this.#signal?.throwIfAborted();
    if (code !== exit) throw new Error(`'${line}' of ${this.name} ended with exit code ${code} instead of ${exit}`);
    return answer;
  }

  /** Copies a folder of Markdown into `.agent/cache`. */
  copyIntoCache(folder: string, label: string): void {
    this.#stage.command(this.name, `cp -r ${label}/. ${CACHE}/`);
    cpSync(folder, join(this.folder, CACHE), { recursive: true });
  }

  /** Changes one line of an artifact in `.agent/cache`. */
  editLine(path: string, from: string, to: string): void {
    this.#stage.edit(this.name, `${CACHE}/${path}`, from, to);
    const lines = this.#read(path).split('\n');
    if (!lines.includes(from)) throw new Error(`${path} of ${this.name} has no line '${from}'`);
    this.#write(path, lines.map((line) => (line === from ? to : line)).join('\n'));
  }

  /** Shows the lines of a file from the first that starts with `from` to the next that starts with `to`. */
  showPart(path: string, from: string, to: string): void {
    this.#stage.command(this.name, `sed -n '/^${from}/,/^${to}/p' ${CACHE}/${path}`);
    const lines = this.#read(path).split('\n');
    const start = lines.findIndex((line) => line.startsWith(from));
    const end = lines.findIndex((line, i) => i > start && line.startsWith(to));
    if (start < 0 || end < 0) throw new Error(`${path} of ${this.name} has no part from '${from}' to '${to}'`);
    this.#stage.output(lines.slice(start, end + 1).join('\n'));
  }

  /** Puts one text in the place of the conflict in a file, markers and all. */
  replaceConflict(path: string, text: string): void {
    const before = this.#read(path);
    const [conflict] = /^<{7} .*^>{7} [^\n]*$/ms.exec(before) ?? [];
    if (conflict === undefined) throw new Error(`${path} of ${this.name} has no conflict markers`);
    this.#stage.edit(this.name, `${CACHE}/${path}`, 'all from <<<<<<< to >>>>>>>', text);
    this.#write(
      path,
      before.replace(conflict, () => text),
    );
  }

  /** Every Markdown file in `.agent/cache`, by path, with its text. */
  markdown(): Map<string, string> {
    const entries = readdirSync(join(this.folder, CACHE), { recursive: true, encoding: 'utf8' });
    const paths = entries.filter((path) => path.endsWith('.md')).sort();
    return new Map(paths.map((path) => [path, this.#read(path)]));
  }

  #read(path: string): string {
    return readFileSync(join(this.folder, CACHE, path), 'utf8');
  }

  #write(path: string, text: string): void {
    const file = join(this.folder, CACHE, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
