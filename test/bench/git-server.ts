import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Serves bare repositories over git's smart HTTP. */
export interface GitServer {
  /** Repositories are below it by the names of their folders. */
  readonly url: string;
  close(): void;
}

/**
 * Puts `git http-backend` behind a server on loopback.
 *
 * @param root the folder of the repositories
 * @returns undefined where git came without it
 * @see git-http-backend(1), RFC 3875 (CGI)
 */
export async function startGitServer(root: string): Promise<GitServer | undefined> {
  const backend = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
  if (!existsSync(backend)) return undefined;
  const server = createServer((incoming, outgoing) => answer(backend, root, incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(backend: string, root: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { pathname, search } = new URL(incoming.url ?? '/', 'http://localhost');
  const { headers } = incoming;
  const child = spawn(backend, {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'bench',
      REQUEST_METHOD: incoming.method,
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: headers['content-type'] ?? '',
      CONTENT_LENGTH: headers['content-length'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding']?.toString() ?? '',
      GIT_PROTOCOL: headers['git-protocol']?.toString() ?? '',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  incoming.pipe(child.stdin);
  // It may answer before it has read everything.
  child.stdin.on('error', () => {});
  let head = Buffer.alloc(0);
  child.stdout.on('data', function readHead(chunk: Buffer) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    child.stdout.off('data', readHead);
    const lines = head.subarray(0, end).toString('latin1').split('\r\n');
    const fields = lines.map((line) => line.split(': ', 2) as [string, string]);
    const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200';
    outgoing.writeHead(Number.parseInt(status, 10), fields.filter(([name]) => name !== 'Status').flat());
    outgoing.write(head.subarray(end + 4));
    child.stdout.pipe(outgoing);
  });
}
