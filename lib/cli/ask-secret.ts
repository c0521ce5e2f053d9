import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import { SyncError } from '../core/errors.js';
import type { AgentContext } from './context.js';
import { plain } from './output.js';

type Terminal = Pick<AgentContext, 'stdin' | 'stderr' | 'env' | 'signal'>;

/** What keys send while the terminal leaves showing and editing to us. */
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const ERASE = new Set(['\u007f', '\b']);
const ENTER = new Set(['\r', '\n']);

/**
 * Asks at the terminal for a line that is not shown while it is typed. The question goes to standard error, so that standard output
 * has the answer of the command only.
 *
 * @returns undefined where there is nobody to ask
 * @throws {SyncError} `ABORTED` at Ctrl-C, and at Ctrl-D
 * @see git(1), `GIT_TERMINAL_PROMPT`
 */
export function askSecret(terminal: Terminal, question: string): Promise<string | undefined> {
  return ask(terminal, question, () => {});
}

/** Asks at the terminal for a line that is shown while it is typed; otherwise as {@link askSecret}. */
export function askLine(terminal: Terminal, question: string): Promise<string | undefined> {
  return ask(terminal, question, (typed, erased) => terminal.stderr.write('\b \b'.repeat(erased) + plain(typed)));
}

async function ask(
  { stdin, stderr, env, signal }: Terminal,
  question: string,
  show: (typed: string, erased: number) => void,
): Promise<string | undefined> {
  if (stdin.isTTY !== true || stderr.isTTY !== true || env.GIT_TERMINAL_PROMPT === '0') return undefined;
  try {
    // Before the question: whoever answers it at once is not shown either.
    stdin.setRawMode?.(true);
    stderr.write(plain(question));
    return await readTyped(stdin, signal, show);
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function readTyped(
  stdin: Terminal['stdin'],
  signal: AbortSignal,
  show: (typed: string, erased: number) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let line: string[] = [];
    const leave = () => {
      stdin.off('data', read);
      stdin.off('end', give);
      signal.removeEventListener('abort', give);
    };
    const give = () => {
      leave();
      reject(new SyncError('ABORTED', 'interrupted while asking'));
    };
    const read = (chunk: Buffer) => {
      // What a terminal puts around pasted text, and what its arrow keys send.
      const typed = stripVTControlCharacters(decoder.write(chunk));
      for (const [index, key] of [...typed].entries()) {
        if (key === CTRL_C || key === CTRL_D) return give();
        if (ENTER.has(key)) {
          leave();
          // What was pasted behind the line answers the next question.
          const rest = [...typed].slice(index + 1).join('');
          if (rest !== '') stdin.unshift(Buffer.from(rest));
          return resolve(line.join(''));
        }
        if (ERASE.has(key)) show('', line.splice(-1).length);
        else if (key === CTRL_U) {
          show('', line.length);
          line = [];
        } else if (key >= ' ') {
          line.push(key);
          show(key, 0);
        }
      }
    };
    stdin.on('data', read);
    stdin.once('end', give);
    signal.addEventListener('abort', give, { once: true });
    stdin.resume();
  });
}
