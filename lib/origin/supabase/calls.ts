import { createClient, PostgrestError } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import { SyncError } from '../../core/errors.js';
import type { CallOptions } from '../../core/ports.js';
import { invalidAnswer, isRecord } from './answers.js';
import { readBody } from './body.js';
import { explainFailure, type Failure, readRetryAfter } from './errors.js';

/** How to reach the functions of a Supabase project. */
export interface ConnectionOptions {
  /** The project's URL, such as `https://abc.supabase.co`. */
  readonly url: string;
  /** The publishable (`sb_publishable_…`) or legacy anon key. Never the service-role key. */
  readonly key: string;
  /** The user's JWT; without one the caller is `anon`, who may do nothing. */
  readonly accessToken?: string;
  readonly schema?: string;
  readonly fetch?: typeof fetch;
  /** What else a request is to say, asked for each of them. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Milliseconds a request may take, a push four times as many; 30,000 unless given. */
  readonly deadline?: number;
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
 * @throws {SyncError} `CONFIG_INVALID` for a URL or key that cannot be one
 */
export function openCalls(options: ConnectionOptions): Calls {
  const { key, accessToken, schema = 'agent_sync', deadline = DEADLINE } = options;
  const url = publicUrl(options.url);
  for (const secret of [key, accessToken ?? key]) {
    // Node would quote the whole of it in its complaint about an invalid header.
    if (!/^[\x21-\x7e]+$/.test(secret))
      throw new SyncError('CONFIG_INVALID', "the origin's key or token is not one line of ASCII");
  }
  const send = options.fetch ?? fetch;
  const rest = createClient(url, key, {
    accessToken: async () => accessToken ?? null,
    global: { fetch: (input, init) => sendChecked(input, init) },
    // Never connected; without it supabase-js does not start on Node 20.
    realtime: { transport: WebSocket as never },
  }).schema(schema);

  /** Here and not after supabase-js, which keeps neither the status nor the system's code of a failure, and reads without end. */
  async function sendChecked(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const response = await send(input, { ...init, headers: withHeaders(init?.headers), redirect: 'manual' });
    const body = await readBody(response);
    if (response.status !== 200) throw explainFailure(url, readFailure(response, body.toString()));
    return new Response(body, { headers: response.headers });
  }

  function withHeaders(given: NonNullable<Parameters<typeof fetch>[1]>['headers']): Headers {
    const headers = new Headers(given);
    for (const [name, value] of Object.entries(options.headers?.() ?? {})) headers.set(name, value);
    return headers;
  }

  /** Tells an abort of the caller's from the deadline, and both from a failed connection. */
  async function attempt<T>(
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
      attempt(signal, async (either) => (await rest.rpc(name, args).abortSignal(either).throwOnError()).data),
    download: (name, args, { signal } = {}) =>
      attempt(signal, async (either) => {
        const response = await exchange(name, JSON_TYPE, BINARY_TYPE, JSON.stringify(args), either);
        return new Uint8Array(await response.arrayBuffer());
      }),
    upload: (name, bytes, { signal } = {}) =>
      attempt(
        signal,
        async (either) => {
          const response = await exchange(name, BINARY_TYPE, JSON_TYPE, bytes, either);
          return parseJson(await response.text());
        },
        4 * deadline,
      ),
  };
}

/** Without a user or password in it, and so fit for messages. */
function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new SyncError('CONFIG_INVALID', "the origin's URL is not of the form https://PROJECT.supabase.co");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function noAnswer(code: string): Failure {
  return { status: 0, code, message: '', detail: '' };
}

function readFailure({ status, headers }: Response, body: string): Failure {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // A proxy's page, say: the status has to do.
  }
  const text = (field: unknown) => (typeof field === 'string' ? field : '');
  const { code, message, details } = isRecord(value) ? value : {};
  const retryAfter = readRetryAfter(headers.get('retry-after'), headers.get('date'));
  const wait = retryAfter === undefined ? {} : { retryAfter };
  return { status, code: text(code), message: text(message), detail: text(details), ...wait };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidAnswer('what is no JSON');
  }
}

/** Such as ECONNREFUSED; the message of a failed fetch may quote headers. */
function systemCode(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = isRecord(cause) ? (cause as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
