/** Who may bring a name, who becomes a member by an invitation, and how much anybody may leave at the origin. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import type { ErrorCode } from '../../lib/core/errors.js';
import { encodeCommit } from '../../lib/core/object/commit.js';
import { EMPTY_TREE } from '../../lib/core/object/read.js';
import { encodeUtf8 } from '../../lib/core/object/text.js';
import type { IdentifiedObject } from '../../lib/core/ports.js';
import { commitOf, identified, MAIN } from '../../lib/origin/contract/specimens.js';
import { callsOf } from './calls.js';
import { type Answer, type Person, vacuumed, withCast } from './cast.js';

const cast = await withCast(t);
const { origin, project, userIds, pushed, ask, sign } = cast;
const { call, push, explained, changes } = callsOf(cast);
const [{ id: ours } = { id: '' }] = await origin.sql<{ id: string }>(
  'select id from agent_sync.projects where name = $1',
  [project],
);
const valid = { sub: userIds.owner, role: 'authenticated', exp: Math.floor(Date.now() / 1000) + 3600 };

t.test('names of actors', async (t) => {
  const signed = (actor: string, text: string) => {
    const by = { actor, time: 1_700_000_000, offset: 0 };
    const body = encodeCommit({ tree: EMPTY_TREE, parents: [], author: by, committer: by, message: `${text}\n` });
    return identified('commit', body);
  };
  const bring = (who: Person, branch: string, commit: IdentifiedObject | undefined, name: string, id: string) => {
    const edits = commit ? [{ name: `refs/heads/${branch}`, expected: null, target: commit.oid }] : [];
    return push(who, { edits, actors: [{ id, name, email: '' }] }, commit ? [commit] : []);
  };
  const nameOf = async (id: string) => (await cast.remoteOf('reader').describe()).actors.find((a) => a.id === id)?.name;
  await bring('writer', 'a1', undefined, 'Mallory', 'actor-owner');
  t.equal(await nameOf('actor-owner'), undefined, 'there is none for who has signed nothing yet');
  await bring('owner', 'a2', signed('actor-owner', 'mine'), 'Olive', 'actor-owner');
  t.equal(await nameOf('actor-owner'), 'Olive', 'it comes with the first commit');
  await bring('writer', 'a3', signed('actor-owner', 'not mine'), 'Mallory', 'actor-owner');
  t.equal(await nameOf('actor-owner'), 'Olive', 'and stays, whoever signs as the same actor');
  const inMessage = signed('actor-writer', 'x\n\nauthor actor-next <actor-next@actor.agent-sync.invalid> 1 +0000');
  await bring('writer', 'a4', inMessage, 'Mallory', 'actor-next');
  t.equal(await nameOf('actor-next'), undefined, 'a message signs nothing');
});

t.test('who is not who was invited', async (t) => {
  const owner = cast.remoteOf('owner');
  const email = 'grace@people.example';
  const grace = await origin.addUser('grace', { email });
  const claims = { ...valid, sub: grace.userId, email };
  const join = (token: string) =>
    ask({ token }, 'rpc/register_project', { method: 'POST', body: JSON.stringify({ project_name: project }) });
  const isMember = async (id = grace.userId) => (await owner.members()).some(({ userId }) => userId === id);
  const refusedTo = async (sentence: string, token: string, id = grace.userId) => {
    t.equal(explained(await join(token)), 'ORIGIN_REFUSED', `${sentence}: refused`);
    t.notOk(await isMember(id), `${sentence}: no member`);
  };

  await refusedTo('nobody was invited', grace.token);
  await owner.setMember(email, 'reader', { only: 'new' });
  await refusedTo('a token without an address', sign({ ...claims, email: undefined }));
  await refusedTo('a token with an address from before', sign({ ...claims, email: 'grace@before.example' }));
  const asMallory = { ...valid, sub: userIds.stranger, email };
  await refusedTo("another user's token that says the address", sign(asMallory), userIds.stranger);
  const metadata = { ...asMallory, email: 'stranger@people.example', user_metadata: { email, email_verified: true } };
  await refusedTo('the address in what users write themselves', sign(metadata), userIds.stranger);
  await refusedTo(
    'the address where it begins so',
    sign({ ...asMallory, email: `${email}.example` }),
    userIds.stranger,
  );

  await origin.sql('alter table auth.users add column if not exists email_confirmed_at timestamptz');
  await origin.sql('update auth.users set email_confirmed_at = null where id = $1', [grace.userId]);
  await refusedTo('an address that was never confirmed', grace.token);
  await origin.sql('update auth.users set email_confirmed_at = now()');

  await origin.sql(`update agent_sync.invitations set expires_at = now() where email = $1`, [email]);
  await refusedTo('an invitation of two weeks ago', grace.token);
  t.same(
    (await owner.invitations()).filter((invited) => invited.email === email),
    [],
    'nobody sees it any more',
  );
  await push('writer');
  t.same(
    await origin.sql('select from agent_sync.invitations where email = $1', [email]),
    [],
    'and the next push drops it',
  );

  await owner.setMember(email, 'writer', { only: 'new' });
  await owner.setMember(email, null);
  await refusedTo('an invitation that was withdrawn', grace.token);

  await owner.setMember(email.toUpperCase(), 'writer', { only: 'new' });
  const answers = await Promise.all([join(grace.token), join(grace.token), join(grace.token)]);
  t.same(
    answers.map(({ body }) => body),
    Array(3).fill({ created: false, role: 'writer' }),
    'who was invited joins, once or not',
  );
  t.same(
    await origin.sql('select from agent_sync.invitations where email = $1', [email]),
    [],
    'the invitation is used up',
  );
  const change = { status: 'member', userId: grace.userId, role: 'reader' };
  t.same(await owner.setMember(email, 'reader', { only: 'known' }), change, 'and her address names the member');
  await t.rejects(owner.setMember(email, 'owner', { only: 'new' }), { code: 'MEMBER_EXISTS' });

  await origin.sql(`insert into agent_sync.invitations (project, email, role) values ($1, $2, 'owner')`, [ours, email]);
  t.match((await join(grace.token)).body, { role: 'reader' }, 'an invitation does not change the role of a member');
  await owner.setMember(grace.userId, null);
  await refusedTo('an invitation from before she was removed', grace.token);

  const anonymous = sign({ ...claims, is_anonymous: true, email: '' });
  const register = { method: 'POST', body: JSON.stringify({ project_name: 'anonymous' }) };
  t.equal(
    explained(await ask({ token: anonymous }, 'rpc/register_project', register)),
    'ORIGIN_REFUSED',
    'who signed in as nobody makes no project',
  );
});

t.test('invitations are for owners to see', async (t) => {
  for (const person of ['reader', 'writer'] as const) t.same(await cast.remoteOf(person).invitations(), [], person);
  t.ok((await cast.remoteOf('owner').invitations()).length > 0);
});

t.test('what goes with a purge, and what does not', async (t) => {
  const [owner, writer] = [cast.remoteOf('owner'), cast.remoteOf('writer')];
  const count = async (rows: string) =>
    Number((await origin.sql<{ n: string }>(`select count(*) as n from agent_sync.${rows}`))[0]!.n);
  const invited = `invitations where project = ${ours} and email = 'heidi@people.example'`;
  const parts = `push_chunks where project = ${ours}`;
  await owner.setMember('heidi@people.example', 'writer');
  const asHeidi = async (id: string) => {
    const by = { actor: id, time: 1_700_000_000, offset: 0 };
    const commit = identified(
      'commit',
      encodeCommit({ tree: EMPTY_TREE, parents: [], author: by, committer: by, message: 'x\n' }),
    );
    await push('writer', { actors: [{ id, name: 'Heidi', email: 'heidi@people.example' }] }, [commit]);
  };

  await asHeidi('actor-heidi-1');
  await writer.purge({ actors: ['actor-heidi-1'], blobs: [] });
  t.equal(await count(invited), 1, 'a writer withdraws no invitation by erasing a name that has the address');
  await asHeidi('actor-heidi-2');
  await owner.purge({ actors: ['actor-heidi-2'], blobs: [] });
  t.equal(await count(invited), 0, 'an owner does');

  // The owner's purge took the writer's role along, with the last of his names.
  await owner.setMember(userIds.writer, 'writer');
  const text = identified('blob', encodeUtf8('to be erased, and long enough to be seen in the number of bytes\n'));
  await push('writer', {}, [text]);
  await push('writer', {}, [text], 'push_chunk');
  t.ok((await count(parts)) > 0);
  await owner.purge({ actors: [], blobs: [text.oid] });
  t.equal(await count(parts), 0, 'parts of pushes under way go: they may hold what was erased');
  await vacuumed(origin);
  // What follows goes on from there.
  await push('writer', {}, [], 'push_chunk');
});

t.test('what is over a quota', async (t) => {
  const lost = commitOf({ 'INFRA-001-first.md': 'history as I like it\n' });
  const big = identified('blob', new Uint8Array(1000).fill(0x62));
  const branch = (name: string) => ({ edits: [{ name: `refs/heads/${name}`, expected: null, target: pushed.oid }] });
  const named = (id: string) => {
    const by = { actor: id, time: 1_700_000_000, offset: 0 };
    const commit = identified(
      'commit',
      encodeCommit({ tree: EMPTY_TREE, parents: [], author: by, committer: by, message: 'x\n' }),
    );
    return push(
      'writer',
      {
        actors: [{ id, name: 'A', email: '' }],
        edits: [{ name: `refs/heads/${id}`, expected: null, target: commit.oid }],
      },
      [commit],
    );
  };
  const count = async (text: string) => Number((await origin.sql<{ n: string }>(`select ${text} as n`))[0]!.n);
  const rows = (name: string) => () => count(`(select count(*) from agent_sync.${name} where project = ${ours})`);
  const table: readonly [string, ErrorCode, () => Promise<number>, () => Promise<Answer>][] = [
    [
      'bytes',
      'QUOTA_EXCEEDED',
      async () => (await count(`(select bytes from agent_sync.projects where id = ${ours})`)) + 999,
      () => push('writer', {}, [big]),
    ],
    [
      'objects',
      'QUOTA_EXCEEDED',
      rows('objects'),
      () => push('writer', {}, [identified('blob', encodeUtf8('one more'))]),
    ],
    ['refs', 'QUOTA_EXCEEDED', rows('refs'), () => push('writer', branch('quota'))],
    ['actors', 'QUOTA_EXCEEDED', rows('actors'), () => named('actor-one-more')],
    [
      'ids',
      'QUOTA_EXCEEDED',
      rows('issued_ids'),
      () => call('writer', 'issue_id', { request: randomUUID(), kind: 'plan', prefix: 'B', above: 0, claimed: null }),
    ],
    [
      'members',
      'QUOTA_EXCEEDED',
      rows('members'),
      () => call('owner', 'set_member', { member: randomUUID(), new_role: 'reader' }),
    ],
    [
      'invitations',
      'QUOTA_EXCEEDED',
      rows('invitations'),
      () => call('owner', 'set_member_by_email', { address: 'more@people.example', new_role: 'reader' }),
    ],
    [
      'protected_refs',
      'QUOTA_EXCEEDED',
      rows('protected_refs'),
      () => call('owner', 'protect_ref', { pattern: 'refs/heads/more', is_protected: true }),
    ],
    ['chunks', 'QUOTA_EXCEEDED', rows('push_chunks'), () => push('owner', { push: randomUUID() }, [big], 'push_chunk')],
    [
      'chunks_of_user',
      'QUOTA_EXCEEDED',
      () => count(`(select count(*) from agent_sync.push_chunks where user_id = '${userIds.writer}')`),
      () => push('writer', { push: randomUUID() }, [big], 'push_chunk'),
    ],
    [
      'projects_of_user',
      'QUOTA_EXCEEDED',
      () => count(`(select count(*) from agent_sync.projects where registered_by = '${userIds.owner}')`),
      () => call('owner', 'register_project', { project_name: 'one-more' }),
    ],
    [
      'calls_of_user_in_an_hour',
      'ORIGIN_BUSY',
      () =>
        count(
          `(select count(*) from agent_sync.audit a join agent_sync.pseudonyms p on p.pseudonym = a.actor where a.project = ${ours} and p.user_id = '${userIds.writer}')`,
        ),
      () => push('writer'),
    ],
    [
      'erasures_of_non_owners',
      'QUOTA_EXCEEDED',
      async () => {
        await named('actor-to-go');
        await named('actor-to-stay');
        return rows('erasures')();
      },
      () => call('writer', 'purge', { actors: ['actor-to-go'], blobs: [], dry_run: false }),
    ],
  ];
  const defaults = await origin.sql<{ name: string }>('select name from agent_sync.quotas where project is null');
  t.same(table.map(([name]) => name).sort(), defaults.map(({ name }) => name).sort(), 'each quota is tried');
  for (const [name, code, used, send] of table) {
    const most = (value: number) => origin.sql('update agent_sync.quotas set most = $2 where name = $1', [name, value]);
    await most(await used());
    const changed = await changes(async () => t.equal(explained(await send()), code, `${name}: refused`));
    t.same(changed, [], `${name}: nothing is half-written`);
    await most(1e9);
    t.equal((await send()).status, 200, `${name}: taken when there is room`);
  }
  t.match(
    (await push('writer', { edits: [{ name: MAIN, expected: pushed.oid, target: lost.oid }] }, lost.objects)).body,
    { status: 'rejected' },
    'a push that came to nothing',
  );
  const [{ bytes } = { bytes: -1 }] = await origin.sql<{ bytes: number }>(
    `select p.bytes - sum(length(o.body)) as bytes from agent_sync.projects p join agent_sync.objects o on o.project = p.id
      where p.id = ${ours} group by p.bytes`,
  );
  t.equal(Number(bytes), 0, 'the bytes are counted right');
});

t.test('many at once get past no quota', async (t) => {
  const limit = (name: string, most: number) =>
    origin.sql('update agent_sync.quotas set most = $2 where name = $1', [name, most]);
  const count = async (text: string) =>
    Number((await origin.sql<{ n: string }>(`select count(*) as n from agent_sync.${text}`))[0]!.n);
  const rows: readonly [string, string, (at: number) => Promise<Answer>][] = [
    [
      'members',
      `members where project = ${ours}`,
      () => call('owner', 'set_member', { member: randomUUID(), new_role: 'reader' }),
    ],
    [
      'projects_of_user',
      `projects where registered_by = '${userIds.stranger}'`,
      (at) => call('stranger', 'register_project', { project_name: `many-${at}` }),
    ],
    [
      'chunks_of_user',
      `push_chunks where user_id = '${userIds.writer}'`,
      () => push('writer', { push: randomUUID() }, [], 'push_chunk'),
    ],
    [
      'ids',
      `issued_ids where project = ${ours}`,
      () => call('writer', 'issue_id', { request: randomUUID(), kind: 'plan', prefix: 'C', above: 0, claimed: null }),
    ],
    [
      'refs',
      `refs where project = ${ours}`,
      (at) => push('writer', { edits: [{ name: `refs/heads/many-${at}`, expected: null, target: pushed.oid }] }),
    ],
  ];
  for (const [name, counted, send] of rows) {
    const most = (await count(counted)) + 2;
    await limit(name, most);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => send(at)));
    t.equal(answers.filter(({ status }) => status === 200).length, 2, `${name}: of eight at once two find room`);
    t.equal(await count(counted), most, `${name}: and no more`);
    await limit(name, 1e9);
  }
});
