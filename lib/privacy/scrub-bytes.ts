import { decodeUtf8Strict, encodeUtf8 } from '../core/object/text.js';
import type { PrivacySettings } from '../core/privacy-settings.js';
import type { Libraries } from './detector.js';
import { type Finding, scrub } from './scrub.js';

/**
 * As `scrub`, for the bytes of a document. Where they are not UTF-8 each byte is taken for a character, so that nothing gets through
 * by being badly encoded.
 */
export function scrubBytes(
  bytes: Uint8Array,
  path: string,
  settings: PrivacySettings,
  libraries: Libraries,
): { readonly bytes: Uint8Array; readonly findings: readonly Finding[] } {
  const utf8 = decodeUtf8Strict(bytes);
  const text = utf8 ?? decodeLatin1(bytes);
  const scrubbed = scrub(text, path, settings, libraries);
  const { findings } = scrubbed;
  if (scrubbed.text === text) return { bytes, findings };
  return { bytes: utf8 === undefined ? encodeLatin1(scrubbed.text) : encodeUtf8(scrubbed.text), findings };
}

function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}

function encodeLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
