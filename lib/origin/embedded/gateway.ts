import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { SyncError } from '../../core/errors.js';
import type { AuthService } from './auth/service.js';
import type { Keys } from './keys.js';
import { type RealtimeService, refuseUpgrade } from './realtime/service.js';

const HOST = '127.0.0.1';
/**
 * How long a connection may rest. A client leaves it alone a second earlier; one that was busy for that second sends its request
 * into a closing connection, which after Node's own 5 s happened to ten that shared two cores.
 *
 * @see https://nodejs.org/api/http.html#serverkeepalivetimeout
 */
const KEEP_ALIVE_MS = 65_000;
const REST_PREFIX = '/rest/v1/';
const AUTH_PREFIX = '/auth/v1/';
const REALTIME_PATH = '/realtime/v1/websocket';

// Meant for one hop only (RFC 9110, section 7.6.1), or for the gateway itself.
const NOT_FORWARDED = new Set(['connection', 'keep-alive', 'te', 'upgrade', 'expect', 'host', 'apikey']);

interface Reply {
  readonly status: number;
  readonly body: Record<string, string>;
}

const UNABLE: Reply = {
  status: 503,
  body: { message: 'The origin is not able to answer', hint: 'See `agent origin status`.' },
};

const ONLY_WEBSOCKETS: Reply = { status: 426, body: { message: 'This address is for WebSockets' } };
const NO_WEBSOCKET = '404 Not Found';

/** The part of a hosted project that stands before PostgREST. */
export interface Gateway {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** What stands behind the gateway. */
export interface Services {
  /** The socket of PostgREST, for `/rest/v1/`. */
  readonly restSocket: string;
  /** For `/auth/v1/`. */
  readonly auth: AuthService;
  /** For WebSockets; it has to be closed for the gateway's `close` to resolve. */
  readonly realtime: RealtimeService;
}

/**
 * Listens on loopback, checks the `apikey` of each request and hands it on.
 *
 * @throws {SyncError} `ORIGIN_FAILED` when the port is in use
 */
export async function startGateway(keys: Keys, services: Services, port: number): Promise<Gateway> {
  const { realtime } = services;
  const server = createServer((incoming, outgoing) => answer(keys, services, incoming, outgoing));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('upgrade', (incoming, socket, head) => {
    const { path, key } = readTarget(incoming);
    const reply = planReply(keys, path, key);
    if (reply === 'realtime') realtime.accept(incoming, socket, head);
    else
      refuseUpgrade(socket, typeof reply === 'string' ? NO_WEBSOCKET : `${reply.status} ${STATUS_CODES[reply.status]}`);
  });
  await listen(server, port);
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://${HOST}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message =
        cause.code === 'EADDRINUSE' ? `Port ${port} is in use.` : `Cannot listen on port ${port}: ${cause.message}`;
      reject(new SyncError('ORIGIN_FAILED', message, { hint: 'Name another port, or 0 for any.', cause }));
    });
    server.listen(port, HOST, resolve);
  });
}

function answer(keys: Keys, services: Services, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { path, query, key } = readTarget(incoming);
  const reply = planReply(keys, path, key);
  if (reply === 'auth') {
    void services.auth.answer(incoming, outgoing, path.slice(AUTH_PREFIX.length), new URLSearchParams(query));
    return;
  }
  if (reply !== 'forward') {
    send(outgoing, reply === 'realtime' ? ONLY_WEBSOCKETS : reply);
    return;
  }
  forward(incoming, outgoing, {
    socketPath: services.restSocket,
    method: incoming.method,
    path: `${path.slice(REST_PREFIX.length - 1)}?${query.replace(/(^|&)apikey=[^&]*/g, '')}`,
    headers: {
      ...endToEnd(incoming.headers),
      host: HOST,
      authorization: authorization(incoming.headers.authorization, key, keys),
    },
  });
}

/** Where a request goes, and the key that it brings. */
function readTarget({ url = '', headers }: IncomingMessage): { path: string; query: string; key: string | null } {
  const [path, query] = splitAt(url, '?');
  return { path, query, key: headers.apikey?.toString() ?? new URLSearchParams(query).get('apikey') };
}

/** Not URL, which throws on some paths that anyone can send, and writes queries anew. */
function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** What the gateway itself answers; the refusals have the words of a hosted project. */
function planReply(keys: Keys, path: string, key: string | null): Reply | 'forward' | 'auth' | 'realtime' {
  if (path === '/health') return { status: 200, body: { status: 'ok' } };
  if (!key) {
    const hint = 'No `apikey` request header or url param was found.';
    return { status: 401, body: { message: 'No API key found in request', hint } };
  }
  if (key !== keys.publishableKey && key !== keys.anonKey) {
    return { status: 401, body: { message: 'Invalid API key', hint: 'Double check your Supabase API key.' } };
  }
  if (path === REALTIME_PATH) return 'realtime';
  if (path.startsWith(AUTH_PREFIX)) return 'auth';
  return path.startsWith(REST_PREFIX) ? 'forward' : { status: 404, body: { message: `No service at ${path}` } };
}

/** Without a user's token the caller is `anon`; a publishable key is no JWT that PostgREST could read. */
function authorization(given: string | undefined, key: string | null, keys: Keys): string {
  return given === undefined || given === `Bearer ${key}` ? `Bearer ${keys.anonKey}` : given;
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_FORWARDED.has(name)));
}

/** Streams both ways, and gives up upstream when the caller does. */
function forward(incoming: IncomingMessage, outgoing: ServerResponse, options: RequestOptions): void {
  const upstream = request(options, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, endToEnd(response.headers));
    response.pipe(outgoing);
    response.once('error', () => outgoing.destroy());
  });
  upstream.once('error', () => {
    if (outgoing.headersSent) outgoing.destroy();
    else send(outgoing, UNABLE);
  });
  outgoing.once('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

function send(outgoing: ServerResponse, { status, body }: Reply): void {
  outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
