import { derivedUuid } from '../core/object/derived-uuid.js';
import type { ArtifactKind } from '../core/ports.js';

/**
 * How a draft's id goes on after its prefix: seven digits of time, six of chance, in Crockford's base 32.
 *
 * @see https://www.crockford.com/base32.html
 */
const HANDLE_TAIL = 'DRAFT-[0-9A-HJKMNP-TV-Z]{13}';

/** How an artifact's id goes on after its prefix and a hyphen: a number from the origin, or a draft's handle. */
export const ID_TAIL = `(?:${HANDLE_TAIL}|\\d+)`;

const HANDLE = new RegExp(`^[A-Z][A-Z0-9]*-${HANDLE_TAIL}$`);
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 7;
const CHANCE_DIGITS = 6;

/** Tells whether an id is the handle of a draft, such as `INFRA-DRAFT-1NRK5QG4T7W2M`. */
export function isHandle(id: string): boolean {
  return HANDLE.test(id);
}

/**
 * Makes the handle of a draft. Handles sort by the time they were made at.
 *
 * Two of them are alike only if they were made in the same second (of 1,089 years) and drew the same of 2^30 numbers.
 *
 * @param seconds since the epoch
 * @param uuid version 4, for its random digits
 */
export function makeHandle(prefix: string, seconds: number, uuid: string): string {
  const chance = Number.parseInt(uuid.slice(0, 8), 16);
  return `${prefix}-DRAFT-${toDigits(seconds, TIME_DIGITS)}${toDigits(chance, CHANCE_DIGITS)}`;
}

/** The id of the request for a draft's number, a UUID: whoever asks for the same draft asks the same. */
export function numberRequestId(kind: ArtifactKind, handle: string): string {
  return derivedUuid(`number of ${kind} ${handle}`);
}

/** The last `length` digits of a number in base 32. */
function toDigits(number: number, length: number): string {
  let rest = number;
  let digits = '';
  for (let i = 0; i < length; i++) {
    digits = DIGITS[rest % 32]! + digits;
    rest = Math.floor(rest / 32);
  }
  return digits;
}

const TOKEN = new RegExp(`(?<![\\p{L}\\p{N}])[A-Z][A-Z0-9]*-${HANDLE_TAIL}(?![\\p{L}\\p{N}])`, 'giu');

/**
 * Puts ids in the place of handles, wherever a handle stands as a word of its own: in text, links, paths. One in lowercase,
 * as in the address of a heading, gives an id in lowercase.
 *
 * @param idOf undefined leaves a handle as it is
 */
export function replaceHandles(text: string, idOf: (handle: string) => string | undefined): string {
  // Most texts name no draft, and this is ten times as fast.
  if (!text.includes('DRAFT-') && !text.includes('draft-')) return text;
  return text.replace(TOKEN, (token) => {
    const id = idOf(token.toUpperCase());
    if (id === undefined) return token;
    if (token === token.toUpperCase()) return id;
    return token === token.toLowerCase() ? id.toLowerCase() : token;
  });
}

const TRAILER = new RegExp(`^Draft: (plan|story|runbook) ([A-Z][A-Z0-9]*-${HANDLE_TAIL}) ([A-Z][A-Z0-9]*-\\d{1,9})$`);

/** Which number a draft got. */
export interface NumberedDraft {
  readonly kind: ArtifactKind;
  readonly handle: string;
  readonly id: string;
}

/** The line of a commit's message that tells every clone of it. */
export function formatTrailer({ kind, handle, id }: NumberedDraft): string {
  return `Draft: ${kind} ${handle} ${id}`;
}

/** The drafts that a commit numbered, by its message. */
export function readTrailers(message: string): NumberedDraft[] {
  if (!message.includes('\nDraft: ')) return [];
  return message.split('\n').flatMap((line) => {
    const [, kind, handle, id] = TRAILER.exec(line) ?? [];
    return handle === undefined ? [] : { kind: kind as ArtifactKind, handle, id: id! };
  });
}
