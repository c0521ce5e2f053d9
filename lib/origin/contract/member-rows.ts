import { deepEqual, equal } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { LIMITS } from '../../core/object/limits.js';
import type { Remote } from '../../core/ports.js';
import type { ContractOrigin, ContractUser, Row } from './row.js';
import { ACTOR, claim, commitOf, identified, issued, MAIN, next, pushOf } from './specimens.js';
import { byOid, fetchAll, refused, registered } from './steps.js';

/** The user ids that `setMember` takes. */
export type UserIds = Readonly<Record<ContractUser, string>>;

/** Who may do what, where an origin has members. */
export function memberRows(ids: UserIds): readonly Row[] {
  return [
    {
      sentence: 'the owner lists the members and changes their roles, but cannot leave the project without an owner',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const listed = async () => (await owner.members()).map(({ userId, role }) => `${userId} ${role}`).sort();
        deepEqual(await listed(), [`${ids.owner} owner`, `${ids.writer} writer`, `${ids.reader} reader`].sort());
        await refused(owner.setMember(ids.owner, null), 'ORIGIN_REFUSED');
        await refused(owner.setMember(ids.owner, 'writer'), 'ORIGIN_REFUSED');
        await owner.setMember(ids.writer, 'owner');
        await owner.setMember(ids.reader, null);
        await owner.setMember(ids.reader, null);
        await owner.setMember(ids.owner, 'reader');
        deepEqual(await listed(), [`${ids.owner} reader`, `${ids.writer} owner`].sort());
        await refused((await origin.remote('reader')).describe(), 'ORIGIN_REFUSED');
      },
    },
    {
      sentence: 'a writer reads and writes what the owner reads and writes, and joins the project by registering',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const writer = await origin.remote('writer');
        deepEqual(await writer.register(), { created: false, role: 'writer' });
        const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
        equal((await writer.push(pushOf(first, null))).status, 'accepted');
        deepEqual(byOid(await fetchAll(owner, 0)), byOid(first.objects));
        deepEqual(await writer.issueId(next('story', 'INFRA', 0)), issued('INFRA-001'));
        deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-002'));
        await refused(writer.setMember(ids.stranger, 'reader'), 'ORIGIN_REFUSED');
      },
    },
    {
      sentence: 'an id asked for again with the same request is the same id for every writer, and for one kind',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const writer = await origin.remote('writer');
        const request = next('story', 'INFRA', 0);
        deepEqual(await owner.issueId(request), issued('INFRA-001'));
        deepEqual(await writer.issueId(request), issued('INFRA-001'));
        await refused(writer.issueId({ ...request, kind: 'plan' }), 'USAGE');
        deepEqual(await writer.issueId(next('story', 'INFRA', 0)), issued('INFRA-002'));
      },
    },
    {
      sentence: 'two people may use one push id without seeing each other',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const writer = await origin.remote('writer');
        const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
        const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
        const request = pushOf(first, null);
        await owner.push(request);
        const answer = await writer.push({ ...pushOf(second, first.oid), id: request.id });
        equal(answer.status, 'accepted');
        deepEqual((await owner.describe()).refs, new Map([[MAIN, second.oid]]));
      },
    },
    {
      sentence: 'nobody but the actor renames an actor',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const writer = await origin.remote('writer');
        const push = (actor: typeof ACTOR) => ({ id: randomUUID(), edits: [], objects: [], actors: [actor] });
        await owner.push(push(ACTOR));
        await writer.push(push({ ...ACTOR, name: 'Mallory' }));
        deepEqual((await owner.describe()).actors, [ACTOR]);
        await owner.push(push({ ...ACTOR, name: '', email: '' }));
        deepEqual((await writer.describe()).actors, [{ ...ACTOR, name: '', email: '' }]);
      },
    },
    {
      sentence: 'a reader reads and writes nothing',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const reader = await origin.remote('reader');
        const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
        await owner.push(pushOf(first, null));
        const before = await owner.describe();
        deepEqual(await reader.describe(), before);
        deepEqual(byOid(await fetchAll(reader, 0)), byOid(first.objects));
        equal((await reader.members()).length, 3);
        await writesNothing(reader, ids);
        deepEqual(await owner.describe(), before);
        deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-001'));
      },
    },
    {
      sentence: 'a stranger reads and writes nothing',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const stranger = await origin.remote('stranger');
        await owner.push(pushOf(commitOf({ 'INFRA-001-first.md': 'one\n' }), null));
        const before = await owner.describe();
        await refused(stranger.register(), 'ORIGIN_REFUSED');
        await refused(stranger.describe(), 'ORIGIN_REFUSED');
        await refused(stranger.fetch(0), 'ORIGIN_REFUSED');
        await refused(stranger.members(), 'ORIGIN_REFUSED');
        await writesNothing(stranger, ids);
        deepEqual(await owner.describe(), before);
        equal((await owner.members()).length, 3);
      },
    },
  ];
}

async function withMembers(origin: ContractOrigin, ids: UserIds): Promise<Remote> {
  const owner = await registered(origin);
  await owner.setMember(ids.writer, 'writer');
  await owner.setMember(ids.reader, 'reader');
  return owner;
}

async function writesNothing(remote: Remote, ids: UserIds): Promise<void> {
  const commit = commitOf({ 'INFRA-001-first.md': 'forbidden\n' });
  await refused(remote.push(pushOf(commit, null)), 'ORIGIN_REFUSED');
  const large = identified('blob', new Uint8Array(LIMITS.objectBytes));
  const larger = [0, 1, 2, 3].map((i) => identified('blob', new Uint8Array(LIMITS.objectBytes).fill(i)));
  await refused(
    remote.push({ ...pushOf(commit, null), objects: [large, ...larger, ...commit.objects] }),
    'ORIGIN_REFUSED',
  );
  await refused(remote.issueId(next('story', 'INFRA', 0)), 'ORIGIN_REFUSED');
  await refused(remote.issueId(claim('story', 'INFRA-900')), 'ORIGIN_REFUSED');
  await refused(remote.setMember(ids.stranger, 'owner'), 'ORIGIN_REFUSED');
  await refused(remote.setMember(ids.owner, null), 'ORIGIN_REFUSED');
}
