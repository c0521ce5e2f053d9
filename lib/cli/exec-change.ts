import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AgentContext } from './context.js';

/** Between asking a program to end and ending it. */
const GRACE_MS = 500;

/**
 * Runs a command line of the user's with the shell, as git does, and gives it a document as JSON on standard input. What it
 * prints goes where our own text goes, but never between lines of JSON.
 *
 * @param json whether standard output is for documents
 * @returns 0, or what to say of how it ended otherwise
 */
export async function execWithDocument(
  { cwd, env, signal }: AgentContext,
  command: string,
  document: unknown,
  json: boolean,
): Promise<0 | string> {
  // A group of its own: what the shell has started ends with it.
  const child = spawn('sh', ['-c', command], {
    cwd,
    env,
    stdio: ['pipe', json ? 2 : 'inherit', 'inherit'],
    detached: true,
  });
  let force: NodeJS.Timeout | undefined;
  const interrupt = () => {
    end(child.pid, 'SIGTERM');
    force = setTimeout(() => end(child.pid, 'SIGKILL'), GRACE_MS);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  // A command that does not read what it is given is as good as any other.
  child.stdin?.on('error', () => {});
  child.stdin?.end(`${JSON.stringify(document)}\n`);
  try {
    if (signal.aborted) interrupt();
    const [code, ending] = await once(child, 'exit');
    return code === 0 ? 0 : (ending ?? `exit code ${code}`);
  } catch (error) {
    return (error as Error).message;
  } finally {
    clearTimeout(force);
    signal.removeEventListener('abort', interrupt);
  }
}

function end(group: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (group !== undefined) process.kill(-group, signal);
  } catch {
    // It has ended by itself.
  }
}
