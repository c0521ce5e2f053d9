import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { auditText, findChainProblem } from '../../lib/core/audit/chain.js';
import { hashText } from '../../lib/core/audit/hash-text.js';
import type { AuditEntry, Remote } from '../../lib/core/ports.js';
import { importArtifacts, pull, push, readAudit, verifyAudit } from '../../lib/index.js';
import { ACTOR, claim, commitOf, filler, MAIN, next, pushOf } from '../../lib/origin/contract/specimens.js';
import { readAuditPage } from '../../lib/origin/supabase/audit-answer.js';
import { supabaseRemote } from '../../lib/origin/supabase/client.js';
import { Developer, storyText } from '../e2e/developer.js';
import { repoRoot } from '../paths.js';
import { withEmbeddedOrigin } from './with-origin.js';

const origin = await withEmbeddedOrigin(t);
const { url, key } = origin;
const ada = await origin.addUser('ada');
const ben = await origin.addUser('ben');
const eve = await origin.addUser('eve');
type User = typeof ada;

const STORE = '5a1f0a3e-8f0b-4c55-9d53-1d3a5d0c9f10';
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const SENT = { 'x-agent-store': STORE, 'x-agent-version': '1.2.3', traceparent: TRACE };

const remoteOf = (user: User, project: string, headers: Record<string, string> = SENT): Remote =>
  supabaseRemote({ url, key, accessToken: user.token, project, headers: () => headers });

async function sharedProject(): Promise<{ name: string; id: string; adas: Remote; bens: Remote }> {
  const name = `audited-${randomUUID()}`;
  const adas = remoteOf(ada, name);
  await adas.register();
  await adas.setMember(ben.userId, 'writer');
  const [row] = await origin.sql<{ id: string }>('select id from agent_sync.projects where name = $1', [name]);
  return { name, id: row!.id, adas, bens: remoteOf(ben, name) };
}

async function readAll(remote: Remote) {
  const entries: AuditEntry[] = [];
  const people = new Map<string, string>();
  for (let more = true; more; ) {
    const page = await remote.audit({ after: entries.at(-1)?.number ?? 0 });
    entries.push(...page.entries);
    for (const { pseudonym, userId } of page.people) people.set(pseudonym, userId);
    more = page.entries.length > 0;
  }
  return { entries, people };
}

const FIRST = commitOf({ 'INFRA-001-first.md': 'one\n' });
const SECOND = commitOf({ 'INFRA-001-first.md': 'two\n' }, [FIRST.oid]);

t.test('what each member does is an entry: who, what, from where, on which trace, refs before and after', async (t) => {
  const { name, adas, bens } = await sharedProject();
  await bens.push({ ...pushOf(FIRST, null), actors: [ACTOR] });
  await bens.push(pushOf(SECOND, null));
  await bens.push(pushOf(SECOND, FIRST.oid));
  await bens.issueId(next('story', 'INFRA', 0));
  await adas.fetch(0);
  await adas.fetch(1_000);
  await adas.describe();
  await adas.setMember(ben.userId, null);
  const { entries, people } = await readAll(adas);
  const who = new Map([
    [ada.userId, 'ada'],
    [ben.userId, 'ben'],
  ]);
  const nameOf = (pseudonym: unknown) => who.get(people.get(String(pseudonym)) ?? '');
  const size = { first: FIRST.objects.length, both: FIRST.objects.length + SECOND.objects.length - 2 };
  const refs = (before: string | null, after: string) => [{ name: MAIN, before, after }];
  t.match(
    entries.map(({ actor, action, result, detail }) => ({
      who: nameOf(actor),
      action,
      result,
      detail: JSON.parse(detail),
    })),
    [
      { who: 'ada', action: 'register', result: 'done', detail: { name } },
      { who: 'ada', action: 'member', result: 'done', detail: { role: 'writer' } },
      { who: 'ben', action: 'push', result: 'accepted', detail: { refs: refs(null, FIRST.oid), objects: size.first } },
      {
        who: 'ben',
        action: 'push',
        result: 'rejected',
        detail: { asked: refs(null, SECOND.oid), reason: 'stale', ref: MAIN, current: FIRST.oid },
      },
      { who: 'ben', action: 'push', result: 'accepted', detail: { refs: refs(FIRST.oid, SECOND.oid) } },
      { who: 'ben', action: 'issue-id', result: 'done', detail: { kind: 'story', id: 'INFRA-001' } },
      { who: 'ada', action: 'fetch', result: 'done', detail: { sequence: { from: 0 } } },
      { who: 'ada', action: 'member', result: 'done', detail: { role: null } },
    ],
  );
  t.strictSame(
    [1, 7].map((i) => nameOf(JSON.parse(entries[i]!.detail).member)),
    ['ben', 'ben'],
    'whose role it was',
  );
  t.equal(JSON.parse(entries[6]!.detail).objects, (await adas.describe()).sequence, 'how much was read');
  t.ok(entries.every(({ client, traceparent }) => client === `${STORE} 1.2.3` && traceparent === TRACE));
  t.strictSame(
    entries.map(({ number }) => number),
    entries.map((_, i) => i + 1),
  );
  t.equal(findChainProblem(entries, hashText), undefined, 'and the client finds the chain that the origin made');
  const text = JSON.stringify(entries);
  for (const personal of [ada.userId, ben.userId, ACTOR.id, ACTOR.name, ACTOR.email]) {
    t.notMatch(text, personal, `nothing of it names ${personal}`);
  }
  const { people: shown } = await adas.audit({ after: 2 });
  const known = Object.fromEntries(shown.map(({ userId, actors }) => [who.get(userId), actors]));
  t.strictSame(known, { ada: [], ben: [ACTOR.id] }, 'and which actors they brought');
});

t.test('what is refused is rolled back, and leaves no entry', async (t) => {
  const { adas, bens } = await sharedProject();
  await bens.issueId(claim('story', 'INFRA-001'));
  const { entries } = await readAll(adas);
  await t.rejects(bens.push({ ...pushOf(FIRST, null), objects: [] }), { code: 'OBJECT_NOT_FOUND' });
  await t.rejects(bens.setMember(eve.userId, 'reader'), { code: 'ORIGIN_REFUSED' });
  t.equal((await bens.issueId(claim('story', 'INFRA-001'))).status, 'taken');
  t.strictSame((await readAll(adas)).entries, entries);
});

t.test('a push that is sent again is one entry, and its edits bring nothing in that is not about refs', async (t) => {
  const { id, adas, bens } = await sharedProject();
  const request = pushOf(FIRST, null);
  const edits = [{ ...request.edits[0]!, note: 'Ben <ben@example.org>' }];
  await bens.push({ ...request, edits });
  await bens.push({ ...request, edits });
  const { entries } = await readAll(adas);
  t.equal(entries.filter(({ action }) => action === 'push').length, 1);
  t.notMatch(JSON.stringify(entries), /example\.org/);
  const many = Array.from({ length: 150 }, (_, i) => ({ name: `refs/heads/b${i}`, expected: null, target: FIRST.oid }));
  const detail = JSON.stringify({ edits: many, answer: { status: 'accepted' } });
  const [kept] = await origin.sql(`select agent_sync.audit_detail($1, 'push', $2) as detail`, [id, detail]);
  t.match(
    kept,
    { detail: { refs: { length: 100 }, left_out: 50 } },
    'of a push from before there was a limit, not all',
  );
});

t.test('headers that say what they should not are not believed', async (t) => {
  const { name, adas } = await sharedProject();
  const rows: [string, Record<string, string>, unknown][] = [
    ['nothing', {}, [null, null]],
    ['a store that is no UUID', { ...SENT, 'x-agent-store': 'Ada Lovelace' }, [null, TRACE]],
    ['a store with more behind it', { ...SENT, 'x-agent-store': `${STORE}'; drop table x` }, [null, TRACE]],
    ['a megabyte of it', { ...SENT, 'x-agent-store': 'a'.repeat(10_000) }, [null, TRACE]],
    ['a version of another kind', { ...SENT, 'x-agent-version': 'me@example.org' }, [STORE, TRACE]],
    ['a long version', { ...SENT, 'x-agent-version': '1'.repeat(33) }, [STORE, TRACE]],
    ['a trace without form', { ...SENT, traceparent: 'Ada' }, [`${STORE} 1.2.3`, null]],
    ['a trace of zeros', { ...SENT, traceparent: TRACE.replace(/0af\w+/, '0'.repeat(32)) }, [`${STORE} 1.2.3`, null]],
    ['a trace of no version', { ...SENT, traceparent: TRACE.replace('00-', 'ff-') }, [`${STORE} 1.2.3`, null]],
    ['letters in the wrong case', { ...SENT, traceparent: TRACE.toUpperCase() }, [`${STORE} 1.2.3`, null]],
  ];
  for (const [sentence, headers, expected] of rows) {
    await remoteOf(ada, name, headers).issueId(next('story', 'INFRA', 0));
    const { client, traceparent } = (await readAll(adas)).entries.at(-1)!;
    t.strictSame([client, traceparent], expected, sentence);
  }
});

t.test('who may read it, and who may change it', async (t) => {
  const { name, id, adas, bens } = await sharedProject();
  await adas.setMember(ben.userId, 'reader');
  t.equal((await bens.audit({ after: 0 })).entries.length, 3, 'a reader may read it');
  await t.rejects(remoteOf(eve, name).audit({ after: 0 }), { code: 'ORIGIN_REFUSED' }, 'a stranger may not');
  await t.rejects(remoteOf(eve, `no-${name}`).audit({ after: 0 }), { code: 'ORIGIN_REFUSED' });
  const statements = [
    `update agent_sync.audit set result = result where project = ${id}`,
    `delete from agent_sync.audit where project = ${id}`,
    'truncate agent_sync.audit',
    `delete from agent_sync.projects where id = ${id}`,
    'truncate agent_sync.projects cascade',
  ];
  for (const role of ['anon', 'authenticated', 'service_role', 'postgres', null]) {
    for (const statement of statements) {
      // Several statements in one message are one transaction, which a failure rolls back.
      const script = `${role ? `set local role ${role};` : ''} set local row_security = on; ${statement}`;
      const refused = await origin.sql(script).then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
      // No right, a trigger, or a row that is needed.
      t.match(refused, /^(42501|P0001|23503)$/, `${role ?? 'the superuser'} is refused: ${statement}`);
    }
  }
  const replica = `set local session_replication_role = replica; delete from agent_sync.audit where project = ${id}`;
  await t.rejects(origin.sql(replica), { code: 'P0001' }, 'also where ordinary triggers are off');
  t.equal((await readAll(adas)).entries.length, 3);
});

/** What only an operator of the database can do, who takes the triggers away first. */
async function tamper(id: string, statement: string): Promise<void> {
  await origin.sql(
    `alter table agent_sync.audit disable trigger append_only;
     ${statement.replaceAll('$project', id)};
     alter table agent_sync.audit enable always trigger append_only`,
  );
}

t.test('what an operator does to it past the triggers shows, and where', async (t) => {
  const ours = 'where project = $project and number';
  const rest = 'actor, action, result, detail, client, traceparent, previous, hash';
  const rows: [string, string, RegExp][] = [
    ['an entry is changed', `update agent_sync.audit set result = 'accepted' ${ours} = 4`, /^entry 4 was changed/],
    ['an entry is removed', `delete from agent_sync.audit ${ours} = 3`, /^entry 3 is missing/],
    [
      'entries are removed in the middle',
      `delete from agent_sync.audit ${ours} in (3, 4)`,
      /^entries 3 to 4 are missing/,
    ],
    [
      'entries change places',
      `update agent_sync.audit set number = 6 + number ${ours} in (3, 4);
       update agent_sync.audit set number = 13 - number ${ours} in (9, 10)`,
      /^entry 3 was changed/,
    ],
    [
      'an entry is put at the end',
      `insert into agent_sync.audit (project, number, at, ${rest}) select project, 6, at, ${rest} from agent_sync.audit ${ours} = 5`,
      /^entry 6 was changed/,
    ],
    [
      'an entry is replaced by one with a right hash',
      `update agent_sync.audit set result = 'accepted' ${ours} = 4;
       update agent_sync.audit a set hash = sha256(convert_to(agent_sync.audit_text(a), 'UTF8')) ${ours} = 4`,
      /^entry 5 does not follow/,
    ],
    ['the last entry is removed', `delete from agent_sync.audit ${ours} = 5`, /^entry 5 is missing at the end/],
    ['all are removed', `delete from agent_sync.audit ${ours} > 0`, /^entries 1 to 5 are missing at the end/],
    [
      'all of it is made anew',
      `create temp table copy as select * from agent_sync.audit ${ours} <> 2 order by number;
       delete from agent_sync.audit ${ours} > 0;
       select agent_sync.append_audit(row(c.*)::agent_sync.audit) from copy c;
       drop table copy;
       insert into agent_sync.audit select project, 5, at, ${rest} from agent_sync.audit ${ours} = 4`,
      /^entry 5 was changed/,
    ],
  ];
  const who = new Developer(t, 'ada', { SUPABASE_ANON_KEY: key, SUPABASE_ACCESS_TOKEN: ada.token });
  await who.init({ origin: url, project: `own-${randomUUID()}` });
  for (const [sentence, statement, shown] of rows) {
    const { name, id, adas, bens } = await sharedProject();
    await bens.push(pushOf(FIRST, null));
    await bens.push(pushOf(SECOND, null));
    await adas.fetch(0);
    who.write('../etc/sync.yaml', `version: 1\norigin:\n  url: ${url}\n  project: ${name}\n`);
    t.match(await who.run((repo) => verifyAudit(repo, 'origin')), { entries: 5, problem: null });
    await tamper(id, statement);
    const { problem } = await who.run((repo) => verifyAudit(repo, 'origin'));
    t.match(problem?.message, shown, sentence);
  }
});

t.test('a chain that was made anew is another one for whoever has checked it before', async (t) => {
  const { name, id, adas, bens } = await sharedProject();
  await bens.push(pushOf(FIRST, null));
  const who = new Developer(t, 'ada', { SUPABASE_ANON_KEY: key, SUPABASE_ACCESS_TOKEN: ada.token });
  await who.init({ origin: url, project: name });
  t.match(await who.run((repo) => verifyAudit(repo, 'origin')), { problem: null });
  await adas.issueId(next('story', 'INFRA', 0));
  t.match(await who.run((repo) => verifyAudit(repo, 'origin')), { problem: null }, 'what is added is no problem');
  const kept = (await who.run(({ store }) => store.settings.get('remote.origin.audit')))!;
  await tamper(
    id,
    `create temp table copy as select * from agent_sync.audit where project = $project and number <> 2 order by number;
     delete from agent_sync.audit where project = $project;
     select agent_sync.append_audit(row(c.*)::agent_sync.audit) from copy c;
     drop table copy`,
  );
  await adas.issueId(next('story', 'INFRA', 0));
  const { entries } = await readAll(adas);
  t.equal(findChainProblem(entries, hashText), undefined, 'in itself it is whole');
  const { number } = JSON.parse(kept);
  t.match(await who.run((repo) => verifyAudit(repo, 'origin')), { problem: { number, message: /made anew/ } });
  t.equal(await who.run(({ store }) => store.settings.get('remote.origin.audit')), kept, 'and that stays known');
});

t.test('whose pseudonym is removed is nobody any more, and the chain stays whole', async (t) => {
  const who = new Developer(t, 'ada', { SUPABASE_ANON_KEY: key, SUPABASE_ACCESS_TOKEN: ada.token });
  const other = new Developer(t, 'ben', { SUPABASE_ANON_KEY: key, SUPABASE_ACCESS_TOKEN: ben.token });
  const project = `people-${randomUUID()}`;
  await who.init({ origin: url, project });
  await origin.addUser('ben', { project, role: 'writer' });
  await other.init({ origin: url, project });
  other.write('stories/INFRA/INFRA-001-one.md', storyText('INFRA-001', 'One'));
  await other.run(importArtifacts);
  await other.run(push);
  await who.run((repo) => pull(repo));
  const told = async (filter = {}) => {
    const entries = await who.run((repo) => readAudit(repo, 'origin', filter));
    return entries.map(({ who, action }) => `${who} ${action}`).reverse();
  };
  // Who made no commit has no name at the origin, but the id that the list of members has.
  const adas = (await who.run((repo) => readAudit(repo, 'origin'))).find(({ action }) => action === 'register')!.actor;
  t.strictSame(
    await told(),
    [`${adas} register`, 'the operator member', 'ben push', `${adas} fetch`],
    'roles given past all functions, too',
  );
  t.strictSame(await told({ actor: 'ben' }), ['ben push']);
  t.strictSame(await told({ actor: ben.userId }), ['ben push']);
  t.strictSame(await told({ actor: ada.userId }), [`${adas} register`, `${adas} fetch`]);
  t.match(await who.run((repo) => verifyAudit(repo, 'origin')), { problem: null });

  await origin.sql('delete from agent_sync.pseudonyms where user_id = $1', [ben.userId]);
  const pushed = (await told())[2];
  t.match(pushed, /^[0-9a-f-]{36} push$/);
  t.strictSame(await told({ actor: 'ben' }), []);
  t.match(await who.run((repo) => verifyAudit(repo, 'origin')), { problem: null });
  t.strictSame(
    await origin.sql(`select from agent_sync.audit a where to_jsonb(a)::text like '%' || $1 || '%'`, [ben.userId]),
    [],
    'nothing is left that leads to the person',
  );
  const large = commitOf({ 'INFRA-002-large.md': filler(1, 10) });
  await remoteOf(ben, project).push({
    ...pushOf(large, null),
    edits: [{ name: 'refs/heads/x', expected: null, target: large.oid }],
  });
  const after = await who.run((repo) => readAudit(repo, 'origin', { limit: 1 }));
  t.not(after[0]!.actor, pushed!.slice(0, 36), 'who comes back is somebody else');
  await origin.sql('delete from agent_sync.members where user_id = $1', [ben.userId]);
  const [removed] = await who.run((repo) => readAudit(repo, 'origin', { limit: 1 }));
  t.match(removed, { who: 'the operator', action: 'member', detail: { member: after[0]!.actor, role: null } });
});

t.test('those who push, fetch and ask for ids at once get numbers without a gap', async (t) => {
  const { adas, bens } = await sharedProject();
  await adas.push(pushOf(FIRST, null));
  const branch = (i: number) => ({
    ...pushOf(FIRST, null),
    edits: [{ name: `refs/heads/b${i}`, expected: null, target: FIRST.oid }],
  });
  await Promise.all(
    Array.from({ length: 12 }, (_, i) => [
      adas.fetch(0),
      bens.push(branch(i)),
      bens.issueId(next('story', 'INFRA', 0)),
    ]).flat(),
  );
  const { entries } = await readAll(adas);
  t.equal(entries.length, 3 + 36);
  t.equal(findChainProblem(entries, hashText), undefined);
});

t.test('more entries than fit on a page, and only those since a time', async (t) => {
  const { id, adas } = await sharedProject();
  await origin.sql(
    `select agent_sync.append_audit(row(${id}, null, timestamptz '2001-01-01' + n * interval '1 day', gen_random_uuid(), 'fetch', 'done',
       '{"ü": "\\u2028 \\" \\\\", "n": 1.50}', null, null, null, null)::agent_sync.audit) from generate_series(1, 1200) n`,
  );
  const { entries } = await readAll(adas);
  t.equal(entries.length, 1202);
  t.equal(findChainProblem(entries, hashText), undefined, 'whatever their details hold');
  t.equal(hashText(auditText(entries[600]!)), entries[600]!.hash);
  const page = await adas.audit({ after: 0, since: '2004-01-01T00:00:00Z' });
  t.strictSame([page.entries[2]?.at, page.head?.number], ['2004-01-01T00:00:00.000000Z', 1202]);
});

t.test('an answer that makes no sense is none', async (t) => {
  const { adas, bens } = await sharedProject();
  await bens.push({ ...pushOf(FIRST, null), actors: [ACTOR] });
  const good = await adas.audit({ after: 0 });
  const [first, second, third] = good.entries;
  const person = good.people[0]!;
  t.strictSame(readAuditPage(good, { after: 0 }), good, 'a good one is taken');
  const rows: [string, unknown][] = [
    ['nothing', null],
    ['no entries', { ...good, entries: null }],
    ['an entry that is none', { ...good, entries: [7] }],
    ['entries out of order', { ...good, entries: [second, first, third] }],
    ['an entry twice', { ...good, entries: [first, first] }],
    ['entries without end, from before the one asked for', { ...good, entries: [{ ...first, number: 0 }] }],
    ['a number that is none', { ...good, entries: [{ ...first, number: 1.5 }] }],
    ['a hash that is none', { ...good, entries: [{ ...first, hash: 'x' }] }],
    ['an actor who is a name', { ...good, entries: [{ ...first, actor: 'Ada' }] }],
    ['a line break, which would make two hashes alike', { ...good, entries: [{ ...first, action: 'a\nb' }] }],
    ['an escape sequence', { ...good, entries: [{ ...first, result: '\u001b[31m' }] }],
    ['a megabyte of a result', { ...good, entries: [{ ...first, result: 'x'.repeat(1_000_000) }] }],
    ['a detail that is no JSON', { ...good, entries: [{ ...first, detail: '{' }] }],
    ['a detail that is no object', { ...good, entries: [{ ...first, detail: '[]' }] }],
    ['a detail of a megabyte', { ...good, entries: [{ ...first, detail: `{"a":"${'x'.repeat(1_000_000)}"}` }] }],
    ['a time that is none', { ...good, entries: [{ ...first, at: 'now' }] }],
    ['a client that is no text', { ...good, entries: [{ ...first, client: {} }] }],
    ['a head without a hash', { ...good, head: { number: 3 } }],
    ['a person without an id', { ...good, people: [{ ...person, userId: '' }] }],
    ['an actor who is none', { ...good, people: [{ ...person, actors: ['../x'] }] }],
  ];
  for (const [sentence, answer] of rows) {
    t.throws(() => readAuditPage(answer, { after: 0 }), { code: 'ORIGIN_ANSWER_INVALID' }, sentence);
  }
});

// Last, for it takes away what the others need.
t.test('the audit that there was is taken over', async (t) => {
  const folder = join(repoRoot, 'lib/origin/sql');
  const all = readdirSync(folder)
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }));
  const at = all.findIndex(({ name }) => name.endsWith('_agent_sync_audit.sql'));
  await origin.sql('drop schema agent_sync cascade');
  for (const { sql } of all.slice(0, at)) await origin.sql(sql);
  const answer = { status: 'accepted', refs: { [MAIN]: FIRST.oid }, sequence: { from: 0, to: 4 } };
  const edits = [{ name: MAIN, expected: null, target: FIRST.oid }];
  await origin.sql(
    `insert into agent_sync.projects (name) values ('old');
     insert into agent_sync.audit (project, at, user_id, action, detail) values
       (1, '2026-01-01', '${ada.userId}', 'register', '{"name": "old"}'),
       (1, '2026-01-02', '${ada.userId}', 'member', '{"user": "${ben.userId}", "role": "writer"}'),
       (1, '2026-01-03', '${ben.userId}', 'push', '${JSON.stringify({ push: randomUUID(), edits, answer })}');
     insert into agent_sync.members values (1, '${ada.userId}', 'owner')`,
  );
  await origin.sql(all[at]!.sql);
  const rows = await origin.sql<{ who: string; line: string }>(
    `select p.user_id as who, concat_ws(' ', a.number, a.at::date, a.action, a.result) as line
      from agent_sync.audit a join agent_sync.pseudonyms p on p.pseudonym = a.actor order by a.number`,
  );
  t.strictSame(
    rows.map(({ who, line }) => `${who === ada.userId ? 'ada' : 'ben'} ${line}`),
    ['ada 1 2026-01-01 register done', 'ada 2 2026-01-02 member done', 'ben 3 2026-01-03 push accepted'],
  );
  const claims = JSON.stringify({ sub: ada.userId });
  const [page] = await origin.sql<{ page: { entries: AuditEntry[] } }>(
    `select set_config('request.jwt.claims', '${claims}', false), agent_sync.read_audit('old', 0) as page`,
  );
  t.equal(findChainProblem(page!.page.entries, hashText), undefined);
  t.match(JSON.parse(page!.page.entries[2]!.detail), {
    refs: [{ name: MAIN, before: null, after: FIRST.oid }],
    objects: 4,
  });
  t.notMatch(JSON.stringify(page!.page.entries), ben.userId);
});
