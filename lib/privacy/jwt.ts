import type { Match } from './detector.js';

/** `eyJ` is base64url for `{"`. The signature may be missing. @see RFC 7519, section 3; RFC 7516 has five parts */
const FORM = /(?<![\w-])eyJ[\w-]{10,4096}\.(?:[\w-]{2,8192})?(?:\.[\w-]{0,4096}){1,3}/g;

/** Looks for the rarest of three letters first. */
const MAYBE = /J(?<=eyJ)/;

/** JSON web tokens whose header is one. */
export function findJwts(text: string): Match[] {
  if (!MAYBE.test(text)) return [];
  const matches: Match[] = [];
  for (const { 0: written, index } of text.matchAll(FORM)) {
    const [header = '', payload = ''] = written.split('.');
    if (!isHeader(header) || isPublished(payload)) continue;
    matches.push({ start: index, end: index + written.length, reason: 'JSON web token' });
  }
  return matches;
}

function isHeader(part: string): boolean {
  const header = parse(part);
  return header !== null && typeof header === 'object' && 'alg' in header;
}

/** The keys that every local Supabase comes with. */
function isPublished(part: string): boolean {
  const claims = parse(part);
  return claims !== null && typeof claims === 'object' && 'iss' in claims && claims.iss === 'supabase-demo';
}

function parse(base64url: string): unknown {
  try {
    return JSON.parse(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return null;
  }
}
