import { isLuhn } from './checksums.js';
import type { Detector, Match } from './detector.js';

/** Numbers of payment cards: a known issuer's first digits, a length that it uses, and the Luhn check. */
export const cardDetector: Detector = { name: 'card', replacement: 'REDACTED-CARD', find };

/** Bare, in fours, or as American Express prints them; not a part of something longer. */
const WRITTEN =
  /(?<![A-Za-z0-9]_|[A-Za-z0-9.+#/$-])(?:\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|3\d{3}([ -])\d{6}\2\d{5})(?!_?[A-Za-z0-9]|\/|-\w|[.,]\d)/g;

/** First digits and lengths. @see ISO/IEC 7812; Maestro and numbers of 13 digits are left out, for barcodes look like them */
const ISSUERS =
  /^(?:4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|4[4-9]\d|5\d\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14})$/;

function find(text: string): Match[] {
  const matches: Match[] = [];
  for (const { 0: written, index } of text.matchAll(WRITTEN)) {
    const digits = written.replace(/[ -]/g, '');
    if (!ISSUERS.test(digits) || !isLuhn(digits) || isForTests(digits)) continue;
    matches.push({ start: index, end: index + written.length, reason: 'payment card number (Luhn)' });
  }
  return matches;
}

/** What payment providers publish for tests. @see https://docs.stripe.com/testing */
const FOR_TESTS = new Set(
  (
    '4242424242424242 5555555555554444 2223003122003222 5200828282828210 5105105105105100 378282246310005 371449635398431 ' +
    '6011111111111117 6011000990139424 6011981111111113 3056930009020004 36227206271667 6555900000604105 3566002020360505 ' +
    '6200000000000005 6200000000000047 4111111111111111 4012888888881881 30569309025904 38520000023237 3530111333300000 ' +
    '378734493671000 4000056655665556 5454545454545454 2222400070000005'
  ).split(' '),
);

function isForTests(digits: string): boolean {
  return FOR_TESTS.has(digits) || digits.startsWith('40000000') || new Set(digits).size <= 2;
}
