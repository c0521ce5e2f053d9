import type { PrivacySettings } from '../core/privacy-settings.js';
import type { Detector, Libraries, Match } from './detector.js';

/** Telephone numbers that libphonenumber takes for valid; without `+` only where sync.yaml names a country. */
export const phoneDetector: Detector = { name: 'phone', replacement: 'REDACTED-PHONE', find };

/** A `+`, a country code, and what people put between the digits; not `UTC+1`, `1e+10` or a date. */
const INTERNATIONAL = /(?<![A-Za-z0-9]_|[A-Za-z0-9+.-])\+[1-9](?:[ .()-]{0,3}\d){6,14}(?!_?[A-Za-z0-9]|[-.:/]\d)/g;
/** Begins with a zero or a bracket, or has gaps: not a bare number, which may be anything. */
const NATIONAL =
  /(?<![A-Za-z0-9]_|[A-Za-z0-9+.#:/$€£=-])(?:\(\d|\d)(?:[ .()/-]{0,3}\d){5,13}(?!_?[A-Za-z0-9]|[-.:/%]\d|[-/]\w)/g;

function find(text: string, { country }: PrivacySettings, libraries: Libraries): Match[] {
  const look = lookup(libraries);
  const matches: Match[] = [];
  if (text.includes('+')) {
    for (const { 0: written, index } of text.matchAll(INTERNATIONAL)) matches.push(...look(written, index, undefined));
  }
  if (country !== null) {
    for (const { 0: written, index } of text.matchAll(NATIONAL)) {
      if (mayBeNational(written)) matches.push(...look(written, index, country));
    }
  }
  return matches.sort((a, b) => a.start - b.start);
}

/** Different numbers in one text that are looked up: beyond that the text is a list of them, and looking up 2 MB takes minutes. */
const LOOKED_UP = 4000;

/** Asks the library once for each way of writing a number. */
function lookup(libraries: Libraries): (written: string, index: number, country: string | undefined) => Match[] {
  const known = new Map<string, readonly Range[]>();
  return (written, index, country) => {
    let ranges = known.get(written);
    if (!ranges) {
      ranges = known.size < LOOKED_UP ? numbersIn(written, country, libraries) : [{ start: 0, end: written.length }];
      if (known.size < LOOKED_UP) known.set(written, ranges);
    }
    return ranges.map(({ start, end }) => ({ start: index + start, end: index + end, reason: 'telephone number' }));
  };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function numbersIn(written: string, country: string | undefined, libraries: Libraries): Range[] {
  return libraries
    .phones()(written, country)
    .filter(({ number }) => !isFictional(number.number))
    .map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt }));
}

/** Not a date, a version, an amount, or a number without gaps that does not begin as numbers of a country do. */
function mayBeNational(written: string): boolean {
  if (/^\d{4}([-./ ])\d{1,2}\1\d{1,2}|^\d{1,2}([-./])\d{1,2}\2(?:\d{2}|\d{4})\b/.test(written)) return false;
  if (/^\d+(?:\.\d+){1,3}$/.test(written) && !/^\d{3}\.\d{3}\.\d{4}$/.test(written)) return false;
  return /^0|^\(/.test(written) || /\d[ .()/-]+\d/.test(written);
}

/**
 * Kept free for films and examples.
 *
 * @see https://nationalnanpa.com, 555 line numbers; https://www.ofcom.org.uk, telephone numbers for drama use
 */
function isFictional(e164: string): boolean {
  return /^\+1\d{3}55501\d\d$|^\+44(?:207946|113496|161496|1632960|7700900|8081570)\d+$/.test(e164);
}
