import { AuthClient } from '@supabase/supabase-js';
import { SyncError } from '../../core/errors.js';
import { KnownSecrets } from '../../core/known-secrets.js';
import type { Auth, CallOptions, Session, SessionUser } from '../../core/ports.js';
import { invalidAnswer } from './answers.js';
import { explainAuthFailure } from './auth-errors.js';
import { readBody } from './body.js';
import { checkSecret, readClaims } from './check-secret.js';
import { noAnswer, parseJson, readFailure, systemCode } from './read-failure.js';

/** Where to sign in. */
export interface AuthOptions {
  /** As `publicUrl` gives it. */
  readonly url: string;
  readonly key: string;
  readonly fetch?: typeof fetch;
  /** Milliseconds a request may take. */
  readonly deadline: number;
}

/** As far as it is used of what supabase-js answers. */
interface Answer {
  readonly data: unknown;
  readonly error: unknown;
}

/**
 * Supabase Auth, by its own client. Nothing is sent yet, and nothing is kept.
 *
 * @throws {SyncError} `CONFIG_INVALID`, `SERVICE_KEY_REFUSED`
 */
export function supabaseAuth({ url, key, fetch: send = fetch, deadline }: AuthOptions): Auth {
  checkSecret(key);

  /**
   * Has a client of its own do one thing. What goes wrong is caught below the client, which would print it, and would try again
   * for half a minute.
   */
  async function ask(
    { signal }: CallOptions,
    refused: 'LOGIN_FAILED' | 'LOGIN_EXPIRED',
    secret: string,
    work: (client: AuthClientOf) => Promise<Answer>,
  ): Promise<unknown> {
    let failure: SyncError | undefined;
    /** What an answer may repeat, and no message. */
    const sent = new KnownSecrets();
    sent.add(key, secret);
    const late = AbortSignal.timeout(deadline);
    const either = signal ? AbortSignal.any([signal, late]) : late;

    const checked: typeof fetch = async (input, init) => {
      try {
        signal?.throwIfAborted();
        const response = await send(input, { ...init, redirect: 'manual', signal: either });
        const body = (await readBody(response)).toString('utf8');
        if (response.status === 204) return new Response(null, { status: 204 });
        if (response.status !== 200)
          failure = explainAuthFailure(url, readFailure(response, sent.redact(body)), refused);
        else if (parseJson(body) === undefined) failure = invalidAnswer('what is no JSON');
        else return new Response(body, { headers: { 'content-type': 'application/json' } });
      } catch (error) {
        if (signal?.aborted) failure = new SyncError('ABORTED', 'interrupted while talking to the origin');
        else if (error instanceof SyncError) failure = error;
        else {
          const code = late.aborted ? `nothing for ${deadline / 1000} s` : systemCode(error);
          failure = explainAuthFailure(url, noAnswer(code), refused);
        }
      }
      return new Response('{"code":"failed"}', { status: 400 });
    };
    const client = new AuthClient({
      url: `${url}/auth/v1`,
      headers: { apikey: key, Authorization: `Bearer ${key}` },
      fetch: checked,
      persistSession: false,
      autoRefreshToken: false,
      detectSessionInUrl: false,
    });
    const { data, error } = await work(client);
    if (failure) throw failure;
    if (error) throw invalidAnswer('no answer to a login');
    return data;
  }

  return {
    withPassword: async (email, password, call = {}) =>
      readSession(
        await ask(call, 'LOGIN_FAILED', password, (client) => client.signInWithPassword({ email, password })),
      ),
    async sendCode(email, call = {}) {
      const options = { shouldCreateUser: false };
      await ask(call, 'LOGIN_FAILED', '', (client) => client.signInWithOtp({ email, options }));
    },
    withCode: async (email, token, call = {}) =>
      readSession(
        await ask(call, 'LOGIN_FAILED', token, (client) => client.verifyOtp({ email, token, type: 'email' })),
      ),
    renew: async (refresh_token, call = {}) =>
      readSession(
        await ask(call, 'LOGIN_EXPIRED', refresh_token, (client) => client.refreshSession({ refresh_token })),
      ),
    async identify(accessToken, call = {}) {
      checkSecret(accessToken);
      const user = readUser(await ask(call, 'LOGIN_EXPIRED', accessToken, (client) => client.getUser(accessToken)));
      const { exp } = readClaims(accessToken) ?? {};
      return { user, expiresAt: typeof exp === 'number' ? exp : null };
    },
    async end(accessToken, call = {}) {
      try {
        await ask(call, 'LOGIN_EXPIRED', accessToken, (client) => client.admin.signOut(accessToken, 'local'));
      } catch (error) {
        if (!(error instanceof SyncError) || error.code !== 'LOGIN_EXPIRED') throw error;
      }
    },
  };
}

type AuthClientOf = InstanceType<typeof AuthClient>;

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
function readSession(data: unknown): Session {
  const { session } = data as { readonly session?: Readonly<Record<string, unknown>> | null };
  const { access_token, refresh_token, expires_at } = session ?? {};
  if (typeof access_token !== 'string' || typeof refresh_token !== 'string' || !Number.isSafeInteger(expires_at)) {
    throw invalidAnswer('no session');
  }
  checkSecret(access_token);
  checkSecret(refresh_token);
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt: expires_at as number,
    user: readUser(session),
  };
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
function readUser(data: unknown): SessionUser {
  const { user } = (data ?? {}) as { readonly user?: Readonly<Record<string, unknown>> | null };
  if (typeof user?.id !== 'string') throw invalidAnswer('no user');
  return { id: user.id, email: typeof user.email === 'string' && user.email !== '' ? user.email : null };
}
