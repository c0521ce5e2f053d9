import type { Match } from './detector.js';
import { entropyOf, isPlaceholder } from './entropy.js';

/** A name that says what its value is, as in `DB_PASSWORD=`, `"apiKey": "` and `secret_key: `. */
const NAME =
  '(?:passwor[dt]|pass(?:wd|phrase)?|pwd|secret|token|(?:api|access|auth|account|private|encryption|signing)[_-]?key|credential|' +
  'authorization)s?(?:[_-]?(?:key|value|hash|key[_-]base))?["\'`*_]{0,3}[ \\t]{0,8}';
/** What is assigned to one, in an HTTP header as well. It starts at the sign and looks back from there, for that is rarer than letters. */
const ASSIGNED = new RegExp(
  `[:=](?<=${NAME}[:=])>?["'\`*_]{0,3}[ \\t]{0,8}["'\`*_]{0,3}(?:(?:bearer|basic) )?([^\\s"'\`,;|<>()[\\]{}\\\\]{12,512})`,
  'gi',
);
const BEARER = /\bBearer[ \t]{1,4}([^\s"'`,;|<>()[\]{}\\]{12,512})/g;
/** Here as well what is rare comes first, and the scheme is looked for behind it. */
const URL_PASSWORD =
  /:\/\/(?<=(?<![\w+.-])[a-z][a-z0-9+.-]{1,20}:\/\/)([^\s:/?#@"'`<>]{0,100}):([^\s/@"'`<>]{3,200})@([\w.-]{1,200})/gi;

/** High-entropy values next to words that say that they are secret, and passwords in URLs. */
export function findAssignedSecrets(text: string): Match[] {
  const matches: Match[] = [];
  const take = (written: string, given: string, index: number) => {
    const start = index + written.length - given.length;
    const end = start + given.replace(/[.:!?*_]+$/, '').length;
    matches.push({ start, end, reason: 'value of high entropy next to a word for a secret' });
  };
  for (const { 0: written, 1: value = '', index } of text.matchAll(ASSIGNED)) {
    if (isRandom(value)) take(written, value, index);
  }
  if (text.includes('Bearer ')) {
    for (const { 0: written, 1: value = '', index } of text.matchAll(BEARER)) {
      if (isRandom(value)) take(written, value, index);
    }
  }
  if (text.includes('://')) matches.push(...findUrlPasswords(text));
  return matches;
}

/** Long, of letters and digits, and none that could be read: no path, URL, UUID, name, call or reference. */
function isRandom(value: string): boolean {
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value) || isPlaceholder(value)) return false;
  if (
    /^(?:[$%@&/~.]|https?:|file:|sha\d*[:-]|v\d)|^\w+\.\w+[.(]|:\/\/|\.(?:md|py|ts|js|json|ya?ml|txt|pem|sql)$/.test(
      value,
    )
  ) {
    return false;
  }
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) || isReadable(value)) return false;
  return entropyOf(value) >= 3;
}

/** Words, each with few digits, and none at all in most of them: `test-token-2`, `INFRA-169-runbook`, `gpt4TokenLimit`, `2024-01-31T12`. */
function isReadable(value: string): boolean {
  const words = value.split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])/).filter(Boolean);
  return (
    words.length > 1 &&
    words.every((word) => /^(?:[A-Za-z]?[a-z]*|[A-Z]+)\d{0,4}$|^\d{1,8}[A-Za-z]?$/.test(word)) &&
    !/[A-Z]\d[A-Z]/.test(value)
  );
}

function findUrlPasswords(text: string): Match[] {
  const matches: Match[] = [];
  for (const { 0: written, 1: user = '', 2: password = '', 3: host = '', index } of text.matchAll(URL_PASSWORD)) {
    if (isUsual(user, password) || /^(?:localhost|127\.|0\.0\.0\.0|host$|hostname$)|(?:^|\.)example\b/.test(host))
      continue;
    const end = index + written.length - host.length - 1;
    matches.push({ start: end - password.length, end, reason: 'password in a URL' });
  }
  return matches;
}

/** What everybody's development database has, and what stands for a password. */
function isUsual(user: string, password: string): boolean {
  const lower = password.toLowerCase();
  return (
    lower === user.toLowerCase() ||
    /^(?:pass|passwd|password|pwd|pw|secret|postgres|root|admin|guest|test|dev|mysecretpassword|x-oauth-basic|token|key)$/.test(
      lower,
    ) ||
    /^[$%*.:{[<(]|^x+$/.test(lower) ||
    (isPlaceholder(password) && !/\d/.test(password)) ||
    /redacted|changeme|example|your|xxxx|\$\{/i.test(password)
  );
}
