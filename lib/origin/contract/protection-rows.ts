import { deepEqual, equal } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Oid } from '../../core/object/oid.js';
import type { PushEdit, PushRequest, Remote } from '../../core/ports.js';
import type { Row } from './row.js';
import { ACTOR, commitOf, MAIN, pushOf } from './specimens.js';
import { refused, registered } from './steps.js';

const SIDE = 'refs/heads/side';
const FIRST = commitOf({ 'INFRA-001-first.md': 'one\n' });
const SECOND = commitOf({ 'INFRA-001-first.md': 'two\n' }, [FIRST.oid]);
const OTHER = commitOf({ 'INFRA-001-first.md': 'other\n' });

/** Refs that lose nothing, refs that may, and names that only their bearers bring. */
export const PROTECTION_ROWS: readonly Row[] = [
  {
    sentence: 'a branch that is not protected is moved back, aside or deleted by force, and only so',
    async show(origin) {
      const owner = await withTwoBranches(await registered(origin));
      const side = async () => (await owner.describe()).refs.get(SIDE) ?? null;
      const back = { name: SIDE, expected: SECOND.oid, target: FIRST.oid };
      const rejected = { status: 'rejected', ref: SIDE, reason: 'non-fast-forward', current: SECOND.oid };
      deepEqual(await owner.push(edit(back)), rejected);
      deepEqual(await owner.push(edit({ ...back, force: false })), rejected);
      equal(await side(), SECOND.oid);
      const stale = await owner.push(edit({ ...back, expected: FIRST.oid, force: true }));
      deepEqual(stale, { status: 'rejected', ref: SIDE, reason: 'stale', current: SECOND.oid });
      equal((await owner.push(edit({ ...back, force: true }))).status, 'accepted');
      equal(await side(), FIRST.oid);
      const aside = {
        ...edit({ name: SIDE, expected: FIRST.oid, target: OTHER.oid, force: true }),
        objects: OTHER.objects,
      };
      equal((await owner.push(aside)).status, 'accepted');
      const gone = { name: SIDE, expected: OTHER.oid, target: null };
      await refused(owner.push(edit(gone)), 'ORIGIN_REFUSED');
      equal(await side(), OTHER.oid);
      const answer = await owner.push(edit({ ...gone, force: true }));
      deepEqual(answer.status === 'accepted' && answer.refs, new Map());
      equal(await side(), null);
      await refused(owner.push(edit({ name: SIDE, expected: null, target: null, force: true })), 'REQUEST_INVALID');
    },
  },
  {
    sentence: 'main loses no commit and is not deleted, by force either, until its protection ends',
    async show(origin) {
      const owner = await withTwoBranches(await registered(origin));
      const before = await owner.describe();
      deepEqual(await owner.protectedRefs(), [MAIN]);
      const gone = edit({ name: MAIN, expected: SECOND.oid, target: null, force: true });
      const back = edit({ name: MAIN, expected: SECOND.oid, target: FIRST.oid, force: true });
      await refused(owner.push(gone), 'REF_PROTECTED');
      await refused(owner.push(back), 'REF_PROTECTED');
      const both = { ...back, edits: [{ name: SIDE, expected: SECOND.oid, target: null, force: true }, ...back.edits] };
      await refused(owner.push(both), 'REF_PROTECTED');
      deepEqual(await owner.describe(), before);
      const third = commitOf({ 'INFRA-001-first.md': 'three\n' }, [SECOND.oid]);
      const ahead = {
        ...edit({ name: MAIN, expected: SECOND.oid, target: third.oid, force: true }),
        objects: third.objects,
      };
      equal((await owner.push(ahead)).status, 'accepted', 'force is no harm where nothing is lost');
      await owner.protectRef(MAIN, false);
      deepEqual(await owner.protectedRefs(), []);
      equal(
        (await owner.push(edit({ name: MAIN, expected: third.oid, target: null, force: true }))).status,
        'accepted',
      );
    },
  },
  {
    sentence: 'refs are protected by name or by the beginning of their names',
    async show(origin) {
      const owner = await withTwoBranches(await registered(origin));
      await owner.protectRef('refs/heads/si*', true);
      await owner.protectRef('refs/heads/si*', true);
      await owner.protectRef('refs/heads/release/*', true);
      deepEqual(await owner.protectedRefs(), [MAIN, 'refs/heads/release/*', 'refs/heads/si*']);
      const gone = edit({ name: SIDE, expected: SECOND.oid, target: null, force: true });
      await refused(owner.push(gone), 'REF_PROTECTED');
      await owner.protectRef('refs/heads/si*', false);
      await owner.protectRef('refs/heads/sid', true);
      equal((await owner.push({ ...gone, id: randomUUID() })).status, 'accepted');
      for (const pattern of ['main', '*', 'refs/tags/*', 'refs/heads/*x', 'refs/heads/../*', 'refs/heads/a b', '']) {
        await refused(owner.protectRef(pattern, true), 'REF_NAME_INVALID');
      }
    },
  },
  {
    sentence: 'a push names who signed its commits, and passes over other names',
    async show(origin) {
      const owner = await registered(origin);
      const other = { id: 'actor-of-another', name: 'Mallory', email: '' };
      await owner.push({ ...edit(), actors: [ACTOR, other] });
      deepEqual((await owner.describe()).actors, []);
      await owner.push({ ...pushOf(FIRST, null), actors: [ACTOR, other] });
      deepEqual((await owner.describe()).actors, [ACTOR]);
      await owner.push({ ...edit(), actors: [{ ...ACTOR, name: 'Ada L.' }] });
      deepEqual((await owner.describe()).actors, [{ ...ACTOR, name: 'Ada L.' }]);
    },
  },
];

function edit(...edits: PushEdit[]): PushRequest {
  return { id: randomUUID(), edits, objects: [], actors: [] };
}

/** `main` and a side branch, both at the second of two commits. */
async function withTwoBranches(owner: Remote): Promise<Remote> {
  const at = (name: string, target: Oid) => ({ name, expected: null, target });
  const edits = [at(MAIN, SECOND.oid), at(SIDE, SECOND.oid)];
  await owner.push({ ...pushOf(SECOND, null), objects: [...FIRST.objects, ...SECOND.objects], edits });
  return owner;
}
