import type { Match } from './detector.js';

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
/** No key is longer, headers and the marks of a quotation included. */
const LONGEST = 20_000;
/** Base64, headers such as `Proc-Type: 4,ENCRYPTED`, line ends as a string has them, and the marks of a quotation. */
const BODY_LINE = /^[\s>|*#/"'`+,-]*(?:[A-Za-z0-9+/=\\]*|[A-Za-z][\w-]{1,30}: [\x20-\x7e]{0,200})[\s"'`,+]*$/;

const CUT_OFF = /(?:\r?\n[ \t>]{0,20}[A-Za-z0-9+/=]{16,200}(?=\s|$))+/y;

/** Private keys as PEM and OpenPGP write them, from the first line to the last. @see RFC 7468, RFC 9580 section 6.2 */
export function findPrivateKeys(text: string): Match[] {
  if (!text.includes('PRIVATE KEY')) return [];
  const matches: Match[] = [];
  let done = 0;
  for (const { 0: opening, index } of text.matchAll(BEGIN)) {
    if (index < done) continue;
    const from = index + opening.length;
    const body = text.slice(from, from + LONGEST);
    const closing = `-----END${opening.slice('-----BEGIN'.length)}`;
    const length = body.indexOf(closing);
    const end = length === -1 ? endOfLines(text, from) : from + length + closing.length;
    if (end === undefined || !isKey(text.slice(from, length === -1 ? end : from + length))) continue;
    matches.push({ start: index, end, reason: 'private key' });
    done = end;
  }
  return matches;
}

/** A key that was cut off goes as far as its lines look like one. */
function endOfLines(text: string, from: number): number | undefined {
  CUT_OFF.lastIndex = from;
  return CUT_OFF.test(text) ? CUT_OFF.lastIndex : undefined;
}

/** Lines of nothing else, and enough of them to hold a key: `…` and `<your key>` are examples. */
function isKey(body: string): boolean {
  const lines = body.split(/\n|\\n/);
  return lines.every((line) => BODY_LINE.test(line)) && body.replace(/[^A-Za-z0-9+/]/g, '').length >= 64;
}
