import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repoRoot } from '../paths.js';
import { timed } from './measure.js';

/** Where a command runs, and what it sees of the environment. */
export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `agent` as `npm ci` builds it. */
export const AGENT = join(repoRoot, 'dist/bin/agent.js');

/** Without NODE_EXTRA_CA_CERTS, which alone costs Node 20 some 35 ms at every start; without anybody's git configuration. */
export const ENVIRONMENT = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/**
 * Runs a program and answers the wall time of its process in milliseconds.
 *
 * @throws {Error} unless it exits with 0
 */
export async function run(command: string, args: readonly string[], { cwd, env }: Surroundings): Promise<number> {
  return timed(async () => {
    const child = spawn(command, args, { cwd, env: { ...ENVIRONMENT, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (said = (said + chunk).slice(-4000)));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code} in ${cwd}:\n${said}`);
  });
}

/** Runs `agent` and answers the milliseconds that its process took. */
export function agent(args: readonly string[], where: Surroundings): Promise<number> {
  return run(process.execPath, [AGENT, ...args], where);
}

/** Runs `git` and answers the milliseconds that its process took. */
export function git(args: readonly string[], where: Surroundings): Promise<number> {
  return run('git', args, where);
}

/** Waits until the disk has what was written, so that no side pays for writing out what another side prepared. */
export async function settleDisk(): Promise<void> {
  await run('sync', [], { cwd: '/' });
}
