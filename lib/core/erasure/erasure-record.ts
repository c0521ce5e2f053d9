import { SyncError } from '../errors.js';
import { isActorId } from '../object/commit.js';
import { isOid, type Oid } from '../object/oid.js';

/** What one purge erased. */
export interface ErasureRecord {
  /** From 1, without gaps. */
  readonly number: number;
  /** The fingerprint of the key that signs the next record. */
  readonly next: string;
  /** Actors whose names are gone for good; sorted. */
  readonly actors: readonly string[];
  /** Blobs whose contents are gone for good; sorted. */
  readonly blobs: readonly Oid[];
}

const TITLE = 'agent-sync erasure 1';

/** Writes a record as it is signed. */
export function formatErasure({ number, next, actors, blobs }: ErasureRecord): string {
  const lines = [
    TITLE,
    `number ${number}`,
    `next ${next}`,
    ...actors.map((id) => `actor ${id}`),
    ...blobs.map((oid) => `blob ${oid}`),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Reads a record; what is taken would be written the same.
 *
 * @throws {SyncError} `ERASURE_INVALID`
 */
export function parseErasure(text: string): ErasureRecord {
  const [, numberLine = '', nextLine = '', ...lines] = text.split('\n').slice(0, -1);
  const valuesOf = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const record = {
    number: Number(/^number ([1-9]\d{0,8})$/.exec(numberLine)?.[1] ?? Number.NaN),
    next: /^next ([0-9a-f]{64})$/.exec(nextLine)?.[1] ?? '',
    actors: valuesOf('actor'),
    blobs: valuesOf('blob'),
  };
  const isSorted = (values: readonly string[]) => values.every((value, i) => i === 0 || values[i - 1]! < value);
  const isSound =
    record.actors.every(isActorId) &&
    record.blobs.every(isOid) &&
    isSorted(record.actors) &&
    isSorted(record.blobs) &&
    formatErasure(record) === text;
  if (isSound) return record;
  throw new SyncError('ERASURE_INVALID', 'a record of an erasure is not in the form of one', {
    hint: 'Nothing was erased on the word of it. Tell whoever runs the origin.',
  });
}
