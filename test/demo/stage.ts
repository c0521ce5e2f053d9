import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** Longer lines, such as tokens, are cut. */
const WIDTH = 110;
const INDENT = '   ';

/** Where the demo is shown: a terminal, with colours if it has them, or plain text. */
export class Stage {
  readonly #out: Writable;
  readonly #coloured: boolean;
  #steps = 0;
  #commands = 0;
  #silent = false;

  constructor(out: Writable & { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#coloured = out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  }

  /** How many commands were shown. */
  get commands(): number {
    return this.#commands;
  }

  title(text: string): void {
    this.#print(this.#paint('bold', text));
  }

  /** Begins a step with a sentence about what happens and why. */
  step(sentence: string): void {
    this.#silent = false;
    this.#print(`\n${this.#paint(['bold', 'cyan'], `${++this.#steps}. ${sentence}`)}`);
  }

  /** A command, and who types it. Commands that print nothing stand together. */
  command(who: string, line: string): void {
    this.#commands++;
    const typed = this.#clip(line, INDENT.length + who.length + 3);
    if (!this.#silent) this.#print('');
    this.#print(`${INDENT}${this.#paint('yellow', who)} ${this.#paint('bold', `$ ${typed}`)}`);
    this.#silent = true;
  }

  /** What a command printed, or what a file says; at most `most` lines of it. */
  output(text: string, most = 12): void {
    this.#silent = false;
    const lines = text.trimEnd().split('\n');
    const shown = lines.length <= most + 1 ? lines : lines.slice(0, most);
    for (const line of shown) this.#print(`${INDENT}${this.#clip(line, INDENT.length)}`.trimEnd());
    if (shown.length < lines.length) {
      this.#print(`${INDENT}${this.#paint('dim', `(${lines.length - shown.length} more lines)`)}`);
    }
  }

  /** Somebody changes one line in an editor. */
  edit(who: string, path: string, from: string, to: string): void {
    this.#silent = false;
    this.#print(`\n${INDENT}${this.#paint('yellow', who)} edits ${path}`);
    this.#print(this.#paint('red', `${INDENT}- ${this.#clip(from, INDENT.length + 2)}`));
    this.#print(this.#paint('green', `${INDENT}+ ${this.#clip(to, INDENT.length + 2)}`));
  }

  success(text: string): void {
    this.#print(`\n${this.#paint(['bold', 'green'], text)}`);
  }

  failure(text: string): void {
    this.#print(`\n${this.#paint(['bold', 'red'], text)}`);
  }

  #print(text: string): void {
    this.#out.write(`${text}\n`);
  }

  #clip(line: string, used: number): string {
    const room = WIDTH - used;
    return line.length <= room ? line : `${line.slice(0, room - 3)}...`;
  }

  #paint(style: Parameters<typeof styleText>[0], text: string): string {
    return this.#coloured ? styleText(style, text) : text;
  }
}
