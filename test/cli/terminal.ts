import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Test } from 'tap';
import { repoRoot } from '../paths.js';

const PATIENCE = 30_000;
const PROGRAM = join(repoRoot, 'dist/bin/agent.js');

/** A command of `agent` on a pseudo-terminal, which script(1) makes, and somebody who reads and types there. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #output = '';
  /** Up to where the output was read. */
  #read = 0;
  #isEnded = false;
  #wake: () => void = () => {};

  /** @param line what follows `agent` on the command line */
  constructor(t: Test, line: string, { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> }) {
    const command = `stty cols 120 rows 40; exec '${process.execPath}' '${PROGRAM}' ${line}`;
    this.#child = spawn('script', ['-qfec', command, '/dev/null'], {
      cwd,
      env: { PATH: process.env.PATH!, HOME: cwd, TMPDIR: cwd, SHELL: '/bin/sh', TERM: 'xterm-256color', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#wake();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        this.#isEnded = true;
        this.#wake();
        resolve(code ?? -1);
      });
    });
    t.teardown(() => this.#child.kill());
  }

  /** Reads on until a text has come, and answers what was read. A command that never prints it fails the test after a while. */
  async sees(text: string): Promise<string> {
    const patience = setTimeout(() => this.#child.kill(), PATIENCE);
    try {
      return await this.#readTo(text);
    } finally {
      clearTimeout(patience);
    }
  }

  async #readTo(text: string): Promise<string> {
    for (;;) {
      const unread = stripVTControlCharacters(this.#output).slice(this.#read);
      const at = unread.indexOf(text);
      if (at >= 0) {
        this.#read += at + text.length;
        return unread.slice(0, at + text.length);
      }
      if (this.#isEnded) throw new Error(`'${text}' never came; what came was:\n${unread}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Types keys, once `prompt` is there. */
  async answers(prompt: string, keys: string): Promise<void> {
    await this.sees(prompt);
    this.types(keys);
  }

  /** All that has been shown. */
  get output(): string {
    return this.#output;
  }

  /** Types keys at once. */
  types(keys: string): void {
    this.#child.stdin!.write(keys);
  }

  /** Reads to the end, and answers the exit code. */
  async ends(): Promise<{ readonly code: number; readonly rest: string }> {
    const code = await this.#ended;
    return { code, rest: stripVTControlCharacters(this.#output).slice(this.#read).replaceAll('\r\n', '\n') };
  }
}
