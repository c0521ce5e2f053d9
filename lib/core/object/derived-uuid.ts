import { hashObject } from './oid.js';
import { encodeUtf8 } from './text.js';

/**
 * The UUID that stands for a text: always the same one.
 *
 * @returns a version 8 UUID, RFC 9562, section 5.8
 */
export function derivedUuid(text: string): string {
  const hash = hashObject('blob', encodeUtf8(text));
  const groups = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ];
  return groups.join('-');
}
