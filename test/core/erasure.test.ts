import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { chainEnd, verifyErasures } from '../../lib/core/erasure/erasure-chain.js';
import { type ErasureRecord, formatErasure, parseErasure } from '../../lib/core/erasure/erasure-record.js';
import { fingerprintOf, signerOf, signOnce } from '../../lib/core/erasure/one-time-signature.js';
import { blobOnDisk, readTombstone, tombstoneOf } from '../../lib/core/erasure/tombstone.js';
import { hashObject } from '../../lib/core/object/oid.js';

const SEED = 'a5'.repeat(32);
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));
const sortedUnique = (values: fc.Arbitrary<string>) =>
  fc.uniqueArray(values, { maxLength: 5 }).map((list) => list.sort());
const records: fc.Arbitrary<ErasureRecord> = fc.record({
  number: fc.integer({ min: 1, max: 999_999_999 }),
  next: hex(64),
  actors: sortedUnique(hex(20).map((digits) => `actor-${digits}`)),
  blobs: sortedUnique(hex(40)),
});

t.test('a fingerprint is the hash of the hashes of all secrets, as docs/protocol.md has it', async (t) => {
  const secrets = Array.from({ length: 512 }, (_, i) =>
    sha256(`agent-sync erasure secret\n${SEED}\n7\n${i >> 1}\n${i & 1}\n`),
  );
  t.equal(fingerprintOf(SEED, 7), sha256(Buffer.concat(secrets.map(sha256))).toString('hex'));
});

t.test('a signature leads to its key, and no other text or signature does', async (t) => {
  const property = fc.property(fc.string(), fc.integer({ min: 0, max: 8 * 16_384 - 1 }), (text, bit) => {
    const signature = signOnce(SEED, 3, text);
    const flipped = signature.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    const key = fingerprintOf(SEED, 3);
    return (
      signerOf(text, signature) === key && signerOf(`${text} `, signature) !== key && signerOf(text, flipped) !== key
    );
  });
  fc.assert(property, { numRuns: 25 });
  t.not(fingerprintOf(SEED, 3), fingerprintOf(SEED, 4), 'each number has a key of its own');
  t.equal(signerOf('', new Uint8Array(5)), undefined);
});

t.test('a record is read as it was written, and in no other form', async (t) => {
  const property = fc.property(
    records,
    fc.nat(),
    fc.constantFrom('', ' ', '\n', '0', 'blob '),
    (record, place, extra) => {
      const text = formatErasure(record);
      t.same(parseErasure(text), record);
      const at = place % (text.length + 1);
      const changed = text.slice(0, at) + extra + text.slice(extra === '' ? at + 1 : at);
      if (changed === text) return;
      let read: ErasureRecord;
      try {
        read = parseErasure(changed);
      } catch (error) {
        t.match(error, { code: 'ERASURE_INVALID' });
        return;
      }
      t.equal(formatErasure(read), changed, 'what is taken would be written the same');
    },
  );
  fc.assert(property, { numRuns: 200 });
  const empty = { number: 1, next: '0'.repeat(64), actors: [], blobs: [] };
  for (const [what, lists] of Object.entries({
    'actors out of order': { actors: ['b', 'a'] },
    'an actor twice': { actors: ['a', 'a'] },
    'blobs out of order': { blobs: ['2'.repeat(40), '1'.repeat(40)] },
    'a blob twice': { blobs: ['1'.repeat(40), '1'.repeat(40)] },
  })) {
    t.throws(() => parseErasure(formatErasure({ ...empty, ...lists })), { code: 'ERASURE_INVALID' }, what);
  }
});

t.test('records follow each other from the first key on', async (t) => {
  const signedAs = (key: number, number: number) => {
    const text = formatErasure({ number, next: fingerprintOf(SEED, key + 1), actors: [], blobs: [] });
    return { text, signature: signOnce(SEED, key, text) };
  };
  const chain = [1, 2, 3].map((number) => signedAs(number, number));
  const [one, two, three] = chain as [(typeof chain)[0], (typeof chain)[0], (typeof chain)[0]];
  const start = chainEnd(fingerprintOf(SEED, 1), undefined);
  const [first, second] = verifyErasures(start, [one, two]);
  t.same([first!.number, second!.number], [1, 2]);
  t.equal(verifyErasures(chainEnd(fingerprintOf(SEED, 1), second), [three]).length, 1, 'also from the middle');
  for (const [what, wrong] of Object.entries({
    'one left out': [one, three],
    'another order': [two, one],
    'one twice': [one, one],
    'another number under the right key': [signedAs(1, 2)],
  })) {
    t.throws(() => verifyErasures(start, wrong), { code: 'ERASURE_INVALID' }, what);
  }
  t.throws(
    () => verifyErasures(chainEnd(fingerprintOf('b6'.repeat(32), 1), undefined), [one]),
    { code: 'ERASURE_INVALID' },
    'another project',
  );
});

t.test('a tombstone is the blob that it names, and nothing that is only like it', async (t) => {
  const oid = hashObject('blob', Buffer.from('gone\n'));
  const tombstone = tombstoneOf(oid);
  t.equal(Buffer.from(tombstone).toString(), `[erased] ${oid}\n`);
  t.equal(blobOnDisk(tombstone), oid);
  for (const text of [
    `[erased] ${oid}`,
    `[erased] ${oid}\n\n`,
    `[erased]  ${oid.slice(1)}\n`,
    `[erased] ${oid.toUpperCase()}\n`,
    ` ${'x'.repeat(49)}`,
  ]) {
    const bytes = Buffer.from(text);
    t.equal(readTombstone(bytes), undefined, JSON.stringify(text));
    t.equal(blobOnDisk(bytes), hashObject('blob', bytes));
  }
});
