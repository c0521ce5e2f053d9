// Bundled by itself (bin/bundle.mjs), so that only a walk loads the prompt library: nothing else of ours may be imported here.
import expand from '@inquirer/expand';
import type { AgentContext } from '../context.js';

/** A lower-case letter or a digit; `h` lists the choices. */
export type Key = Exclude<NonNullable<Parameters<typeof expand>[0]['default']>, 'h'>;

/** An answer that a key stands for. */
export interface KeyChoice<K extends Key> {
  readonly key: K;
  readonly name: string;
}

/** The library's types know of letters and digits only, but it takes any key. */
const HELP = '?' as Key;

/**
 * Asks for one of several keys, followed by Enter; `?` and `h` list them.
 *
 * @returns the key; undefined when the person interrupted it, with Ctrl-C, Ctrl-D or a signal
 */
export async function askKey<K extends Key>(
  { stdin, stdout, signal }: Pick<AgentContext, 'stdin' | 'stdout' | 'signal'>,
  message: string,
  choices: readonly KeyChoice<K>[],
): Promise<K | undefined> {
  const listed = [...choices, { key: HELP, name: 'list these' }].map((choice) => ({ ...choice, value: choice.key }));
  try {
    for (let expanded = false; ; expanded = true) {
      const closed = new AbortController();
      // At Ctrl-D readline closes and lets go of its input; the library would wait for ever, with nothing to keep Node alive.
      stdin.once('pause', () => closed.abort());
      const place = { input: stdin, output: stdout, signal: AbortSignal.any([signal, closed.signal]) };
      const key = await expand({ message, choices: listed, expanded }, place);
      if (key !== HELP) return key as K;
    }
  } catch (error) {
    if (error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name)) return undefined;
    throw error;
  }
}
