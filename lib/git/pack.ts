import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { type Oid, oidToBytes } from '../core/object/oid.js';
import type { GitObject } from '../core/ports.js';

/** Where an object lies in a pack. */
export interface PackedObject {
  readonly oid: Oid;
  readonly offset: number;
  /** CRC-32 of the packed bytes. */
  readonly crc: number;
}

const TYPE_BITS = { commit: 1, tree: 2, blob: 3 } as const;
const LARGE_OFFSET = 0x80000000;

/** The 12 bytes a pack starts with. */
export function encodePackHeader(count: number): Buffer {
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  header.writeUInt32BE(count, 8);
  return header;
}

/** An object as a pack holds it: type and size in groups of seven bits, then the deflated body. */
export function encodePackedObject({ type, body }: GitObject): Buffer {
  const head: number[] = [];
  let byte = (TYPE_BITS[type] << 4) | (body.length & 0x0f);
  for (let rest = Math.floor(body.length / 16); rest > 0; rest >>>= 7) {
    head.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  head.push(byte);
  return Buffer.concat([Buffer.from(head), deflateSync(body)]);
}

/**
 * The index of a pack, version 2.
 *
 * @param checksum the pack's own last 20 bytes
 * @see gitformat-pack(5)
 */
export function encodePackIndex(objects: readonly PackedObject[], checksum: Uint8Array): Buffer {
  const sorted = objects.toSorted((a, b) => (a.oid < b.oid ? -1 : 1));
  const large = sorted.filter((object) => object.offset >= LARGE_OFFSET);
  const parts = [
    Buffer.from('\xfftOc\0\0\0\x02', 'latin1'),
    uint32s(fanout(sorted)),
    ...sorted.map((object) => oidToBytes(object.oid)),
    uint32s(sorted.map((object) => object.crc)),
    uint32s(
      sorted.map((object) => (object.offset < LARGE_OFFSET ? object.offset : LARGE_OFFSET + large.indexOf(object))),
    ),
    uint32s(large.flatMap((object) => [Math.floor(object.offset / 2 ** 32), object.offset % 2 ** 32])),
    checksum,
  ];
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** The ids that a pack index lists; none for an index of another version. */
export function listPackIndex(index: Buffer): Oid[] {
  if (index.toString('latin1', 0, 8) !== '\xfftOc\0\0\0\x02') return [];
  const start = 8 + 256 * 4;
  const count = index.readUInt32BE(start - 4);
  return Array.from({ length: count }, (_, i) => index.toString('hex', start + 20 * i, start + 20 * (i + 1)));
}

/** For each first byte, how many ids start with it or a lower one. */
function fanout(sorted: readonly PackedObject[]): number[] {
  const counts = new Array<number>(256).fill(0);
  for (const { oid } of sorted) counts[Number.parseInt(oid.slice(0, 2), 16)]!++;
  let sum = 0;
  return counts.map((count) => (sum += count));
}

function uint32s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}
