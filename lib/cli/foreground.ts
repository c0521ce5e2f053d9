import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ORIGIN_DEFAULTS } from '../config/config-defaults.js';
import type { AgentContext } from './context.js';

/** What lets somebody in at the origin, by the names that it has unless sync.yaml says others: an editor needs none of it. */
const SECRETS = ['AGENT_SYNC_PASSPHRASE', ORIGIN_DEFAULTS.keyEnv, ORIGIN_DEFAULTS.tokenEnv];

/**
 * Runs a program that has the terminal to itself until it ends; where standard output is none, only our answer goes there. Its
 * environment is ours without passphrase, key and token.
 *
 * @returns 0, or what to say of how it ended otherwise
 */
export async function runInForeground(
  { cwd, env, stdout }: Pick<AgentContext, 'cwd' | 'env' | 'stdout'>,
  program: string,
  args: readonly string[],
): Promise<0 | string> {
  // Ctrl-C belongs to the program while it runs, and must not end us below it.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    const child = spawn(program, args, {
      cwd,
      env: without(env, SECRETS),
      stdio: ['inherit', stdout.isTTY ? 'inherit' : 2, 'inherit'],
    });
    const [code, signal] = await once(child, 'exit');
    return code === 0 ? 0 : (signal ?? `exit code ${code}`);
  } finally {
    process.off('SIGINT', ignore);
  }
}

function without(env: AgentContext['env'], names: readonly string[]): AgentContext['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
