/**
 * Letters whose upper and lower case are one to case-insensitive disks, in the scripts that have both and have not changed since
 * Unicode 7: Latin, Greek, Cyrillic, Armenian, Roman numerals, letters in circles, full width.
 *
 * A list of our own and not what the run-time knows, so that every Node and every PostgreSQL agree.
 */
const CASED =
  /[A-Z\u00b5\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u0531-\u0556\u1e00-\u1fff\u2160-\u217f\u24b6-\u24e9\uff21-\uff5a]/g;

/** The text with each letter in one case; others, and letters that would become several, stay as they are. */
export function foldCase(text: string): string {
  return text.replace(CASED, foldLetter);
}

/** By way of upper case, in which both forms of a sigma, or an `s` and a long one, are the same. */
function foldLetter(letter: string): string {
  const upper = letter.toUpperCase();
  const lower = (upper.length === 1 ? upper : letter).toLowerCase();
  return lower.length === 1 ? lower : letter;
}
