import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { repoRoot } from '../paths.js';

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const PROGRAM = join(repoRoot, 'dist/bin/agent.js');

/** A folder in which command lines run as somebody types them, with the built `agent`. */
export class Shell {
  readonly folder: string;
  /** The command as a script can have it. */
  readonly agent = `${quote(process.execPath)} ${quote(PROGRAM)}`;
  readonly #env: Record<string, string>;

  /** @param folder a new one when left out, removed after the test */
  constructor(t: Test, { folder, env = {} }: { readonly folder?: string; readonly env?: Record<string, string> } = {}) {
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'agent-cli-'));
    if (!folder) t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
    this.#env = { PATH: process.env.PATH!, HOME: this.folder, TMPDIR: this.folder, TZ: 'UTC', ...env };
  }

  /** Runs a line of shell; `agent` is ours. */
  run(line: string, env: Record<string, string> = {}): Promise<Ran> {
    const script = `agent() { ${this.agent} "$@"; }\n${line}`;
    const options = { cwd: this.folder, env: { ...this.#env, ...env }, maxBuffer: 2 ** 26 };
    return new Promise((resolve) => {
      const child = execFile('bash', ['-c', script], options, (error, out, err) => {
        resolve({ code: error ? Number(error.code) : 0, out, err });
      });
      child.stdin!.end();
    });
  }

  /** A path in the folder. */
  path(...names: string[]): string {
    return join(this.folder, ...names);
  }
}

/** Runs the rows of a table, some at a time, and then checks each. */
export async function runAll<Row extends { readonly line: string }>(
  shell: Shell,
  rows: readonly Row[],
  check: (row: Row, ran: Ran) => void,
): Promise<void> {
  for (let i = 0; i < rows.length; i += 4) {
    const some = rows.slice(i, i + 4);
    const ran = await Promise.all(some.map(({ line }) => shell.run(line)));
    some.forEach((row, j) => {
      check(row, ran[j]!);
    });
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
