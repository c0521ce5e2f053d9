import type { ObjectStore } from '../ports.js';
import { OID_BYTES, type Oid } from './oid.js';

/** As many digits git shows at least, whatever there is. */
const FEWEST_DIGITS = 7;

/** The shortest start of an object id, of seven digits or more, that no other object has. */
export function abbreviate(objects: Pick<ObjectStore, 'findByPrefix'>, oid: Oid): string {
  let digits = FEWEST_DIGITS;
  while (digits < 2 * OID_BYTES && objects.findByPrefix(oid.slice(0, digits), 2).length > 1) digits++;
  return oid.slice(0, digits);
}
