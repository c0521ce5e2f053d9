/** What the service answers a request with. */
export interface AuthReply {
  readonly status: number;
  /** Left out by an answer without a body. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Seconds until the caller may ask again. */
  readonly retryAfter?: number;
}

/**
 * A refusal, as clients of Supabase Auth read it since its API of 2024-01-01.
 *
 * @see https://supabase.com/docs/guides/auth/debugging/error-codes
 */
export function refusal(status: number, code: string, message: string): AuthReply {
  return { status, body: { code, message } };
}

/** A refusal for now. */
export function tooSoon(code: string, seconds: number): AuthReply {
  const message = `For security purposes, you can only request this after ${seconds} seconds.`;
  return { ...refusal(429, code, message), retryAfter: seconds };
}
