import { createClient, PostgrestError } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import { SyncError } from '../../core/errors.js';
import { KnownSecrets } from '../../core/known-secrets.js';
import { NO_TELEMETRY } from '../../core/metrics/no-telemetry.js';
import type { AccessToken, CallOptions, Telemetry } from '../../core/ports.js';
import { invalidAnswer } from './answers.js';
import { readBody } from './body.js';
import { refuseJsonBomb } from './bounded-json.js';
import { checkSecret } from './check-secret.js';
import { explainFailure } from './errors.js';
import { publicUrl } from './public-url.js';
import { noAnswer, parseJson, readFailure, systemCode } from './read-failure.js';

/** How to reach the functions of a Supabase project. */
export interface ConnectionOptions {
  /** The project's URL, such as `https://abc.supabase.co`. */
  readonly url: string;
  /** The publishable (`sb_publishable_…`) or legacy anon key. Never the service-role key. */
  readonly key: string;
  /** The user's JWT, or what gives it; without one the caller is `anon`, who may do nothing. */
  readonly accessToken?: string | AccessToken;
  readonly schema?: string;
  readonly fetch?: typeof fetch;
  /** What else a request is to say, asked for each of them. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Milliseconds a request may take, a push four times as many; 30,000 unless given. */
  readonly deadline?: number;
  readonly telemetry?: Telemetry;
}

/** Calls of the project's functions, each with a deadline and typed failures. */
export interface Calls {
  readonly url: string;
  /** Calls `name` with JSON arguments. */
  call(name: string, args: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>;
  /** Calls `name` with JSON arguments for bytes. */
  download(name: string, args: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Uint8Array>;
  /** Calls `name` with bytes as its one argument. */
  upload(name: string, bytes: Uint8Array, options?: CallOptions): Promise<unknown>;
}

const DEADLINE = 30_000;
const JSON_TYPE = 'application/json';
const BINARY_TYPE = 'application/octet-stream';

/**
 * Prepares calls; nothing is sent yet.
 *
 * @throws {SyncError} `CONFIG_INVALID` for a URL or key that cannot be one, `SERVICE_KEY_REFUSED`
 */
export function openCalls(options: ConnectionOptions): Calls {
  const { key, schema = 'agent_sync', deadline = DEADLINE, telemetry = NO_TELEMETRY } = options;
  const url = publicUrl(options.url);
  checkSecret(key);
  if (typeof options.accessToken === 'string') checkSecret(options.accessToken);
  const accessToken = tokenSource(options.accessToken);
  /** What an answer may repeat, and no message. */
  const sent = new KnownSecrets();
  sent.add(key);
  const send = options.fetch ?? fetch;
  const rest = createClient(url, key, {
    accessToken: async () => null,
    global: { fetch: (input, init) => sendSigned(input, init) },
    // Never connected; without it supabase-js does not start on Node 20.
    realtime: { transport: WebSocket as never },
  }).schema(schema);

  /**
   * Sends with the access token, and once more with another one what the origin did not look at because the first had expired. Here
   * and not in supabase-js, which asks for a token before there is a request, and prints why there is none.
   */
  async function sendSigned(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const token = await accessToken?.();
    try {
      return await sendChecked(input, signed(init, token));
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'LOGIN_EXPIRED' || !accessToken) throw error;
      const renewed = await accessToken(token);
      if (renewed === token) throw error;
      return sendChecked(input, signed(init, renewed));
    }
  }

  function signed(init: RequestInit | undefined, token: string | undefined): RequestInit {
    if (token === undefined) return { ...init };
    sent.add(token);
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return { ...init, headers };
  }

  /** Here and not after supabase-js, which keeps neither the status nor the system's code of a failure, and reads without end. */
  async function sendChecked(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const sentBytes = Buffer.byteLength((init?.body as string | Uint8Array | undefined) ?? '');
    telemetry.measure('sent', sentBytes);
    const response = await send(input, { ...init, headers: withHeaders(init?.headers), redirect: 'manual' });
    const body = await readBody(response);
    telemetry.measure('received', body.length);
    telemetry.add({ status: response.status, sentBytes, receivedBytes: body.length });
    if (response.status !== 200) throw explainFailure(url, readFailure(response, sent.redact(body.toString())));
    // supabase-js parses what it asked for itself.
    if (new Headers(init?.headers).get('accept') !== BINARY_TYPE) refuseJsonBomb(body);
    return new Response(body, { headers: response.headers });
  }

  function withHeaders(given: NonNullable<Parameters<typeof fetch>[1]>['headers']): Headers {
    const headers = new Headers(given);
    for (const [name, value] of Object.entries(options.headers?.() ?? {})) headers.set(name, value);
    return headers;
  }

  /** One request, in a span of its own. */
  async function attempt<T>(name: string, ...request: Parameters<typeof exchangeInTime<T>>): Promise<T> {
    const facts = { method: 'POST', url: `${url}/rest/v1/rpc/${name}` };
    const count = (result: string) => telemetry.measure('requests', 1, { result });
    return telemetry.span('call', `POST rpc/${name}`, facts, async () => {
      try {
        const answer = await exchangeInTime(...request);
        count('ok');
        return answer;
      } catch (error) {
        count(error instanceof SyncError ? error.code : 'INTERNAL');
        throw error;
      }
    });
  }

  /** Tells an abort of the caller's from the deadline, and both from a failed connection. */
  async function exchangeInTime<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
    patience = deadline,
  ): Promise<T> {
    const late = AbortSignal.timeout(patience);
    try {
      signal?.throwIfAborted();
      return await work(signal ? AbortSignal.any([signal, late]) : late);
    } catch (error) {
      if (signal?.aborted) throw new SyncError('ABORTED', 'interrupted while talking to the origin');
      if (late.aborted) throw explainFailure(url, noAnswer(`nothing for ${patience / 1000} s`));
      if (error instanceof SyncError) throw error;
      if (error instanceof PostgrestError) throw invalidAnswer('what is no JSON');
      throw explainFailure(url, noAnswer(systemCode(error)));
    }
  }

  /** What `rpc` cannot: bodies that are not JSON. */
  function exchange(name: string, type: string, accept: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const headers = { 'Content-Profile': schema, 'Content-Type': type, Accept: accept };
    return rest.fetch!(`${rest.url}/rpc/${name}`, { method: 'POST', headers, body: body as string, signal });
  }

  return {
    url,
    call: (name, args, { signal } = {}) =>
      attempt(name, signal, async (either) => (await rest.rpc(name, args).abortSignal(either).throwOnError()).data),
    download: (name, args, { signal } = {}) =>
      attempt(name, signal, async (either) => {
        const response = await exchange(name, JSON_TYPE, BINARY_TYPE, JSON.stringify(args), either);
        return new Uint8Array(await response.arrayBuffer());
      }),
    upload: (name, bytes, { signal } = {}) =>
      attempt(
        name,
        signal,
        async (either) => {
          const response = await exchange(name, BINARY_TYPE, JSON_TYPE, bytes, either);
          const value = parseJson(await response.text());
          if (value === undefined) throw invalidAnswer('what is no JSON');
          return value;
        },
        4 * deadline,
      ),
  };
}

/** A token that was given as it is stays so. */
export function tokenSource(token: string | AccessToken | undefined): AccessToken | undefined {
  return typeof token === 'string' ? async () => token : token;
}
