import type { Detector, Match } from './detector.js';

/** Addresses that are reached from the internet. @see RFC 6890 and the IANA special-purpose registries */
export const ipDetector: Detector = { name: 'ip', replacement: 'REDACTED-IP', find };

/** Four parts, and neither more nor letters around: `1.2.3.4.5`, `v1.2.3.4` and `Chrome/120.0.0.1` are versions. */
const IPV4 = /(?<![A-Za-z0-9]_|[A-Za-z0-9.+-]|[^/:]\/|^\/)\d{1,3}(?:\.\d{1,3}){3}(?!_?[A-Za-z0-9]|-|\.\d)/g;
/** What is given out begins with 2 or 3. */
const IPV6 = /(?<![A-Za-z0-9]_|[A-Za-z0-9:.])[23][0-9a-fA-F]{3}(?:::?[0-9a-fA-F]{1,4}){1,7}(?:::)?(?!_?[A-Za-z0-9]|:)/g;
const VERSION = /(?:version|release|build|firmware|driver|v)\W{0,3}$/i;

const MAYBE_IPV4 = /\d\.\d{1,3}\.\d{1,3}\.\d/;
const MAYBE_IPV6 = /:(?<=[23][0-9a-fA-F]{3}:)[0-9a-fA-F:]/;

function find(text: string): Match[] {
  const matches: Match[] = [];
  if (MAYBE_IPV4.test(text)) matches.push(...findIpv4(text));
  if (MAYBE_IPV6.test(text)) matches.push(...findIpv6(text));
  return matches.sort((a, b) => a.start - b.start);
}

function findIpv4(text: string): Match[] {
  const matches: Match[] = [];
  for (const { 0: written, index } of text.matchAll(IPV4)) {
    const parts = written.split('.');
    if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) continue;
    if (VERSION.test(text.slice(Math.max(0, index - 12), index)) || !isPublicIpv4(parts.map(Number), written)) continue;
    matches.push({ start: index, end: index + written.length, reason: 'public IPv4 address' });
  }
  return matches;
}

function findIpv6(text: string): Match[] {
  return [...text.matchAll(IPV6)].flatMap(({ 0: written, index }) =>
    isPublicIpv6(written.toLowerCase())
      ? [{ start: index, end: index + written.length, reason: 'public IPv6 address' }]
      : [],
  );
}

/** Name servers that everybody uses say nothing about anybody, and `1.2.3.4` is nobody's. */
const EVERYBODYS = new Set(
  '8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 1.2.3.4'.split(' '),
);

function isPublicIpv4([a = 0, b = 0, c = 0]: readonly number[], written: string): boolean {
  if (EVERYBODYS.has(written)) return false;
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if ((a === 100 && b >= 64 && b < 128) || (a === 169 && b === 254) || (a === 172 && b >= 16 && b < 32)) return false;
  if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))) return false;
  if (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) return false;
  return !(a === 203 && b === 0 && c === 113);
}

function isPublicIpv6(written: string): boolean {
  const halves = written.split('::');
  const groups = written.split(/::?/).filter(Boolean);
  const isWhole = halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
  if (!isWhole) return false;
  const [first = 0, second = 0] = groups.map((group) => Number.parseInt(group, 16));
  // 2000::/3 is what is given out; of that, 2001::/23, 2001:db8::/32, 2002::/16 and 3fff::/20 have other uses.
  if (first < 0x2000 || first > 0x3fff || first === 0x2002 || (first === 0x3fff && second < 0x1000)) return false;
  if (first === 0x2001 && (second < 0x200 || second === 0xdb8)) return false;
  return !/^(?:2001:4860:4860::88(?:88|44)|2606:4700:4700::1(?:111|001)|2620:fe::f?9?)$/.test(written);
}
