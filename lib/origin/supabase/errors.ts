/** From what PostgREST, the gateway before it or the network says to the typed codes of `SyncError`. */
import { ERROR_CODES, type ErrorCode, SyncError } from '../../core/errors.js';

/** A request that did not succeed, however far it came. */
export interface Failure {
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The SQLSTATE, PostgREST's own code, or the system's for a connection that failed; empty when there is none. */
  readonly code: string;
  readonly message: string;
  /** For the origin's own refusals (`PTxyz`) the code of the error. */
  readonly detail: string;
  /** Seconds to wait before the next request, if the answer said so. */
  readonly retryAfter?: number;
}

interface Explanation {
  readonly code: ErrorCode;
  readonly says: string;
  readonly hint: string;
}

const SIGN_IN: Explanation = {
  code: 'ORIGIN_REFUSED',
  says: 'does not accept the access token',
  hint: "Log in with 'agent sync login', or set another token in the environment variable that .agent/etc/sync.yaml names.",
};

const EXPIRED: Explanation = {
  code: 'LOGIN_EXPIRED',
  says: 'does not accept the access token any more: it has expired',
  hint: "Log in again with 'agent sync login', or set a new token in the environment variable that .agent/etc/sync.yaml names.",
};

const NO_SCHEMA: Explanation = {
  code: 'ORIGIN_MISCONFIGURED',
  says: 'is not set up for agent-sync',
  hint: "Apply the migrations of lib/origin/sql ('supabase db push') and add agent_sync to the exposed schemas of the API.",
};

const BUSY: Explanation = {
  code: 'ORIGIN_BUSY',
  says: 'did not get to it in time',
  hint: 'Nothing was changed. Try again later.',
};

const INVALID: Explanation = {
  code: 'REQUEST_INVALID',
  says: 'does not take such a request',
  hint: 'Nothing was changed. Is its version of agent-sync older than yours?',
};

// https://www.postgresql.org/docs/17/errcodes-appendix.html
// https://docs.postgrest.org/en/stable/references/errors.html
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  '42501': {
    code: 'ORIGIN_REFUSED',
    says: 'lets only signed-in users in',
    hint: "Log in with 'agent sync login', or set your access token in the environment variable that .agent/etc/sync.yaml names.",
  },
  PGRST300: NO_SCHEMA,
  PGRST301: SIGN_IN,
  PGRST302: SIGN_IN,
  PGRST303: SIGN_IN,
  PGRST106: NO_SCHEMA,
  PGRST202: NO_SCHEMA,
  PGRST203: NO_SCHEMA,
  '3F000': NO_SCHEMA,
  '42P01': NO_SCHEMA,
  '42883': NO_SCHEMA,
  // Nests too deeply for Postgres, which PostgREST takes for a fault of its own.
  '54001': INVALID,
  '57014': BUSY,
  '55P03': BUSY,
  '40P01': BUSY,
  PGRST003: BUSY,
};

/** What to do about a refusal of the origin's own, where it does not say so itself. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ORIGIN_REFUSED:
    "'agent sync whoami' tells your role. An owner changes roles, and invites ('agent sync members'); 'agent sync init' joins, or makes a new project.",
  MEMBER_EXISTS: "'agent sync members set-role' changes the role.",
  MEMBER_UNKNOWN: "'agent sync members' lists who is a member or invited.",
  REF_PROTECTED: 'Merge what is there, or ask an owner to end the protection.',
};

/**
 * Explains a failed request. The SQLSTATE comes before the HTTP status, which gateways change.
 *
 * @param url for the message
 */
export function explainFailure(url: string, failure: Failure): SyncError {
  const { status, code } = failure;
  if (code.startsWith('PT') && isErrorCode(failure.detail) && !OF_THIS_SIDE.test(failure.detail)) {
    const hint = HINTS[failure.detail];
    return new SyncError(failure.detail, `the origin refused: ${printable(failure.message)}`, hint ? { hint } : {});
  }
  const known = isExpired(failure) ? EXPIRED : (EXPLANATIONS[code] ?? byStatus(status));
  const said = code === '' ? '' : ` (${printable(code)})`;
  const { hint } = known;
  const wait = failure.retryAfter === undefined ? {} : { retryAfter: failure.retryAfter };
  return new SyncError(known.code, `the origin at ${url} ${known.says}${said}`, { hint, ...wait });
}

/** PostgREST 12 says so with PGRST301, later ones with PGRST303; both codes stand for other faults of a token as well. */
function isExpired({ code, message }: Failure): boolean {
  return (code === 'PGRST301' || code === 'PGRST303') && message.startsWith('JWT expired');
}

function byStatus(status: number): Explanation {
  if (status === 0) {
    return {
      code: 'ORIGIN_UNREACHABLE',
      says: 'does not answer',
      hint: 'Check the connection and the URL. Everything local works without the origin.',
    };
  }
  if (status === 401 || status === 403) {
    return {
      code: 'ORIGIN_REFUSED',
      says: `refused the key with status ${status}`,
      hint: "Set the project's publishable (anon) key in the environment variable that .agent/etc/sync.yaml names.",
    };
  }
  if (status === 404) {
    return { ...NO_SCHEMA, says: 'has no Supabase API there', hint: 'Check the URL in .agent/etc/sync.yaml.' };
  }
  if (status >= 300 && status < 400) {
    return {
      ...NO_SCHEMA,
      says: 'redirects to another address',
      hint: 'Put the final address, with https, into .agent/etc/sync.yaml; keys are not sent after a redirect.',
    };
  }
  if (WAIT.has(status)) return { ...BUSY, says: `is busy (status ${status})`, hint: TRY_AGAIN };
  if (status >= 400 && status < 500 && status !== 409) {
    return { ...INVALID, says: `${INVALID.says} (status ${status})` };
  }
  return { code: 'ORIGIN_FAILED', says: `failed with status ${status}`, hint: TRY_AGAIN };
}

/** A gateway may fail after the origin did what it was asked. */
const TRY_AGAIN = 'Try again later; what the origin may have done already is not done twice.';

/** Request timeout, too early, too many requests, service unavailable, gateway timeout; RFC 9110, RFC 6585. */
const WAIT = new Set([408, 425, 429, 503, 504]);

/**
 * Reads a `Retry-After`, which is a number of seconds or a date; a date is compared with the origin's own clock.
 *
 * @param date the answer's `Date`
 * @returns seconds; undefined for what cannot be read
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function readRetryAfter(value: string | null, date: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  const seconds = Math.ceil((Date.parse(value) - Date.parse(date ?? '')) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** What only this side can know of: an origin that says so is not believed. */
const OF_THIS_SIDE =
  /^(ABORTED|NOT_A_REPOSITORY|(STORE|FILE|MERGE|BASE|LOCAL|EDITOR|IDENTITY|DEPENDENCY|OPERATION|UNDO|REVISION|INTENT)_.*)$/;

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}

/** Without control characters, which a terminal might obey, and not longer than a paragraph. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 300);
}
