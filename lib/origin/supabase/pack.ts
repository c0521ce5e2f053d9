/**
 * The form in which objects travel: one line of JSON that lists them, then their bodies one after the other.
 *
 * Bodies go as they are, because base64 in JSON took five times as long on the way (`docs/protocol.md`).
 */
import { isRecord } from '../../core/is-record.js';
import { isOid } from '../../core/object/oid.js';
import type { IdentifiedObject } from '../../core/ports.js';
import { invalidAnswer, isObjectType } from './answers.js';
import { parseJson } from './bounded-json.js';

const NEWLINE = 0x0a;

/** A received pack: the first line without its list, and the objects. */
export interface Pack {
  readonly header: Readonly<Record<string, unknown>>;
  readonly objects: readonly IdentifiedObject[];
}

/** Writes a pack whose first line is `header` and the list of `objects`. */
export function encodePack(
  header: Readonly<Record<string, unknown>>,
  objects: readonly IdentifiedObject[],
): Uint8Array {
  const list = objects.map(({ oid, type, body }) => ({ oid, type, size: body.length }));
  const line = Buffer.from(`${JSON.stringify({ ...header, objects: list })}\n`);
  return Buffer.concat([line, ...objects.map((object) => object.body)]);
}

/**
 * Reads a pack. The ids are checked for their form only: whoever stores the objects rehashes them.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`
 */
export function decodePack(bytes: Uint8Array): Pack {
  const end = bytes.indexOf(NEWLINE);
  const { objects: list, ...header } = parseLine(bytes.subarray(0, Math.max(end, 0)));
  if (!Array.isArray(list)) throw invalidAnswer('a pack without a list of objects');
  const objects: IdentifiedObject[] = [];
  const named = new Set<string>();
  let at = end + 1;
  for (const entry of list) {
    const { oid, type, size } = isRecord(entry) ? entry : {};
    if (typeof oid !== 'string' || !isOid(oid) || !isObjectType(type))
      throw invalidAnswer('a pack with an object unnamed');
    if (!Number.isSafeInteger(size) || (size as number) < 0)
      throw invalidAnswer('a pack with an object without a size');
    if (named.has(oid)) throw invalidAnswer('a pack with an object twice');
    named.add(oid);
    const body = bytes.subarray(at, at + (size as number));
    at += size as number;
    objects.push({ oid, type, body });
  }
  if (at !== bytes.length) throw invalidAnswer('a pack that is not as long as it says');
  return { header, objects };
}

function parseLine(line: Uint8Array): Record<string, unknown> {
  const value = parseJson(line);
  if (isRecord(value)) return value;
  throw invalidAnswer('a pack that does not begin with a line of JSON');
}
