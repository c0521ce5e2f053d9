/** Where a command is going to be killed: people's projects and their origin in one folder, which can be copied as a whole. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCommand } from '../../lib/cli/run.js';

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** The folder of one person. */
export class Person {
  constructor(
    readonly root: string,
    readonly env: Record<string, string>,
  ) {}

  /** Runs a command in this process. */
  async run(line: string, input = ''): Promise<Ran> {
    const argv = wordsOf(line);
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    stdin.end(input);
    const signal = new AbortController().signal;
    const context = { argv, cwd: this.root, env: this.env, stdin, stdout, stderr: stdout, signal, colorDepth: 1 };
    const code = await runCommand(argv, context);
    return { code, output: String(stdout.read() ?? '') };
  }

  /** Runs commands that have to succeed, or to end with the code that stands before the line, as in `1: sync pull`. */
  async does(...lines: readonly string[]): Promise<void> {
    for (const entry of lines) {
      const [, wanted = '0', line = ''] = /^(?:(\d+): )?(.*)$/.exec(entry)!;
      const { code, output } = await this.run(line);
      if (code !== Number(wanted)) throw new Error(`'agent ${line}' ended with ${code}:\n${output}`);
    }
  }

  /** A file below `.agent/cache`. */
  file(path: string): string {
    return join(this.root, '.agent/cache', path);
  }

  read(path: string): string {
    return readFileSync(this.file(path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.file(path)), { recursive: true });
    writeFileSync(this.file(path), text);
  }

  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`'${from}' is not in ${path}`);
    this.write(path, text.replace(from, to));
  }

  remove(path: string): void {
    rmSync(this.file(path));
  }
}

/** Everybody's folders, and the file that is their origin unless they have another. */
export class Stage {
  readonly ada: Person;
  readonly bob: Person;

  /** @param env what is known of an origin that is no file, by person */
  constructor(
    readonly folder: string,
    private readonly env: Readonly<Record<string, Record<string, string>>> = {},
  ) {
    this.ada = this.#person('ada');
    this.bob = this.#person('bob');
  }

  #person(name: string): Person {
    const root = join(this.folder, name);
    mkdirSync(root, { recursive: true });
    return new Person(root, { SUPABASE_USER: `${name} <${name}@example.org>`, HOME: root, ...this.env[name] });
  }
}

/** Words between spaces; what belongs together stands in quotes. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
}
