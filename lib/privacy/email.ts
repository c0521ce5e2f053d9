import type { PrivacySettings } from '../core/privacy-settings.js';
import type { Detector, Match } from './detector.js';
import { isTopLevelDomain } from './top-level-domains.js';

/** E-mail addresses of people. @see RFC 5321, section 4.5.3.1 for the lengths */
export const emailDetector: Detector = { name: 'email', replacement: 'REDACTED-EMAIL', find };

const LOCAL = /[\p{L}\p{N}._%+-]/u;
const DOMAIN = /[A-Za-z0-9.-]/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function find(text: string, settings: PrivacySettings): Match[] {
  const matches: Match[] = [];
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const start = localStart(text, at);
    const end = domainEnd(text, at);
    if (start === at || end === undefined || !standsAlone(text, start, end)) continue;
    const local = text.slice(start, at).toLowerCase();
    const domain = text.slice(at + 1, end).toLowerCase();
    if (local.includes('..') || local.endsWith('.') || !isMailDomain(domain)) continue;
    if (namesFile(domain) && !isMarkedAsAddress(text, start, end)) continue;
    if (isNobodys(local, domain) || isAllowed(domain, settings) || isLogin(text, start)) continue;
    matches.push({ start, end, reason: 'e-mail address' });
  }
  return matches;
}

function localStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < 64 && LOCAL.test(text[start - 1]!)) start--;
  // A leading underscore is emphasis, a leading hyphen or plus a list or a diff.
  while (start < at && !/[\p{L}\p{N}]/u.test(text[start]!)) start++;
  return start;
}

function domainEnd(text: string, at: number): number | undefined {
  let end = at + 1;
  while (end < text.length && end - at <= 255 && DOMAIN.test(text[end]!)) end++;
  while (end > at && !/[A-Za-z0-9]/.test(text[end - 1]!)) end--;
  return end > at + 1 ? end : undefined;
}

/** Not part of a path, a URL (`https://user:pw@host`), `a@b@c`, or what ssh and git call a remote (`git@host:path`). */
function standsAlone(text: string, start: number, end: number): boolean {
  const before = text[start - 1] ?? '';
  if ('/\\@'.includes(before) && before !== '') return false;
  if (
    before === ':' &&
    text
      .slice(Math.max(0, start - 128), start)
      .match(/\S*$/)![0]
      .includes('://')
  )
    return false;
  const after = text.slice(end, end + 65);
  return !/^(?:@|:[\w~.-]*\/)/.test(after);
}

function isMailDomain(domain: string): boolean {
  const labels = domain.split('.');
  return labels.length >= 2 && labels.every((label) => LABEL.test(label)) && isTopLevelDomain(labels.at(-1)!);
}

/** `py` is Paraguay, `md` Moldova; `fixture@conftest.py` is neither. */
function namesFile(domain: string): boolean {
  return /^[^.]+\.(?:py|md|sh|rs|so)$/.test(domain);
}

function isMarkedAsAddress(text: string, start: number, end: number): boolean {
  return text.slice(0, start).endsWith('mailto:') || (text[start - 1] === '<' && text[end] === '>');
}

/** Who logs in where, as in `ssh -p 22 deploy@build.acme-works.com`. @see ssh(1) */
function isLogin(text: string, start: number): boolean {
  return LOGIN.test(text.slice(Math.max(0, start - 64), start));
}

const LOGIN = /(?<![\w-])(?:ssh|sftp|mosh|ssh-copy-id) (?:-\S+ (?:[^\s-]\S* )?)*$/;

/** Reserved for examples, or nobody reads there. @see RFC 2606, section 3 */
function isNobodys(local: string, domain: string): boolean {
  if (/(?:^|\.)example\.(?:com|net|org|edu)$/.test(domain)) return true;
  if (local === 'git' || /^(?:no-?reply|do-?not-?reply)(?:[+._-].*)?$/.test(local)) return true;
  if (domain.split('.').includes('noreply')) return true;
  return PLACEHOLDER_DOMAINS.has(domain) && PLACEHOLDER_LOCALS.has(local);
}

const PLACEHOLDER_DOMAINS = new Set(
  'domain.com company.com yourcompany.com yourdomain.com mycompany.com email.com acme.com test.com'.split(' '),
);
const PLACEHOLDER_LOCALS = new Set(
  'user username you your yourname your.name name someone somebody me email first.last firstname.lastname foo test'.split(
    ' ',
  ),
);

function isAllowed(domain: string, { allow }: PrivacySettings): boolean {
  return allow.domains.some((allowed) => {
    const wanted = allowed.toLowerCase();
    return domain === wanted || domain.endsWith(`.${wanted}`);
  });
}
