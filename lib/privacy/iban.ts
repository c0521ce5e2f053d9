import { remainder } from './checksums.js';
import type { Detector, Match } from './detector.js';

/** International bank account numbers: the length of the country, and the check digits. @see ISO 13616-1 */
export const ibanDetector: Detector = { name: 'iban', replacement: 'REDACTED-IBAN', find };

const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 ' +
    'SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

function find(text: string): Match[] {
  const matches: Match[] = [];
  for (const { 0: head, index } of text.matchAll(/(?<![A-Za-z0-9]_|[A-Za-z0-9-])[A-Z]{2}\d{2}/g)) {
    const length = LENGTHS.get(head.slice(0, 2));
    const end = length && endAfter(text, index, length);
    if (end && isChecked(text.slice(index, end).replace(/[ -]/g, ''))) {
      matches.push({ start: index, end, reason: 'IBAN (check digits)' });
    }
  }
  return matches;
}

/** Where `length` letters and digits end that single spaces or hyphens may part; undefined where there is anything else. */
function endAfter(text: string, start: number, length: number): number | undefined {
  let at = start;
  for (let count = 0; count < length; count++, at++) {
    if (count > 0 && /[ -]/.test(text[at] ?? '')) at++;
    if (!/[A-Z0-9]/.test(text[at] ?? '')) return undefined;
  }
  return /^_?[A-Za-z0-9]/.test(text.slice(at, at + 2)) ? undefined : at;
}

function isChecked(iban: string): boolean {
  const digits = [...iban.slice(4), ...iban.slice(0, 4)].map((char) => String(Number.parseInt(char, 36))).join('');
  return remainder(digits, 97) === 1;
}
