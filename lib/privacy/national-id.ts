import { isDay, isLuhn, isMod11And10, isVerhoeff, remainder, weighted } from './checksums.js';
import type { Detector, Match } from './detector.js';

/** Numbers that states give to people, of those that carry a check digit. */
export const nationalIdDetector: Detector = { name: 'national-id', replacement: 'REDACTED-ID', find };

/** One kind of number. */
interface NationalId {
  readonly what: string;
  readonly written: RegExp;
  /** @param id without what parts its groups */
  readonly isValid: (id: string) => boolean;
  /** For a number that others look like: a word for it has to stand before it on its line. */
  readonly word?: RegExp;
}

const KINDS: readonly NationalId[] = [
  {
    what: 'French NIR',
    written:
      /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])[12][ ]?\d{2}[ ]?(?:0[1-9]|1[0-2])[ ]?(?:\d{2}|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d{2}(?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) =>
      remainder(id.slice(0, 13).replace('2A', '19').replace('2B', '18'), 97) === 97 - Number(id.slice(13)),
  },
  {
    what: 'Italian codice fiscale',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9-])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!_?[A-Za-z0-9]|-)/g,
    isValid: isCodiceFiscale,
  },
  {
    what: 'Brazilian CPF',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?!_?[A-Za-z0-9]|-)/g,
    isValid: isCpf,
  },
  {
    what: 'Belgian national number',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])\d{2}\.\d{2}\.\d{2}-\d{3}[.-]\d{2}(?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) =>
      isDay(Number(id.slice(2, 4)), Number(id.slice(4, 6))) &&
      ['', '2'].some((century) => 97 - remainder(century + id.slice(0, 9), 97) === Number(id.slice(9))),
  },
  {
    what: 'Finnish personal identity code',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) =>
      isDay(Number(id.slice(2, 4)), Number(id.slice(0, 2))) &&
      '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(id.slice(0, 6) + id.slice(-4, -1)) % 31] === id.at(-1),
  },
  {
    what: 'Chinese resident identity number',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])[1-8]\d{5}(?:19|20)\d{9}[\dX](?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) =>
      isDay(Number(id.slice(10, 12)), Number(id.slice(12, 14))) &&
      '10X98765432'[weighted(id, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] === id.at(-1),
  },
  {
    what: 'Spanish DNI or NIE',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])(?:\d{8}|[XYZ]-?\d{7})-?[A-Z](?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) => {
      const number = id.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
      return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(number) % 23] === id.at(-1);
    },
    word: /\b(?:dni|nie|nif)\b/i,
  },
  {
    what: 'Swedish personnummer',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])(?:19|20)?\d{6}[-+]\d{4}(?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) => {
      const short = id.slice(-10);
      return isDay(Number(short.slice(2, 4)), Number(short.slice(4, 6))) && isLuhn(short);
    },
    word: /\b(?:personnummer|person ?nr|pnr)\b/i,
  },
  {
    what: 'Polish PESEL',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])\d{11}(?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) =>
      isDay(Number(id.slice(2, 4)) % 20, Number(id.slice(4, 6))) &&
      weighted(id, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
    word: /\bpesel\b/i,
  },
  {
    what: 'Dutch BSN',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])\d{9}(?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) => weighted(id, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 && Number(id) > 0,
    word: /\b(?:bsn|burgerservicenummer|sofinummer)\b/i,
  },
  {
    what: 'German tax identification number',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?!_?[A-Za-z0-9]|-)/g,
    isValid: isMod11And10,
    word: /\b(?:steuer-?(?:id|identifikationsnummer)|steuerliche identifikationsnummer|idnr|tax id)\b/i,
  },
  {
    what: 'Canadian social insurance number',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])[1-79]\d{2}([ -]?)\d{3}\1\d{3}(?!_?[A-Za-z0-9]|-)/g,
    isValid: isLuhn,
    word: /\b(?:sin|social insurance|nas)\b/i,
  },
  {
    what: 'British NHS number',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])\d{3}([ -]?)\d{3}\1\d{4}(?!_?[A-Za-z0-9]|-)/g,
    isValid: (id) => (11 - (weighted(id, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(id[9]),
    word: /\bnhs\b/i,
  },
  {
    what: 'Indian Aadhaar number',
    written: /(?<![A-Za-z0-9]_|[A-Za-z0-9.-])[2-9]\d{3}([ -]?)\d{4}\1\d{4}(?!_?[A-Za-z0-9]|-)/g,
    isValid: isVerhoeff,
    word: /\b(?:aadhaar|aadhar|uidai)\b/i,
  },
];

/** What no text with such a number is without. */
const MAYBE = /\d(?:[ .-]?\d){8}|\d\d[A-Z]\d\d[A-Z]\d|\d{6}[+A-Y]\d{3}|\d{7}-?[A-Z]/;

/** In characters: how far before the number the word for it may stand. */
const WORD_WITHIN = 60;

function find(text: string): Match[] {
  if (!MAYBE.test(text)) return [];
  const matches: Match[] = [];
  for (const { what, written, isValid, word } of KINDS) {
    for (const { 0: found, index } of text.matchAll(written)) {
      if (word && !word.test(lineBefore(text, index))) continue;
      const id = found.replace(/[ .-]/g, '');
      // A plus or a letter between the groups says in which century somebody was born.
      if (new Set(id).size <= 2 || !isValid(id.replace('+', ''))) continue;
      matches.push({ start: index, end: index + found.length, reason: `${what} (check digit)` });
    }
  }
  return matches.sort((a, b) => a.start - b.start);
}

function lineBefore(text: string, index: number): string {
  const before = text.slice(Math.max(0, index - WORD_WITHIN), index);
  return before.slice(before.lastIndexOf('\n') + 1);
}

/** @see Decreto ministeriale 23 dicembre 1976, "Sistemi di codificazione dei soggetti" */
function isCodiceFiscale(code: string): boolean {
  const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
  const sum = [...code.slice(0, 15)].reduce((total, char, i) => {
    const value = char >= 'A' ? char.charCodeAt(0) - 65 : Number(char);
    return total + (i % 2 === 0 ? ODD[value]! : value);
  }, 0);
  const day = Number(code.slice(9, 11)) % 40;
  return day >= 1 && day <= 31 && String.fromCharCode(65 + (sum % 26)) === code.at(-1);
}

function isCpf(id: string): boolean {
  const check = (length: number) => {
    const weights = Array.from({ length }, (_, i) => length + 1 - i);
    return ((weighted(id, weights) * 10) % 11) % 10 === Number(id[length]);
  };
  return check(9) && check(10);
}
