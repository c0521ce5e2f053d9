import type { Match } from './detector.js';

/** How a secret that is known may stand in a text: as it is, in a URL, or within base64, wherever in it that begins. */
export type SecretForms = readonly string[];

/** @param secrets in plain; ASCII, as keys, tokens and passphrases for machines are, or the base64 of it is not looked for */
export function formsOf(secrets: readonly string[]): SecretForms {
  return [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret), ...base64Forms(secret)]))];
}

/**
 * Base64 turns three bytes into four characters, so a secret has three forms in it by where it begins, without the characters
 * that what stands around it has a part in; each with two alphabets.
 *
 * @see RFC 4648, sections 4 and 5
 */
function base64Forms(secret: string): string[] {
  if (!/^[\x20-\x7e]+$/.test(secret)) return [];
  return [0, 1, 2].flatMap((before) => {
    const whole = btoa(' '.repeat(before) + secret);
    const first = before === 0 ? 0 : before + 1;
    const form = whole.slice(first, Math.floor(((before + secret.length) * 8) / 6));
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Where a text holds known secrets, in some form. */
export function findHeld(text: string, forms: SecretForms): Match[] {
  const matches: Match[] = [];
  for (const form of forms) {
    for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + form.length)) {
      matches.push({ start: at, end: at + form.length, reason: 'a key, token or passphrase of this project' });
    }
  }
  return matches.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** The text without them. */
export function replaceHeld(text: string, held: readonly Match[]): string {
  let result = '';
  let at = 0;
  for (const { start, end } of held) {
    if (start >= at) result += `${text.slice(at, start)}REDACTED-SECRET`;
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}
