-- Row-level security from inside the database: as each role, with the claims that PostgREST sets. Run by rls-matrix.test.ts in a
-- transaction that is rolled back; pgTAP is on the search path.
select no_plan();

-- Two projects; ada owns both, ben writes and rob reads the first, eve owns a third.
create function pg_temp.person(name text) returns uuid language sql immutable as $$
  select md5(name)::uuid;
$$;
create function pg_temp.become(name text) returns void language plpgsql as $$
begin
  perform set_config('request.jwt.claims', json_build_object('sub', pg_temp.person(name), 'role', 'authenticated')::text, true);
  set local role authenticated;
end $$;
insert into agent_sync.projects (name) values ('tap-ours'), ('tap-hers');
insert into agent_sync.members (project, user_id, role)
  select p.id, pg_temp.person(m.name), m.role
    from (values ('tap-ours', 'ada', 'owner'), ('tap-ours', 'ben', 'writer'), ('tap-ours', 'rob', 'reader'), ('tap-hers', 'eve', 'owner'))
      m (project, name, role) join agent_sync.projects p on p.name = m.project;
insert into agent_sync.objects (project, oid, type, body, sequence)
  select id, extensions.digest('blob 2'::bytea || '\x00'::bytea || 'hi', 'sha1'), 'blob', 'hi', 1
    from agent_sync.projects where name like 'tap-%';
insert into agent_sync.invitations (project, email, role)
  select id, name || '@people.example', 'reader' from agent_sync.projects where name like 'tap-%';
insert into agent_sync.push_receipts (project, user_id, push, answer)
  select id, pg_temp.person('ben'), gen_random_uuid(), '{}' from agent_sync.projects where name = 'tap-ours';

-- ---------------------------------------------------------------- grants

select schema_privs_are('agent_sync', 'authenticated', array['USAGE']);
select schema_privs_are('agent_sync', 'anon', array[]::text[]);
select schema_privs_are('agent_sync', 'service_role', array[]::text[]);
select table_privs_are('agent_sync', c.relname, r.name, array[]::text[])
  from pg_class c, unnest(array['anon', 'authenticated', 'service_role', 'authenticator']) r (name)
  where c.relnamespace = 'agent_sync'::regnamespace and c.relkind = 'r' order by c.relname, r.name;
select is(p.polcmd, 'r', format('the policy %s of %s is for reading', p.polname, p.polrelid::regclass))
  from pg_policy p join pg_class c on c.oid = p.polrelid and c.relnamespace = 'agent_sync'::regnamespace order by c.relname;
select is(c.relrowsecurity, true, format('row-level security is on for %s', c.relname))
  from pg_class c where c.relnamespace = 'agent_sync'::regnamespace and c.relkind = 'r' order by c.relname;

-- ---------------------------------------------------------------- rows, if an operator granted them

grant select on all tables in schema agent_sync to authenticated;

create function pg_temp.sees(tables text) returns text language plpgsql as $$
declare
  counted bigint;
begin
  execute format('select count(*) from agent_sync.%I', tables) into counted;
  return counted::text;
exception
  when insufficient_privilege then
    return 'denied';
end $$;
grant execute on all functions in schema pg_temp to public;

select pg_temp.become('ada');
select results_eq('select name from agent_sync.projects', array['tap-ours'], 'an owner sees her project and no other');
select is(pg_temp.sees('members'), '3', 'she sees its members');
select is(pg_temp.sees('objects'), '1', 'its objects, and not the same object of the other project');
select is(pg_temp.sees('invitations'), '1', 'and whom she invited');
select is(pg_temp.sees('push_receipts'), '0', 'but not what others were answered');
select is(pg_temp.sees('quotas'), '0', 'and no quotas');
select is(pg_temp.sees('pseudonyms'), '0', 'and no pseudonyms');
reset role;
select pg_temp.become('ben');
select is(pg_temp.sees('objects'), '1', 'a writer sees the objects');
select is(pg_temp.sees('invitations'), '0', 'and no invitation');
select is(pg_temp.sees('push_receipts'), '1', 'and what he was answered');
reset role;
select pg_temp.become('rob');
select is(pg_temp.sees('objects'), '1', 'a reader sees the objects');
select is(pg_temp.sees('push_receipts'), '0', 'and nothing of the push of another');
select throws_ok($$insert into agent_sync.members select id, auth.uid(), 'owner' from agent_sync.projects$$, '42501', null, 'a reader makes nobody an owner');
select throws_ok($$update agent_sync.members set role = 'owner'$$, '42501', null, 'nor himself');
select throws_ok($$delete from agent_sync.refs$$, '42501', null, 'a reader deletes no ref');
select throws_ok($$truncate agent_sync.audit$$, '42501', null, 'a reader empties no audit');
select throws_ok($$select agent_sync.write_audit(1, 'push', '{}')$$, '42501', null, 'a reader writes no audit');
select throws_ok($$select agent_sync.push('{"project":"tap-ours","objects":[]}'::bytea || '\x0a'::bytea)$$, 'PT403', null, 'a reader pushes nothing');
reset role;
select pg_temp.become('nobody we know');
select is(pg_temp.sees('projects'), '0', 'a stranger sees no project');
select is(pg_temp.sees('objects'), '0', 'and no object');
select throws_ok($$select agent_sync.describe('tap-ours')$$, 'PT403', null, 'a stranger is told of no project');
select throws_ok($$select agent_sync.describe('tap-none')$$, 'PT403', null, 'nor that there is none');
reset role;
set local request.jwt.claims = '{"role": "authenticated"}';
set local role authenticated;
select is(pg_temp.sees('objects'), '0', 'a token of no user sees no object');
select throws_ok($$select agent_sync.register_project('tap-new')$$, 'PT403', null, 'and makes no project');
reset role;
set local request.jwt.claims = '{"role": "anon"}';
set local role anon;
select is(pg_temp.sees('objects'), 'denied', 'the key alone is let into no table');
reset role;
set local role service_role;
select is(pg_temp.sees('objects'), 'denied', 'nor is the key of the operator''s programs, which is above row-level security');
reset role;

-- ---------------------------------------------------------------- what no one may, the owner of the tables included

select throws_ok($$update agent_sync.objects set body = body$$, 'P0001', null, 'objects do not change');
select throws_ok($$update agent_sync.push_receipts set answer = answer$$, 'P0001', null, 'receipts do not change');
select throws_ok($$update agent_sync.audit set action = action$$, 'P0001', null, 'the audit does not change');
select throws_ok($$delete from agent_sync.audit$$, 'P0001', null, 'nor does it lose rows');
select throws_ok(
  $$insert into agent_sync.objects select id, '\x00', 'blob', 'x', 9 from agent_sync.projects limit 1$$,
  '23514', null, 'an object has the id of its contents');
select throws_ok(
  $$insert into agent_sync.refs select id, 'refs/heads/x', '\x00' from agent_sync.projects limit 1$$,
  '23503', null, 'a ref has an object of its project');

select * from finish();
