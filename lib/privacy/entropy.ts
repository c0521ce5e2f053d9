/** Bits per character, by how often each character occurs in the text itself (Shannon). */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const WORDS =
  /example|placeholder|changeme|change[-_]me|your[-_]|[-_]here\b|redacted|dummy|sample|fake|insert|todo|xxxx|\.\.\.|abcdef|012345|123456|987654|deadbeef|s3cr3t|p[a4][s5][s5]w[o0]rd/i;

/** Tells what somebody typed to stand for a secret: `ghp_xxxxxxxx`, `your-key-here`, `abcdef1234567890`. */
export function isPlaceholder(value: string): boolean {
  return WORDS.test(value) || /(.)\1{5}/.test(value) || new Set(value).size < 6;
}
