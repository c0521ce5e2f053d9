import { isRecord } from '../../core/is-record.js';
import { refuseJsonBomb } from './bounded-json.js';
import { type Failure, readRetryAfter } from './errors.js';

/** No answer at all. */
export function noAnswer(code: string): Failure {
  return { status: 0, code, message: '', detail: '' };
}

/** What an answer that is no success says; a proxy's page says nothing but its status. */
export function readFailure({ status, headers }: Response, body: string): Failure {
  const value = parseJson(body);
  const text = (field: unknown) => (typeof field === 'string' ? field : '');
  const name = (field: unknown) => (/^[\w-]{1,60}$/.test(text(field)) ? text(field) : '');
  const { code, message, details, error_code, error } = isRecord(value) ? value : ({} as Record<string, unknown>);
  const retryAfter = readRetryAfter(headers.get('retry-after'), headers.get('date'));
  const wait = retryAfter === undefined ? {} : { retryAfter };
  // PostgREST has `code`; Supabase Auth has that or, in older versions, one of the others.
  return {
    status,
    code: name(code) || name(error_code) || name(error),
    message: text(message),
    detail: text(details),
    ...wait,
  };
}

/** @returns undefined for what is no JSON, or more than any answer has */
export function parseJson(text: string): unknown {
  try {
    refuseJsonBomb(Buffer.from(text));
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Such as ECONNREFUSED; the message of a failed fetch may quote headers. */
export function systemCode(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = isRecord(cause) ? (cause as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
