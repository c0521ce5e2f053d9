/**
 * Who may do what at the origin: each role with each table and verb, and with each function, as the catalogue of the database lists
 * them, and as each of them finds it through the gateway.
 *
 * Something new fails this test until there is a verdict on it:
 * - a table: one line in TABLES, and a row of it in the project of `withCast`
 * - a function that users call: one line in CALLS, with arguments that are right for who may
 * - any other function: its name in INTERNAL
 * - a role of the database or of a project, a privilege: ROLES, `PEOPLE` of cast.ts, VERBS
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import t from 'tap';
import { identified } from '../../lib/origin/contract/specimens.js';
import { repoRoot } from '../paths.js';
import { type Answer, type Cast, PEOPLE, type Person, withCast } from './cast.js';

const cast = await withCast(t);
const { origin, project, userIds, ask, upload } = cast;

/**
 * Whose rows of the project row-level security lets read. It is the second line: nobody reads or writes a table through the API, and that
 * is not said for each.
 */
const TABLES: Readonly<Record<string, 'members' | 'owners' | 'whose it is' | 'nobody'>> = {
  actors: 'members',
  audit: 'members',
  erased_actors: 'members',
  erasure_keys: 'nobody',
  erasures: 'members',
  id_counters: 'members',
  invitations: 'owners',
  issued_ids: 'members',
  members: 'members',
  objects: 'members',
  projects: 'members',
  protected_refs: 'members',
  pseudonyms: 'nobody',
  push_chunks: 'whose it is',
  push_receipts: 'whose it is',
  quotas: 'nobody',
  refs: 'members',
  tree_sizes: 'members',
};

/** Whose rows of `whose it is` are: the project's are the writer's. */
const READERS: Readonly<Record<string, readonly Person[]>> = {
  members: ['reader', 'writer', 'owner'],
  owners: ['owner'],
  'whose it is': ['writer'],
  nobody: [],
};

type Needs = 'owner' | 'writer' | 'reader' | 'a token';

/** What a function needs, and how it is called. The calls change nothing that another one needs. */
const CALLS: Readonly<Record<string, readonly [Needs, (person: Person) => Promise<Answer>]>> = {
  'describe(text)': ['reader', (who) => call(who, 'describe', {})],
  'fetch(text,bigint)': ['reader', (who) => call(who, 'fetch', { after: 0 }, 'application/octet-stream')],
  'issue_id(text,uuid,text,text,bigint,text)': [
    'writer',
    (who) => call(who, 'issue_id', { request: randomUUID(), kind: 'plan', prefix: 'A', above: 0, claimed: null }),
  ],
  'list_erasures(text,bigint)': ['reader', (who) => call(who, 'list_erasures', { after: 0 })],
  'list_invitations(text)': ['reader', (who) => call(who, 'list_invitations', {})],
  'list_members(text)': ['reader', (who) => call(who, 'list_members', {})],
  'list_protected_refs(text)': ['reader', (who) => call(who, 'list_protected_refs', {})],
  'my_own_projects()': ['a token', (who) => post(who, 'my_own_projects', {})],
  'my_projects()': ['a token', (who) => post(who, 'my_projects', {})],
  'my_topics()': ['a token', (who) => post(who, 'my_topics', {})],
  'protect_ref(text,text,boolean)': [
    'owner',
    (who) => call(who, 'protect_ref', { pattern: 'refs/heads/v/*', is_protected: true }),
  ],
  'purge(text,jsonb,jsonb,boolean)': [
    'owner',
    (who) => call(who, 'purge', { actors: ['actor-unknown'], blobs: [], dry_run: true }),
  ],
  'push(bytea)': [
    'writer',
    (who) => upload(who, 'push', { project, push: randomUUID(), chunks: 0, edits: [], actors: [] }),
  ],
  'push_chunk(bytea)': [
    'writer',
    (who) =>
      upload(who, 'push_chunk', { project, push: randomUUID(), chunk: 0 }, [identified('blob', Buffer.from(who))]),
  ],
  'read_audit(text,bigint,timestamp with time zone)': ['reader', (who) => call(who, 'read_audit', { after: 0 })],
  'register_project(text)': ['a token', (who) => post(who, 'register_project', { project_name: `of-${who}` })],
  'set_member(text,uuid,text,text)': [
    'owner',
    (who) => call(who, 'set_member', { member: userIds.reader, new_role: 'reader', only_if: null }),
  ],
  'set_member_by_email(text,text,text,text)': [
    'owner',
    (who) => call(who, 'set_member_by_email', { address: 'a@people.example', new_role: 'reader', only_if: null }),
  ],
};

/** Functions that only other functions, policies of the operator and triggers call. */
const INTERNAL = `
  accept_invitation add_chunks add_objects append_audit audit_detail audit_operator audit_text change_member commit_references contains count_bytes
  drop_chunks email_of erasure_fingerprint erasure_secret fold_name forced_edits is_branch is_device is_git_folder is_protected is_signature iso_time last_sequence limit_calls limit_erasures limit_ids lock_project make_erasure_key
  lossy_edit measure_trees member_of_email move_refs normal_email object_references pack_header pack_objects protect_main pseudonym_of put_actors
  quota refuse refuse_erased refuse_object_update refuse_update request_client request_header request_trace require_closure require_edits require_header require_known
  require_list require_quota require_role signers stale_edit sweep sweep_invitations sign_erasure skip_erased_actor tell_ref_moved tombstone tree_references write_audit
`
  .trim()
  .split(/\s+/);

/** Roles of the database that come to the schema, and how: `owner` of all of it, `calls` functions, or not at all. */
const ROLES: Readonly<Record<string, 'owner' | 'calls' | 'nothing'>> = {
  anon: 'nothing',
  authenticated: 'calls',
  authenticator: 'nothing',
  postgres: 'owner',
  service_role: 'nothing',
};

/** What there is to be granted on a table; nothing is. */
const VERBS = 'SELECT DELETE INSERT MAINTAIN REFERENCES TRIGGER TRUNCATE UPDATE'.split(' ');

const rank: Readonly<Partial<Record<Person, number>>> = { reader: 1, writer: 2, owner: 3 };
const needed: Readonly<Record<Needs, number>> = { 'a token': 0, reader: 1, writer: 2, owner: 3 };

function post(who: Person, name: string, args: object, accept = 'application/json'): Promise<Answer> {
  return ask(who, `rpc/${name}`, { method: 'POST', headers: { Accept: accept }, body: JSON.stringify(args) });
}

function call(who: Person, name: string, args: object, accept?: string): Promise<Answer> {
  return post(who, name, { project_name: project, ...args }, accept);
}

interface Routine extends Record<string, unknown> {
  readonly signature: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly definer: boolean;
  readonly api: boolean;
}

const tables = await origin.sql<{ name: string; columns: string[] }>(
  `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'agent_sync'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') group by 1 order by 1`,
);
const routines = await origin.sql<Routine>(
  `select format('%s(%s)', proname, replace(oidvectortypes(proargtypes), ', ', ',')) as signature, proname as name, prosecdef as definer,
        coalesce(proargnames, '{}') as args, has_function_privilege('authenticated', p.oid, 'execute') as api
      from pg_proc p where pronamespace = 'agent_sync'::regnamespace order by 1`,
);

t.test('what the catalogue has, there is a verdict on', async (t) => {
  t.same(
    tables.map(({ name }) => name),
    Object.keys(TABLES).sort(),
    'each table',
  );
  t.same(
    routines.filter(({ api }) => api).map(({ signature }) => signature),
    Object.keys(CALLS).sort(),
    'each function that signed-in users may call',
  );
  t.same(
    [...new Set(routines.filter(({ api }) => !api).map(({ name }) => name))].sort(),
    [...INTERNAL].sort(),
    'each other function',
  );
  const roles = await origin.sql<{ rolname: string; usage: boolean; create: boolean }>(
    `select rolname, has_schema_privilege(oid, 'agent_sync', 'usage') as usage, has_schema_privilege(oid, 'agent_sync', 'create') as create
      from pg_roles where not rolsuper and rolname !~ '^pg_' order by 1`,
  );
  const comes = ({ usage, create }: { usage: boolean; create: boolean }) =>
    create ? 'owner' : usage ? 'calls' : 'nothing';
  t.same(Object.fromEntries(roles.map((role) => [role.rolname, comes(role)])), ROLES, 'each role of the database');
  const verbs = await origin.sql<{ verb: string }>(
    `select distinct privilege_type as verb from aclexplode(acldefault('r', 10)) order by 1`,
  );
  t.same(verbs.map(({ verb }) => verb).sort(), [...VERBS].sort(), 'each verb');
  const [check] = await origin.sql<{ check: string }>(
    `select pg_get_constraintdef(oid) as check from pg_constraint where conname = 'members_role_check'`,
  );
  t.same(check!.check.match(/'\w+'/g), ["'owner'", "'writer'", "'reader'"], 'each role of a project');
});

t.test('what the catalogue says of them', async (t) => {
  const granted = await origin.sql<{ line: string }>(
    `select format('%s %s %s', coalesce(r.rolname, 'PUBLIC'), a.privilege_type, c.relname) as line
      from pg_class c, aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
      where c.relnamespace = 'agent_sync'::regnamespace and a.grantee <> c.relowner order by 1`,
  );
  t.same(
    granted.map(({ line }) => line),
    [],
    'nobody but its owner may do anything with a table, view or sequence',
  );
  const open = await origin.sql(
    `select relname from pg_class where relnamespace = 'agent_sync'::regnamespace and relkind in ('r', 'p') and not relrowsecurity`,
  );
  t.same(open, [], 'row-level security is on for every table');
  const policies = await origin.sql<{ name: string; cmd: string; roles: string }>(
    `select tablename as name, cmd, roles::text from pg_policies where schemaname = 'agent_sync' order by 1`,
  );
  t.same(
    policies,
    Object.entries(TABLES)
      .filter(([, verdict]) => verdict !== 'nobody')
      .map(([name]) => ({ name, cmd: 'SELECT', roles: '{authenticated}' })),
    'each that somebody may read rows of has one policy, for reading',
  );
  const loose = await origin.sql(
    `select proname from pg_proc where pronamespace = 'agent_sync'::regnamespace
      and not coalesce('search_path=""' = any (proconfig), false)`,
  );
  t.same(loose, [], 'every function fixes its search_path');
  const callers = await origin.sql(
    `select p.proname, r.rolname from pg_proc p, pg_roles r where p.pronamespace = 'agent_sync'::regnamespace
      and has_function_privilege(r.oid, p.oid, 'execute') and r.rolname in ('anon', 'service_role', 'authenticator')`,
  );
  t.same(callers, [], 'nobody without a user calls a function');
  t.same(
    routines.filter(({ api, definer }) => api !== definer).map(({ signature }) => signature),
    [],
    'what users call runs as the owner of the tables, and nothing else does',
  );
  const late = await origin.sql<{ proname: string }>(
    `select proname from pg_proc where pronamespace = 'agent_sync'::regnamespace and prosecdef and prolang =
      (select oid from pg_language where lanname = 'plpgsql') and proname <> 'register_project'
      and prosrc !~ 'at_project bigint := agent_sync[.](require_role|lock_project)'`,
  );
  t.same(late, [], 'and asks for the role before anything else');
});

t.test('each role, each table, each verb', async (t) => {
  const [{ id } = { id: '' }] = await origin.sql<{ id: string }>('select id from agent_sync.projects where name = $1', [
    project,
  ]);
  const keyOf = (name: string) => (name === 'projects' ? 'id' : 'project');
  for (const { name, columns } of tables) {
    const ours = `${name}?${keyOf(name)}=eq.${id}`;
    // The last, since what is always generated is refused for that.
    const body = JSON.stringify({ [columns.at(-1)!]: null });
    const found = await Promise.all(
      PEOPLE.map(async (person) => {
        const answers = await Promise.all([
          ask(person, ours, { headers: { Prefer: 'count=planned' } }),
          ask(person, name, { method: 'POST', body }),
          ask(person, ours, { method: 'PATCH', body }),
          ask(person, ours, { method: 'DELETE' }),
        ]);
        return [person, answers.map(({ code }) => code).join(' ')] as const;
      }),
    );
    const verdicts = PEOPLE.map((person) => [person, '42501 42501 42501 42501'] as const);
    t.same(Object.fromEntries(found), Object.fromEntries(verdicts), `${name}: the API has nothing of it for anybody`);
  }

  for (const person of PEOPLE.filter((person) => person !== 'anon' && person !== 'service_role')) {
    const counts = tables.map(
      ({ name }) => `select '${name} ' || (count(*) > 0) from agent_sync.${name} where ${keyOf(name)} = ${id}`,
    );
    const claims = JSON.stringify({ sub: userIds[person], role: 'authenticated' });
    const seen = await cast.runScript(`
      begin;
      grant select on all tables in schema agent_sync to authenticated;
      set local request.jwt.claims = '${claims}';
      set local role authenticated;
      ${counts.join(';\n')};
      rollback;`);
    const verdicts = tables.map(({ name }) => `${name} ${READERS[TABLES[name] ?? 'nobody']!.includes(person)}`);
    t.same(seen, verdicts, `${person}: the rows to be read in each table, if it were granted`);
  }
});

t.test('each role, each function', async (t) => {
  for (const [signature, [needs, calls]] of Object.entries(CALLS)) {
    const found = await Promise.all(
      PEOPLE.map(async (person) => {
        const { status, code } = await calls(person);
        return [person, status === 200 ? 'done' : code] as const;
      }),
    );
    const verdict = (person: Person) => {
      if (person === 'anon' || person === 'service_role') return [person, '42501'] as const;
      return [person, (rank[person] ?? 0) >= needed[needs] ? 'done' : 'PT403'] as const;
    };
    t.same(Object.fromEntries(found), Object.fromEntries(PEOPLE.map(verdict)), `${signature} needs ${needs}`);
  }
  const inside = routines.filter(({ api }) => !api);
  const found = await Promise.all(
    inside.flatMap(({ name, args }) =>
      PEOPLE.map(async (person) => {
        const { status, code } = await post(person, name, Object.fromEntries(args.map((arg) => [arg, null])));
        // PostgREST finds no function that it could call for those without names of arguments, and triggers.
        return ['42501', 'PGRST202'].includes(code) ? [] : [`${person} ${name}: ${status} ${code}`];
      }),
    ),
  );
  t.same(found.flat(), [], `nobody reaches one of the other ${inside.length} functions`);
});

t.test('the same in SQL, with pgTAP', async (t) => {
  const archive = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite-pgtap')), 'pgtap.tar.gz');
  const pgtap = execFileSync('tar', ['xzOf', archive, 'share/postgresql/extension/pgtap.sql'], { encoding: 'utf8' });
  const sentences = readFileSync(join(repoRoot, 'test/origin/pgtap/authorisation.sql'), 'utf8');
  const lines = await runTap(cast, pgtap, sentences);
  const verdicts = lines.flatMap((line) => line.split('\n')).filter((line) => /^(not )?ok /.test(line));
  const [, planned] = /^1\.\.(\d+)$/m.exec(lines.join('\n')) ?? [];
  t.equal(verdicts.length, Number(planned), 'all that was planned was run');
  t.ok(verdicts.length > 60, `${verdicts.length} sentences`);
  for (const verdict of verdicts) t.match(verdict, /^ok /, verdict.replace(/^(not )?ok \d+ - /, ''));
});

/** pgTAP goes into a schema of its own, and with the transaction. */
function runTap({ runScript }: Cast, pgtap: string, sentences: string): Promise<string[]> {
  return runScript(`
    begin;
    create schema tap;
    grant usage on schema tap to public;
    set local search_path = tap, public;
    ${pgtap};
    ${sentences};
    rollback;`);
}
