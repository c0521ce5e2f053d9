import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { LIMITS } from '../../core/object/limits.js';
import type { Member, Remote, Role } from '../../core/ports.js';
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
      sentence: 'to add a member changes no role, and to change a role adds no member',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const before = await owner.members();
        await refused(owner.setMember(ids.writer, 'reader', { only: 'new' }), 'MEMBER_EXISTS');
        await refused(owner.setMember(ids.stranger, 'reader', { only: 'known' }), 'MEMBER_UNKNOWN');
        deepEqual(await owner.members(), before);
        const added = { status: 'member', userId: ids.writer, role: 'writer' };
        deepEqual(await owner.setMember(ids.writer, 'writer', { only: 'new' }), added);
        await owner.setMember(ids.stranger, 'reader', { only: 'new' });
        await owner.setMember(ids.writer, 'reader', { only: 'known' });
        deepEqual(roles(await owner.members()), { ...roles(before), [ids.stranger]: 'reader', [ids.writer]: 'reader' });
        await refused(owner.setMember('nobody', 'reader'), 'USAGE');
      },
    },
    {
      sentence: 'owners invite an e-mail address, see whom they have invited, and withdraw it; nobody else does',
      async show(origin) {
        const owner = await withMembers(origin, ids);
        const writer = await origin.remote('writer');
        const invited = await owner.setMember(' New.One@Example.ORG ', 'reader', { only: 'new' });
        const email = 'new.one@example.org';
        ok(invited.status === 'invited' && invited.email === email && invited.role === 'reader');
        deepEqual(await owner.invitations(), [{ email, role: 'reader', expiresAt: invited.expiresAt }]);
        deepEqual(await writer.invitations(), []);
        equal((await owner.members()).length, 3, 'nobody is a member yet');
        await refused(owner.setMember(email, 'writer', { only: 'new' }), 'MEMBER_EXISTS');
        await owner.setMember(email, 'writer', { only: 'known' });
        deepEqual((await owner.invitations())[0]?.role, 'writer');
        await refused(writer.setMember(email, null), 'ORIGIN_REFUSED');
        await refused(writer.setMember('mallory@example.org', 'owner'), 'ORIGIN_REFUSED');
        deepEqual(await owner.setMember(email, null), { status: 'invited', email, role: null, expiresAt: null });
        deepEqual(await owner.invitations(), []);
        await refused(owner.setMember(email, null), 'MEMBER_UNKNOWN');
        await refused(owner.setMember(email, 'reader', { only: 'known' }), 'MEMBER_UNKNOWN');
        for (const wrong of ['@', 'a b@example.org', 'two@at@example.org', `${'a'.repeat(320)}@example.org`]) {
          await refused(owner.setMember(wrong, 'reader'), 'USAGE');
        }
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
        await owner.push(pushOf(commitOf({ 'INFRA-001-first.md': 'one\n' }), null));
        await writer.push(push({ ...ACTOR, name: 'Mallory' }));
        deepEqual((await owner.describe()).actors, [ACTOR]);
        const forged = commitOf({ 'INFRA-001-first.md': 'signed by the owner, it says\n' });
        const aside = [{ name: 'refs/heads/aside', expected: null, target: forged.oid }];
        await writer.push({ ...pushOf(forged, null), edits: aside, actors: [{ ...ACTOR, name: 'Mallory' }] });
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

function roles(members: readonly Member[]): Record<string, Role> {
  return Object.fromEntries(members.map(({ userId, role }) => [userId, role]));
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
  await refused(remote.protectRef(MAIN, false), 'ORIGIN_REFUSED');
}
