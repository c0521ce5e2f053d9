import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chainEnd, verifyErasures } from '../../core/erasure/erasure-chain.js';
import { tombstoneOf } from '../../core/erasure/tombstone.js';
import { SyncError } from '../../core/errors.js';
import { encodeUtf8 } from '../../core/object/text.js';
import type { Remote } from '../../core/ports.js';
import type { Row } from './row.js';
import { ACTOR, commitOf, identified, MAIN, pushOf } from './specimens.js';
import { byOid, fetchAll, refused, registered } from './steps.js';

const SECRET = identified('blob', encodeUtf8('the secret of INFRA-001\n'));
const UNPUSHED = identified('blob', encodeUtf8('never pushed\n'));

/** All records, checked against the key that the project is known by. */
async function recordsOf(remote: Remote) {
  const { anchor, count } = (await remote.describe()).erasures!;
  const signed = await remote.erasures(0);
  equal(signed.length, count);
  return verifyErasures(chainEnd(anchor, undefined), signed);
}

/** What is erased at an origin is gone there, stays gone, and is proved by signed records. */
export const ERASURE_ROWS: readonly Row[] = [
  {
    sentence: 'an erased name and text are gone, the ids stay, and a signed record says so',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'the secret of INFRA-001\n', 'INFRA-002-second.md': 'two\n' });
      await owner.push(pushOf(first, null));
      const before = await owner.describe();
      const gone = await owner.purge({ actors: [ACTOR.id], blobs: [SECRET.oid] });
      deepEqual([gone.actors, gone.blobs], [1, 1]);
      const after = await owner.describe();
      deepEqual(after.actors, []);
      deepEqual([after.refs, after.sequence], [before.refs, before.sequence]);
      const expected = first.objects.map((each) =>
        each.oid === SECRET.oid ? { ...each, body: tombstoneOf(each.oid) } : each,
      );
      deepEqual(byOid(await fetchAll(owner, 0)), byOid(expected));
      const [record] = await recordsOf(owner);
      deepEqual([record!.number, record!.actors, record!.blobs], [1, [ACTOR.id], [SECRET.oid]]);
    },
  },
  {
    sentence: 'an erased text is not taken in again, nor an erased name',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'the secret of INFRA-001\n' });
      await owner.push(pushOf(first, null));
      await owner.purge({ actors: [ACTOR.id], blobs: [SECRET.oid] });
      const again = commitOf({ 'INFRA-003-third.md': 'the secret of INFRA-001\n' }, [first.oid]);
      await refused(owner.push(pushOf(again, first.oid)), 'OBJECT_ERASED');
      const others = again.objects.filter(({ oid }) => oid !== SECRET.oid);
      equal((await owner.push({ ...pushOf(again, first.oid), objects: others })).status, 'accepted');
      deepEqual((await owner.describe()).actors, [], 'the name came with the push, and is not kept');
    },
  },
  {
    sentence: 'what was never pushed is refused as well, and a commit that names it is taken',
    async show(origin) {
      const owner = await registered(origin);
      await owner.purge({ actors: [], blobs: [UNPUSHED.oid] });
      const first = commitOf({ 'INFRA-001-first.md': 'never pushed\n' });
      await refused(owner.push(pushOf(first, null)), 'OBJECT_ERASED');
      const others = first.objects.filter(({ oid }) => oid !== UNPUSHED.oid);
      equal((await owner.push({ ...pushOf(first, null), objects: others })).status, 'accepted');
    },
  },
  {
    sentence: 'a purge that is asked for twice is done once, and each one after it adds a record to the chain',
    async show(origin) {
      const owner = await registered(origin);
      await owner.push(pushOf(commitOf({ 'INFRA-001-first.md': 'the secret of INFRA-001\n' }), null));
      const request = { actors: [ACTOR.id], blobs: [SECRET.oid] };
      await owner.purge(request);
      deepEqual(
        Object.values(await owner.purge(request)).filter((n) => n > 0),
        [],
      );
      await owner.purge({ actors: [ACTOR.id], blobs: [SECRET.oid, UNPUSHED.oid] });
      deepEqual(
        (await recordsOf(owner)).map(({ actors, blobs }) => [actors, blobs]),
        [
          [[ACTOR.id], [SECRET.oid]],
          [[], [UNPUSHED.oid]],
        ],
      );
      equal((await owner.erasures(1)).length, 1, 'and whoever knows the first gets the second');
    },
  },
  {
    sentence: 'a dry run counts the same and changes nothing',
    async show(origin) {
      const owner = await registered(origin);
      await owner.push(pushOf(commitOf({ 'INFRA-001-first.md': 'the secret of INFRA-001\n' }), null));
      const before = [await owner.describe(), byOid(await fetchAll(owner, 0))];
      const request = { actors: [ACTOR.id], blobs: [SECRET.oid] };
      const planned = await owner.purge(request, { dryRun: true });
      deepEqual([await owner.describe(), byOid(await fetchAll(owner, 0))], before);
      deepEqual(await owner.purge(request), planned);
    },
  },
  {
    sentence: 'trees and commits are not erased, nor what is no id',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      await owner.push(pushOf(first, null));
      await refused(owner.purge({ actors: [], blobs: [first.tree] }), 'USAGE');
      await refused(owner.purge({ actors: [], blobs: [first.oid] }), 'USAGE');
      equal((await owner.describe()).erasures!.count, 0);
    },
  },
  {
    sentence: 'a tombstone of what nobody erased is a forged object',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'the secret of INFRA-001\n' });
      const objects = first.objects.map((each) =>
        each.oid === SECRET.oid ? { ...each, body: tombstoneOf(each.oid) } : each,
      );
      await refused(owner.push({ ...pushOf(first, null), id: randomUUID(), objects }), 'OBJECT_HASH_MISMATCH');
      equal((await owner.describe()).refs.get(MAIN), undefined);
    },
  },
  {
    sentence: 'a record that was changed, cut, put elsewhere or signed for another project is not believed',
    async show(origin) {
      const owner = await registered(origin);
      for (const text of ['one', 'two']) {
        await owner.purge({ actors: [`actor-${text}`], blobs: [identified('blob', encodeUtf8(text)).oid] });
      }
      const { anchor } = (await owner.describe()).erasures!;
      const [one, two] = (await owner.erasures(0)) as [Signed, Signed];
      const start = chainEnd(anchor, undefined);
      equal(verifyErasures(start, [one, two]).length, 2);
      const edited = (from: string | RegExp, to: string) => ({ ...one, text: one.text.replace(from, to) });
      const flipped = (at: number) => ({
        ...one,
        signature: one.signature.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      });
      const forged: Record<string, readonly Signed[]> = {
        'another title': [edited('erasure 1', 'erasure 2')],
        'another number': [edited('number 1', 'number 2')],
        'another next key': [
          edited(/next ./, 'next 0').text === one.text ? edited(/next ./, 'next 1') : edited(/next ./, 'next 0'),
        ],
        'another actor': [edited('actor-one', 'actor-two')],
        'one actor less': [edited('actor actor-one\n', '')],
        'another blob': [
          edited(/blob ../, 'blob 00').text === one.text ? edited(/blob ../, 'blob 11') : edited(/blob ../, 'blob 00'),
        ],
        'one blob more': [{ ...one, text: `${one.text}blob ${'f'.repeat(40)}\n` }],
        'no end': [{ ...one, text: one.text.slice(0, -1) }],
        'a bit of a secret': [flipped(0)],
        'a bit of a hash': [flipped(one.signature.length - 1)],
        'a signature cut short': [{ ...one, signature: one.signature.subarray(0, -1) }],
        'no signature': [{ ...one, signature: new Uint8Array(0) }],
        'the other order': [two, one],
        'the first left out': [two],
        'the first twice': [one, one],
        'the signature of the other': [{ text: two.text, signature: one.signature }],
        'the text of the other': [one, { text: one.text, signature: two.signature }],
      };
      for (const [what, records] of Object.entries(forged)) {
        ok(
          isRefused(() => verifyErasures(start, records)),
          what,
        );
      }
      ok(
        isRefused(() => verifyErasures(chainEnd('0'.repeat(64), undefined), [one])),
        'another project',
      );
    },
  },
];

type Signed = Awaited<ReturnType<Remote['erasures']>>[number];

function isRefused(check: () => unknown): boolean {
  try {
    check();
    return false;
  } catch (error) {
    return error instanceof SyncError && error.code === 'ERASURE_INVALID';
  }
}
