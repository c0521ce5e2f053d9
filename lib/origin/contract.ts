/**
 * The suite that every {@link Remote} passes, whatever stands behind it.
 *
 * Each row is a sentence about what two people who share a project may rely on. The rows use `node:assert`, so that any
 * runner whose `test(name, run)` awaits its function can run them (tap, node:test).
 */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '../core/errors.js';
import { SyncError } from '../core/errors.js';
import { encodeCommit } from '../core/object/commit.js';
import { LIMITS } from '../core/object/limits.js';
import { hashObject, type Oid } from '../core/object/oid.js';
import { encodeUtf8 } from '../core/object/text.js';
import { encodeTree } from '../core/object/tree.js';
import type { IdAnswer, IdentifiedObject, IdRequest, ObjectType, PushRequest, RefEdit, Remote } from '../core/ports.js';

/** The people of the contract: three members of the project, and one who is none. */
export type ContractUser = 'owner' | 'writer' | 'reader' | 'stranger';

/** An origin with one project that nobody has registered yet. */
export interface ContractOrigin {
  /** The same project as each person reaches it; called more than once per person. */
  remote(user: ContractUser): Promise<Remote>;
  /** The user ids that `setMember` takes; absent where an origin has only an owner, whose rows alone run then. */
  readonly userIds?: Readonly<Record<ContractUser, string>>;
  close(): Promise<void>;
}

/** What of a test runner the contract needs. */
export interface ContractRunner {
  test(name: string, run: () => Promise<void>): unknown;
}

/** One sentence of the contract and how it is shown. */
interface Row {
  readonly sentence: string;
  /** Left out where an origin has no members. */
  readonly members?: true;
  readonly show: (origin: ContractOrigin) => Promise<void>;
}

const MAIN = 'refs/heads/main';
const ACTOR = { id: 'actor-contract-1', name: 'Ada', email: 'ada@example.org' };

/**
 * Declares one test per row of the contract.
 *
 * @param makeOrigin a fresh origin, or a fresh project of one, for each row
 */
export function remoteContract(t: ContractRunner, name: string, makeOrigin: () => Promise<ContractOrigin>): void {
  for (const row of ROWS) {
    t.test(`${name}: ${row.sentence}`, async () => {
      const origin = await makeOrigin();
      try {
        if (row.members && !origin.userIds) return;
        await row.show(origin);
      } finally {
        await origin.close();
      }
    });
  }
}

// ---------------------------------------------------------------- rows

const ROWS: readonly Row[] = [
  {
    sentence: 'registering twice makes one project',
    async show(origin) {
      const owner = await origin.remote('owner');
      deepEqual(await owner.register(), { created: true, role: 'owner' });
      deepEqual(await owner.register(), { created: false, role: 'owner' });
    },
  },
  {
    sentence: 'a new project has no refs, no objects and no actors',
    async show(origin) {
      const owner = await registered(origin);
      deepEqual(await owner.describe(), { refs: new Map(), sequence: 0, actors: [] });
      deepEqual(await owner.fetch(0), { objects: [], sequence: 0, more: false });
    },
  },
  {
    sentence: 'a pushed commit is fetched byte for byte, with its ref and its actor',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({
        'INFRA-001-first.md': '# Ünï\r\n\n\ttext \u0000 with a NUL\n',
        'INFRA-002-empty.md': '',
      });
      const answer = await owner.push(pushOf(first, null));
      equal(answer.status, 'accepted');
      if (answer.status !== 'accepted') return;
      deepEqual(answer.refs, new Map([[MAIN, first.oid]]));
      deepEqual(answer.sequence, { from: 0, to: first.objects.length });

      const state = await owner.describe();
      deepEqual(state.refs, new Map([[MAIN, first.oid]]));
      equal(state.sequence, first.objects.length);
      deepEqual(state.actors, [ACTOR]);
      deepEqual(byOid(await fetchAll(owner, 0)), byOid(first.objects));
    },
  },
  {
    sentence: 'a fetch resumes at a sequence number and gets only what came after it',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
      await owner.push(pushOf(first, null));
      const { sequence } = await owner.describe();
      await owner.push(pushOf(second, first.oid));
      deepEqual(byOid(await fetchAll(owner, sequence)), byOid(second.objects));
      const end = (await owner.describe()).sequence;
      deepEqual(await owner.fetch(end), { objects: [], sequence: end, more: false });
    },
  },
  {
    sentence: 'objects that the origin has already are neither doubled nor sent again',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
      await owner.push(pushOf(first, null));
      await owner.push({
        ...pushOf(second, first.oid),
        objects: [...first.objects, ...second.objects, ...second.objects],
      });
      deepEqual(oids(await fetchAll(owner, 0)), oids([...first.objects, ...second.objects]));
    },
  },
  {
    sentence: 'the same push sent twice is answered the same and counts once',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const request = pushOf(first, null);
      const answer = await owner.push(request);
      equal(answer.status, 'accepted');
      deepEqual(await owner.push(request), answer);
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
      await owner.push(pushOf(second, first.oid));
      deepEqual(await owner.push(request), answer, 'also after others have pushed');
      deepEqual((await owner.describe()).refs, new Map([[MAIN, second.oid]]));
    },
  },
  {
    sentence: 'of two pushes from one base the later is rejected as stale and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      const base = commitOf({ 'INFRA-001-first.md': 'base\n' });
      const won = commitOf({ 'INFRA-001-first.md': 'won\n' }, [base.oid]);
      const lost = commitOf({ 'INFRA-001-first.md': 'lost\n' }, [base.oid]);
      await owner.push(pushOf(base, null));
      await owner.push(pushOf(won, base.oid));
      const before = await owner.describe();
      const answer = await owner.push(pushOf(lost, base.oid));
      deepEqual(answer, { status: 'rejected', ref: MAIN, reason: 'stale', current: won.oid });
      deepEqual(await owner.describe(), before);
    },
  },
  {
    sentence: 'of ten pushes at once from one base exactly one is accepted',
    async show(origin) {
      const owner = await registered(origin);
      const base = commitOf({ 'INFRA-001-first.md': 'base\n' });
      await owner.push(pushOf(base, null));
      const rivals = Array.from({ length: 10 }, (_, i) =>
        commitOf({ 'INFRA-001-first.md': `rival ${i}\n` }, [base.oid]),
      );
      const answers = await Promise.all(rivals.map((rival) => owner.push(pushOf(rival, base.oid))));
      equal(answers.filter((answer) => answer.status === 'accepted').length, 1);
      const winner = rivals[answers.findIndex((answer) => answer.status === 'accepted')]!;
      deepEqual((await owner.describe()).refs, new Map([[MAIN, winner.oid]]));
      deepEqual(oids(await fetchAll(owner, 0)), oids([...base.objects, ...winner.objects]));
    },
  },
  {
    sentence: 'a ref that exists cannot be made anew',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' });
      await owner.push(pushOf(first, null));
      const answer = await owner.push(pushOf(second, null));
      deepEqual(answer, { status: 'rejected', ref: MAIN, reason: 'stale', current: first.oid });
    },
  },
  {
    sentence: 'a commit that does not contain the current one is rejected and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const unrelated = commitOf({ 'INFRA-001-first.md': 'unrelated\n' });
      await owner.push(pushOf(first, null));
      const before = await owner.describe();
      const answer = await owner.push(pushOf(unrelated, first.oid));
      deepEqual(answer, { status: 'rejected', ref: MAIN, reason: 'non-fast-forward', current: first.oid });
      deepEqual(await owner.describe(), before);
    },
  },
  {
    sentence: 'a merge is a fast-forward of both its parents',
    async show(origin) {
      const owner = await registered(origin);
      const base = commitOf({ 'INFRA-001-first.md': 'base\n' });
      const ours = commitOf({ 'INFRA-001-first.md': 'ours\n' }, [base.oid]);
      const theirs = commitOf({ 'INFRA-001-first.md': 'base\n', 'INFRA-002-second.md': 'theirs\n' }, [base.oid]);
      const merge = commitOf({ 'INFRA-001-first.md': 'ours\n', 'INFRA-002-second.md': 'theirs\n' }, [
        ours.oid,
        theirs.oid,
      ]);
      await owner.push(pushOf(base, null));
      await owner.push(pushOf(theirs, base.oid));
      const answer = await owner.push({ ...pushOf(merge, theirs.oid), objects: [...ours.objects, ...merge.objects] });
      equal(answer.status, 'accepted');
    },
  },
  {
    sentence: 'several refs move together or not at all',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
      await owner.push(pushOf(first, null));
      const side: RefEdit = { name: 'refs/heads/side', expected: null, target: second.oid };
      const stale: RefEdit = { name: MAIN, expected: second.oid, target: second.oid };
      const rejected = await owner.push({ ...pushOf(second, null), edits: [side, stale] });
      equal(rejected.status, 'rejected');
      deepEqual((await owner.describe()).refs, new Map([[MAIN, first.oid]]));
      const main: RefEdit = { name: MAIN, expected: first.oid, target: second.oid };
      equal((await owner.push({ ...pushOf(second, null), edits: [side, main] })).status, 'accepted');
      deepEqual(sorted((await owner.describe()).refs), [
        [MAIN, second.oid],
        ['refs/heads/side', second.oid],
      ]);
    },
  },
  {
    sentence: 'a ref is not deleted, nor made under an unsafe name, nor pointed at what is no commit',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      await owner.push(pushOf(first, null));
      const before = await owner.describe();
      const refuse = async (edit: RefEdit, code: ErrorCode) => {
        await refused(owner.push({ id: randomUUID(), edits: [edit], objects: [], actors: [] }), code);
        deepEqual(await owner.describe(), before);
      };
      await refuse({ name: MAIN, expected: first.oid, target: null }, 'ORIGIN_REFUSED');
      await refuse({ name: 'refs/heads/../up', expected: null, target: first.oid }, 'REF_NAME_INVALID');
      await refuse({ name: 'HEAD', expected: null, target: first.oid }, 'REF_NAME_INVALID');
      await refuse({ name: 'refs/heads/tree', expected: null, target: first.tree }, 'OBJECT_NOT_FOUND');
      await refuse(
        { name: 'refs/heads/none', expected: null, target: hashObject('commit', new Uint8Array(1)) },
        'OBJECT_NOT_FOUND',
      );
    },
  },
  {
    sentence: 'a push in which a blob, a tree or a parent is missing is refused and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      const parent = commitOf({ 'INFRA-001-first.md': 'parent\n' });
      const child = commitOf({ 'INFRA-001-first.md': 'child\n' }, [parent.oid]);
      const before = await owner.describe();
      await refused(owner.push(pushOf(child, null)), 'OBJECT_NOT_FOUND');
      for (const type of ['blob', 'tree'] as const) {
        const objects = parent.objects.filter((object) => object.type !== type);
        await refused(owner.push({ ...pushOf(parent, null), objects }), 'OBJECT_NOT_FOUND');
      }
      deepEqual(await owner.describe(), before);
      equal((await owner.push(pushOf(parent, null))).status, 'accepted');
    },
  },
  {
    sentence: 'an object that another one takes for something else is refused',
    async show(origin) {
      const owner = await registered(origin);
      const blob = identified('blob', encodeUtf8('text\n'));
      const tree = identified('tree', encodeTree([{ name: 'plans', mode: '40000', oid: blob.oid }]));
      const commit = identified('commit', commitBody(tree.oid, []));
      await refused(owner.push(pushOf({ oid: commit.oid, objects: [blob, tree, commit] }, null)), 'OBJECT_NOT_FOUND');
      deepEqual(await owner.fetch(0), { objects: [], sequence: 0, more: false });
    },
  },
  {
    sentence: 'an object with a forged id is refused and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'true\n' });
      const objects = first.objects.map((object) =>
        object.type === 'blob' ? { ...object, body: encodeUtf8('false\n') } : object,
      );
      await refused(owner.push({ ...pushOf(first, null), objects }), 'OBJECT_HASH_MISMATCH');
      deepEqual(await owner.describe(), { refs: new Map(), sequence: 0, actors: [] });
    },
  },
  {
    sentence: 'a malformed object is refused and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      for (const object of malformedObjects()) {
        await refused(owner.push({ id: randomUUID(), edits: [], objects: [object], actors: [] }), 'OBJECT_MALFORMED');
      }
      deepEqual(await owner.fetch(0), { objects: [], sequence: 0, more: false });
    },
  },
  {
    sentence: 'an object at the limit of size is taken, one byte more is not',
    async show(origin) {
      const owner = await registered(origin);
      const largest = identified('blob', new Uint8Array(LIMITS.objectBytes).fill(0x61));
      const tooLarge = identified('blob', new Uint8Array(LIMITS.objectBytes + 1).fill(0x61));
      equal((await owner.push({ id: randomUUID(), edits: [], objects: [largest], actors: [] })).status, 'accepted');
      await refused(owner.push({ id: randomUUID(), edits: [], objects: [tooLarge], actors: [] }), 'OBJECT_TOO_LARGE');
      deepEqual(oids(await fetchAll(owner, 0)), [largest.oid]);
    },
  },
  {
    sentence: 'a push of more than 4 MB appears at once and is fetched in pages',
    async show(origin) {
      const owner = await registered(origin);
      const watcher = await origin.remote('owner');
      const files = Object.fromEntries(
        Array.from({ length: 900 }, (_, i) => [`INFRA-${1000 + i}-large.md`, filler(i, 10_000)]),
      );
      const large = commitOf(files);
      const push = owner.push(pushOf(large, null));
      let pushing = true;
      const ended = () => {
        pushing = false;
      };
      push.then(ended, ended);
      const seen = new Set<number>();
      while (pushing) seen.add((await watcher.describe()).sequence);
      equal((await push).status, 'accepted');
      const total = large.objects.length;
      ok(
        [...seen].every((sequence) => sequence === 0 || sequence === total),
        `only nothing or all was seen, not ${[...seen]}`,
      );

      const page = await owner.fetch(0);
      ok(page.more && page.objects.length < total, 'one page does not hold it all');
      deepEqual(byOid([...page.objects, ...(await fetchAll(owner, page.sequence))]), byOid(large.objects));
    },
  },
  {
    sentence: 'numbers are unique over twenty requests at once, for each kind and prefix from one upwards',
    async show(origin) {
      const owner = await registered(origin);
      const answers = await Promise.all(Array.from({ length: 20 }, () => owner.issueId(next('story', 'INFRA', 0))));
      const expected = Array.from({ length: 20 }, (_, i) => `INFRA-${String(i + 1).padStart(3, '0')}`);
      deepEqual(
        answers.map(({ status, id }) => `${status} ${id}`).sort(),
        expected.map((id) => `issued ${id}`),
      );
      equal((await owner.issueId(next('story', 'WEB', 0))).id, 'WEB-001');
      equal((await owner.issueId(next('plan', 'INFRA', 0))).id, 'INFRA-001');
    },
  },
  {
    sentence: 'an id asked for again with the same request is the same id',
    async show(origin) {
      const owner = await registered(origin);
      const request = next('story', 'INFRA', 0);
      const answers = await Promise.all([1, 2, 3, 4].map(() => owner.issueId(request)));
      for (const answer of answers) deepEqual(answer, issued('INFRA-001'));
      deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-002'));
    },
  },
  {
    sentence: 'a number is above the floor that the asker knows of, and never one that was claimed',
    async show(origin) {
      const owner = await registered(origin);
      deepEqual(await owner.issueId(next('story', 'INFRA', 1_233)), issued('INFRA-1234'));
      deepEqual(await owner.issueId(next('story', 'INFRA', 3)), issued('INFRA-1235'));
      deepEqual(await owner.issueId(claim('story', 'INFRA-1236')), issued('INFRA-1236'));
      deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-1237'));
    },
  },
  {
    sentence: 'a claimed id is taken for the next who claims it, but free for another kind',
    async show(origin) {
      const owner = await registered(origin);
      const request = claim('runbook', 'INFRA-004');
      deepEqual(await owner.issueId(request), issued('INFRA-004'));
      deepEqual(await owner.issueId(request), issued('INFRA-004'), 'the same request is no rival of itself');
      deepEqual(await owner.issueId(claim('runbook', 'INFRA-004')), {
        status: 'taken',
        id: 'INFRA-004',
      } satisfies IdAnswer);
      deepEqual(await owner.issueId(claim('story', 'INFRA-004')), issued('INFRA-004'));
    },
  },
  {
    sentence: 'every call honours an abort signal and changes nothing then',
    async show(origin) {
      const owner = await registered(origin);
      const options = { signal: AbortSignal.abort() };
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      await refused(owner.register(options), 'ABORTED');
      await refused(owner.describe(options), 'ABORTED');
      await refused(owner.fetch(0, options), 'ABORTED');
      await refused(owner.push(pushOf(first, null), options), 'ABORTED');
      await refused(owner.issueId(next('story', 'INFRA', 0), options), 'ABORTED');
      await refused(owner.members(options), 'ABORTED');
      await refused(owner.setMember(randomUUID(), 'writer', options), 'ABORTED');
      deepEqual(await owner.describe(), { refs: new Map(), sequence: 0, actors: [] });
      deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-001'));
    },
  },
  {
    sentence: 'the owner lists the members and changes their roles, but cannot leave the project without an owner',
    members: true,
    async show(origin) {
      const owner = await withMembers(origin);
      const ids = origin.userIds!;
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
    members: true,
    async show(origin) {
      const owner = await withMembers(origin);
      const writer = await origin.remote('writer');
      deepEqual(await writer.register(), { created: false, role: 'writer' });
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      equal((await writer.push(pushOf(first, null))).status, 'accepted');
      deepEqual(byOid(await fetchAll(owner, 0)), byOid(first.objects));
      deepEqual(await writer.issueId(next('story', 'INFRA', 0)), issued('INFRA-001'));
      deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-002'));
      await refused(writer.setMember(origin.userIds!.stranger, 'reader'), 'ORIGIN_REFUSED');
    },
  },
  {
    sentence: 'two people may use one push id without seeing each other',
    members: true,
    async show(origin) {
      const owner = await withMembers(origin);
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
    members: true,
    async show(origin) {
      const owner = await withMembers(origin);
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
    members: true,
    async show(origin) {
      const owner = await withMembers(origin);
      const reader = await origin.remote('reader');
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      await owner.push(pushOf(first, null));
      const before = await owner.describe();
      deepEqual(await reader.describe(), before);
      deepEqual(byOid(await fetchAll(reader, 0)), byOid(first.objects));
      equal((await reader.members()).length, 3);
      await writesNothing(reader, origin);
      deepEqual(await owner.describe(), before);
      deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-001'));
    },
  },
  {
    sentence: 'a stranger reads and writes nothing',
    members: true,
    async show(origin) {
      const owner = await withMembers(origin);
      const stranger = await origin.remote('stranger');
      await owner.push(pushOf(commitOf({ 'INFRA-001-first.md': 'one\n' }), null));
      const before = await owner.describe();
      await refused(stranger.register(), 'ORIGIN_REFUSED');
      await refused(stranger.describe(), 'ORIGIN_REFUSED');
      await refused(stranger.fetch(0), 'ORIGIN_REFUSED');
      await refused(stranger.members(), 'ORIGIN_REFUSED');
      await writesNothing(stranger, origin);
      deepEqual(await owner.describe(), before);
      equal((await owner.members()).length, 3);
    },
  },
];

// ---------------------------------------------------------------- what the rows share

async function registered(origin: ContractOrigin): Promise<Remote> {
  const owner = await origin.remote('owner');
  await owner.register();
  return owner;
}

async function withMembers(origin: ContractOrigin): Promise<Remote> {
  const owner = await registered(origin);
  await owner.setMember(origin.userIds!.writer, 'writer');
  await owner.setMember(origin.userIds!.reader, 'reader');
  return owner;
}

async function writesNothing(remote: Remote, origin: ContractOrigin): Promise<void> {
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
  await refused(remote.setMember(origin.userIds!.stranger, 'owner'), 'ORIGIN_REFUSED');
  await refused(remote.setMember(origin.userIds!.owner, null), 'ORIGIN_REFUSED');
}

async function refused(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  await rejects(call, (error: unknown) => {
    ok(error instanceof SyncError, `a SyncError and not ${String(error)}`);
    equal(error.code, code, error.message);
    return true;
  });
}

async function fetchAll(remote: Remote, after: number): Promise<IdentifiedObject[]> {
  const objects: IdentifiedObject[] = [];
  let page = await remote.fetch(after);
  objects.push(...page.objects);
  while (page.more) {
    page = await remote.fetch(page.sequence);
    objects.push(...page.objects);
  }
  return objects;
}

/** A commit, and the objects that it brings. */
interface Pushable {
  readonly oid: Oid;
  readonly objects: readonly IdentifiedObject[];
}

function pushOf(commit: Pushable, expected: Oid | null): PushRequest {
  const edits = [{ name: MAIN, expected, target: commit.oid }];
  return { id: randomUUID(), edits, objects: commit.objects, actors: [ACTOR] };
}

/** A commit whose tree has the given files in `plans/INFRA`, with all the objects of that tree. */
function commitOf(
  files: Readonly<Record<string, string>>,
  parents: readonly Oid[] = [],
): Pushable & { readonly tree: Oid } {
  const blobs = Object.entries(files).map(([name, text]) => ({ name, ...identified('blob', encodeUtf8(text)) }));
  const folder = identified('tree', encodeTree(blobs.map(({ name, oid }) => ({ name, mode: '100644', oid }))));
  const plans = identified('tree', encodeTree([{ name: 'INFRA', mode: '40000', oid: folder.oid }]));
  const root = identified('tree', encodeTree([{ name: 'plans', mode: '40000', oid: plans.oid }]));
  const commit = identified('commit', commitBody(root.oid, parents));
  const objects = [...blobs.map(({ oid, type, body }) => ({ oid, type, body })), folder, plans, root, commit];
  return { oid: commit.oid, tree: root.oid, objects };
}

function commitBody(tree: Oid, parents: readonly Oid[]): Uint8Array {
  const signature = { actor: ACTOR.id, time: 1_700_000_000, offset: 60 };
  return encodeCommit({ tree, parents, author: signature, committer: signature, message: 'contract\n' });
}

function identified(type: ObjectType, body: Uint8Array): IdentifiedObject {
  return { oid: hashObject(type, body), type, body };
}

/** Trees and commits that git, or a client, would stumble over; each with the id that it truly has. */
function malformedObjects(): IdentifiedObject[] {
  const oid = '\x01'.repeat(20);
  const trees = [
    '100644 cut-short\0\x01\x01',
    '100644 no-oid',
    'nonsense',
    `100666 mode\0${oid}`,
    `040000 padded-mode\0${oid}`,
    `100644 \0${oid}`,
    `100644 .git\0${oid}`,
    `100644 .GIT\0${oid}`,
    `100644 ..\0${oid}`,
    `100644 .\0${oid}`,
    `100644 a/b\0${oid}`,
    `100644 a\\b\0${oid}`,
    `100644 line\nbreak\0${oid}`,
    `100644 not-utf8-\xff\0${oid}`,
    `100644 ${'n'.repeat(LIMITS.nameBytes + 1)}\0${oid}`,
    `100644 b\0${oid}100644 a\0${oid}`,
    `100644 a\0${oid}100644 a\0${oid}`,
    `100644 a\0${oid}100644 a-b\0${oid}40000 a\0${oid}`,
  ];
  const tree = '1'.repeat(40);
  const signature = `${ACTOR.id} <${ACTOR.id}@actor.agent-sync.invalid> 1700000000 +0100`;
  const commits = [
    'nonsense',
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature}\n`,
    `author ${signature}\ncommitter ${signature}\n\nno tree\n`,
    `tree ${'A'.repeat(40)}\nauthor ${signature}\ncommitter ${signature}\n\nupper case\n`,
    `tree ${tree}\nparent 12\nauthor ${signature}\ncommitter ${signature}\n\nshort parent\n`,
    `tree ${tree}\nauthor ${signature}\n\nno committer\n`,
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature}\nencoding latin1\n\nextra header\n`,
    `tree ${tree}\nauthor Ada <ada@example.org> 1700000000 +0100\ncommitter ${signature}\n\na person's name\n`,
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature}\n\nnot UTF-8 \xff\n`,
  ];
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  return [
    ...trees.map((text) => identified('tree', bytes(text))),
    ...commits.map((text) => identified('commit', bytes(text))),
  ];
}

/** Text that is the same for the same `seed`, and that no compression makes small. */
function filler(seed: number, length: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return `${text.slice(0, length - 1)}\n`;
}

function next(kind: IdRequest['kind'], prefix: string, floor: number): IdRequest {
  return { id: randomUUID(), kind, want: { next: prefix, floor } };
}

function claim(kind: IdRequest['kind'], id: string): IdRequest {
  return { id: randomUUID(), kind, want: { claim: id } };
}

function issued(id: string): IdAnswer {
  return { status: 'issued', id };
}

function oids(objects: readonly IdentifiedObject[]): Oid[] {
  return objects.map((object) => object.oid).sort();
}

/** Objects as comparable text, in an order of their own. */
function byOid(objects: readonly IdentifiedObject[]): string[] {
  return objects.map(({ oid, type, body }) => `${oid} ${type} ${Buffer.from(body).toString('latin1')}`).sort();
}

function sorted(refs: ReadonlyMap<string, Oid>): [string, Oid][] {
  return [...refs].sort(([a], [b]) => (a < b ? -1 : 1));
}
