import { createClient } from '@supabase/supabase-js';
import ws from 'ws';
import { SyncError } from '../../core/errors.js';
import type { CallOptions } from '../../core/ports.js';
import { invalidAnswer, isRecord } from './answers.js';
import { explainFailure, type Failure } from './errors.js';

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
  /** Milliseconds a request may take; 30,000 unless given. */
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
    global: { fetch: (input, init) => send(input, { ...init, redirect: 'manual' }) },
    // Never connected; without it supabase-js does not start on Node 20.
    realtime: { transport: ws as never },
  }).schema(schema);

  /** Tells an abort of the caller's from the deadline, and both from a failed connection. */
  async function attempt<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(deadline);
    try {
      signal?.throwIfAborted();
      return await work(signal ? AbortSignal.any([signal, late]) : late);
    } catch (error) {
      if (signal?.aborted) throw new SyncError('ABORTED', 'interrupted while talking to the origin');
      if (late.aborted) throw explainFailure(url, noAnswer(`nothing for ${deadline / 1000} s`));
      throw error instanceof SyncError ? error : explainFailure(url, noAnswer(systemCode(error)));
    }
  }

  async function exchange(name: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const headers = { 'Content-Profile': schema, ...(init.headers as Record<string, string>) };
    const response = await rest.fetch!(`${rest.url}/rpc/${name}`, { ...init, method: 'POST', headers, signal });
    if (response.status !== 200) throw explainFailure(url, readFailure(response.status, await response.text()));
    return response;
  }

  return {
    url,
    call: (name, args, { signal } = {}) =>
      attempt(signal, async (either) => {
        const { data, error, status } = await rest.rpc(name, args).abortSignal(either);
        if (error === null) return data;
        either.throwIfAborted();
        if (status === 200) throw invalidAnswer('what is no JSON');
        throw explainFailure(url, {
          status,
          code: error.code ?? '',
          message: error.message,
          detail: error.details ?? '',
        });
      }),
    download: (name, args, { signal } = {}) =>
      attempt(signal, async (either) => {
        const headers = { 'Content-Type': 'application/json', Accept: 'application/octet-stream' };
        const response = await exchange(name, { headers, body: JSON.stringify(args) }, either);
        return new Uint8Array(await response.arrayBuffer());
      }),
    upload: (name, bytes, { signal } = {}) =>
      attempt(signal, async (either) => {
        const headers = { 'Content-Type': 'application/octet-stream', Accept: 'application/json' };
        const response = await exchange(name, { headers, body: bytes as never }, either);
        return parseJson(await response.text());
      }),
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

function readFailure(status: number, body: string): Failure {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // A proxy's page, say: the status has to do.
  }
  const text = (field: unknown) => (typeof field === 'string' ? field : '');
  const { code, message, details } = isRecord(value) ? value : {};
  return { status, code: text(code), message: text(message), detail: text(details) };
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
