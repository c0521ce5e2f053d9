import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRecord } from '../../../core/is-record.js';
import { type AuthReply, refusal } from './reply.js';
import { type AuthParts, describeUser, endSessions, findSession, findUser } from './sessions.js';
import { openSignIn, type SignIn } from './sign-in.js';

/** The part of a hosted project that users sign in at. */
export interface AuthService {
  /**
   * Answers a request whose key was found to be right.
   *
   * @param path below `/auth/v1/`
   */
  answer(incoming: IncomingMessage, outgoing: ServerResponse, path: string, query: URLSearchParams): Promise<void>;
}

/** More than a password and an address take. */
const MOST_BYTES = 16 * 1024;

/** By which clients know that refusals have the form of {@link refusal}. */
const API_VERSION = '2024-01-01';

/** What a caller's access token says. */
interface Caller {
  readonly userId: string;
  /** None in a token that `agent origin user add` printed. */
  readonly session: string | undefined;
}

interface Route {
  readonly method: 'GET' | 'POST';
  handle(request: AuthRequest): Promise<AuthReply>;
}

interface AuthRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

/**
 * Serves what signing in needs of Supabase Auth: passwords, one-time codes, refresh tokens, who one is, signing out.
 *
 * @see https://supabase.com/docs/reference/self-hosting-auth/introduction
 */
export async function startAuth(parts: AuthParts): Promise<AuthService> {
  const signIn = await openSignIn(parts);
  const routes: Readonly<Record<string, Route>> = {
    token: { method: 'POST', handle: (request) => grant(signIn, request) },
    otp: { method: 'POST', handle: ({ body }) => withFields(body, ['email'], signIn.sendCode) },
    verify: { method: 'POST', handle: ({ body }) => withFields(body, ['email', 'token'], signIn.withCode) },
    user: { method: 'GET', handle: (request) => asCaller(parts, request, (caller) => whoIs(parts, caller)) },
    logout: {
      method: 'POST',
      handle: (request) => asCaller(parts, request, (caller) => leave(parts, caller, request)),
    },
  };
  return {
    async answer(incoming, outgoing, path, query) {
      const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
      let reply: AuthReply;
      try {
        if (!route) reply = refusal(404, 'not_found', `No service at /auth/v1/${path}`);
        else if (incoming.method !== route.method) reply = refusal(405, 'method_not_allowed', 'Not with this method');
        else {
          const body = await readBody(incoming);
          const { authorization } = incoming.headers;
          reply = body ? await route.handle({ body, query, authorization }) : BAD_JSON;
        }
      } catch {
        // What PostgreSQL says may name what it was asked; nobody outside needs to know.
        reply = refusal(500, 'unexpected_failure', 'Unexpected failure, please check server logs for more information');
      }
      send(outgoing, reply);
    },
  };
}

const BAD_JSON = refusal(400, 'bad_json', 'Could not parse request body as JSON');

async function grant(signIn: SignIn, { body, query }: AuthRequest): Promise<AuthReply> {
  switch (query.get('grant_type')) {
    case 'password':
      return withFields(body, ['email', 'password'], signIn.withPassword);
    case 'refresh_token':
      return withFields(body, ['refresh_token'], signIn.withRefreshToken);
    default:
      return refusal(400, 'invalid_grant', 'unsupported_grant_type');
  }
}

/** Hands the named fields on, an address in lower case. */
async function withFields(
  body: Readonly<Record<string, unknown>>,
  names: readonly string[],
  handle: (...values: [string, string]) => Promise<AuthReply>,
): Promise<AuthReply> {
  const values = names.map((name) => body[name]);
  const missing = names.find((_, i) => typeof values[i] !== 'string' || values[i] === '');
  if (missing) return refusal(400, 'validation_failed', `missing ${missing}`);
  const texts = names.map((name, i) => (name === 'email' ? String(values[i]).toLowerCase() : String(values[i])));
  return handle(...(texts as [string, string]));
}

async function asCaller(
  { jose, keys }: AuthParts,
  { authorization }: AuthRequest,
  handle: (caller: Caller) => Promise<AuthReply>,
): Promise<AuthReply> {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  if (!token) return refusal(401, 'no_authorization', 'This endpoint requires a valid Bearer token');
  const secret = new TextEncoder().encode(keys.jwtSecret);
  const claims = await jose.jwtVerify(token, secret, { algorithms: ['HS256'] }).then(
    ({ payload }) => payload,
    () => undefined,
  );
  if (typeof claims?.sub !== 'string')
    return refusal(403, 'bad_jwt', 'invalid JWT: unable to parse or verify signature');
  return handle({ userId: claims.sub, session: typeof claims.session_id === 'string' ? claims.session_id : undefined });
}

async function whoIs(parts: AuthParts, { userId, session }: Caller): Promise<AuthReply> {
  const user = await findUser(parts, { id: userId });
  if (!user) return refusal(403, 'user_not_found', 'User from sub claim in JWT does not exist');
  if (session !== undefined && !(await findSession(parts, session))) {
    return refusal(403, 'session_not_found', 'Session from session_id claim in JWT does not exist');
  }
  return { status: 200, body: describeUser(user) };
}

async function leave(parts: AuthParts, { userId, session }: Caller, { query }: AuthRequest): Promise<AuthReply> {
  const scope = query.get('scope') ?? 'global';
  if (scope !== 'local' && scope !== 'others' && scope !== 'global') {
    return refusal(400, 'validation_failed', `Unsupported logout scope ${scope.slice(0, 20)}`);
  }
  await endSessions(parts, userId, session, scope);
  return { status: 204 };
}

/** @returns undefined for what is no JSON object, or too long to be a request */
async function readBody(incoming: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function send(outgoing: ServerResponse, { status, body, retryAfter }: AuthReply): void {
  const headers = {
    'x-supabase-api-version': API_VERSION,
    'cache-control': 'no-store',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
  if (!body) outgoing.writeHead(status, headers).end();
  else
    outgoing
      .writeHead(status, { ...headers, 'content-type': 'application/json; charset=utf-8' })
      .end(JSON.stringify(body));
}
