import { type Oid, oidToBytes } from '../core/object/oid.js';

/** An object id as a column holds it: 20 bytes. */
export type OidColumn = Buffer;

/** Reads an oid from its column. */
export function fromColumn(column: OidColumn): Oid {
  return column.toString('hex');
}

/** Reads an oid that may be missing. */
export function fromNullable(column: OidColumn | null): Oid | null {
  return column === null ? null : fromColumn(column);
}

/** An oid, which may be missing, for its column. */
export function toNullable(oid: Oid | null): Uint8Array | null {
  return oid === null ? null : oidToBytes(oid);
}
