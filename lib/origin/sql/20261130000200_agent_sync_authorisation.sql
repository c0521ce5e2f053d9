-- Who may do what: invitations, protected refs, and quotas. docs/decisions/ADR-011-authorisation.md says why it is like this.

-- ---------------------------------------------------------------- quotas

-- How much there may be, per project unless the name says otherwise; a row with a project goes before the one for all. Only who
-- operates the database changes it:
--   update agent_sync.quotas set most = 0 where name = 'projects_of_user';  -- nobody makes projects any more
--   insert into agent_sync.quotas select 'bytes', id, 20e9 from agent_sync.projects where name = 'handbook';
create table agent_sync.quotas (
  name text not null,
  project bigint references agent_sync.projects on delete cascade,
  most bigint not null check (most >= 0),
  unique nulls not distinct (name, project)
);
insert into agent_sync.quotas (name, most) values
  ('bytes', 5 * 1024::bigint ^ 3),
  ('objects', 5000000),
  ('refs', 1000),
  ('protected_refs', 100),
  ('actors', 10000),
  ('ids', 100000),
  ('members', 1000),
  ('invitations', 500),
  -- Parts of pushes under way, of up to 4 MiB.
  ('chunks', 4096),
  ('chunks_of_user', 512),
  -- Rows of the audit: pushes, pages of fetches, ids, changes of members.
  ('calls_of_user_in_an_hour', 20000),
  ('projects_of_user', 200);

create function agent_sync.quota(at_project bigint, quota_name text) returns bigint
language sql stable set search_path = '' as $$
  select q.most from agent_sync.quotas q
    where q.name = quota_name and (q.project = at_project or q.project is null)
    order by q.project nulls last limit 1;
$$;

-- Asked after the writing, under a lock that lets nobody else write the same; the refusal takes back what was written.
create function agent_sync.require_quota(at_project bigint, quota_name text, used bigint) returns void
language plpgsql stable set search_path = '' as $$
begin
  if used > agent_sync.quota(at_project, quota_name) then
    perform agent_sync.refuse(403, 'QUOTA_EXCEEDED', format('there would be %s %s, and %s are allowed; who operates the origin can allow more',
      used, translate(quota_name, '_', ' '), agent_sync.quota(at_project, quota_name)));
  end if;
end $$;

alter table agent_sync.projects
  -- Of all bodies together, kept by the triggers below: to add them up at each push would read the whole table.
  add column bytes bigint not null default 0,
  -- Whose quota the project counts for; unknown for those that an operator made, or that were there before.
  add column registered_by uuid;
create index projects_by_registrar on agent_sync.projects (registered_by);
update agent_sync.projects p set bytes =
  (select coalesce(sum(length(o.body)), 0) from agent_sync.objects o where o.project = p.id);

create function agent_sync.count_bytes() returns trigger
language plpgsql set search_path = '' as $$
declare
  change record;
begin
  if tg_op = 'INSERT' then
    for change in select n.project, sum(length(n.body)) as bytes from new_rows n group by n.project loop
      update agent_sync.projects p set bytes = p.bytes + change.bytes where p.id = change.project;
      perform agent_sync.require_quota(change.project, 'bytes', (select p.bytes from agent_sync.projects p where p.id = change.project));
      -- Sequence numbers have no gaps.
      perform agent_sync.require_quota(change.project, 'objects', agent_sync.last_sequence(change.project));
    end loop;
  elsif tg_op = 'DELETE' then
    for change in select o.project, sum(length(o.body)) as bytes from old_rows o group by o.project loop
      update agent_sync.projects p set bytes = p.bytes - change.bytes where p.id = change.project;
    end loop;
  else
    -- Bodies are exchanged only where they are erased.
    for change in select n.project, sum(length(n.body) - length(o.body)) as bytes
      from new_rows n join old_rows o on o.project = n.project and o.oid = n.oid group by n.project
    loop
      update agent_sync.projects p set bytes = p.bytes + change.bytes where p.id = change.project;
    end loop;
  end if;
  return null;
end $$;
create trigger count_inserted after insert on agent_sync.objects
  referencing new table as new_rows for each statement execute function agent_sync.count_bytes();
create trigger count_deleted after delete on agent_sync.objects
  referencing old table as old_rows for each statement execute function agent_sync.count_bytes();
create trigger count_updated after update on agent_sync.objects
  referencing old table as old_rows new table as new_rows for each statement execute function agent_sync.count_bytes();

create function agent_sync.limit_ids() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform agent_sync.require_quota(new.project, 'ids',
    (select count(*) from agent_sync.issued_ids i where i.project = new.project));
  return null;
end $$;
create trigger limit_ids after insert on agent_sync.issued_ids for each row execute function agent_sync.limit_ids();

-- The audit grows for ever, and readers add to it as well. What the operator of the database does is not counted.
create function agent_sync.limit_calls() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.actor <> '00000000-0000-0000-0000-000000000000' and (select count(*) from agent_sync.audit a
      where a.project = new.project and a.actor = new.actor and a.at > new.at - interval '1 hour')
    > agent_sync.quota(new.project, 'calls_of_user_in_an_hour') then
    perform agent_sync.refuse(429, 'ORIGIN_BUSY', 'so much within an hour is too much; try again later');
  end if;
  return null;
end $$;
create trigger limit_calls after insert on agent_sync.audit for each row execute function agent_sync.limit_calls();
create index audit_by_actor on agent_sync.audit (project, actor, at);

-- ---------------------------------------------------------------- members and invitations

-- Whoever is invited by an e-mail address becomes a member when a user with that address registers the project. Nothing else is
-- kept of them: the address is a person's.
create table agent_sync.invitations (
  project bigint not null references agent_sync.projects on delete cascade,
  email text not null check (length(email) <= 320),
  role text not null check (role in ('owner', 'writer', 'reader')),
  expires_at timestamptz not null default now() + interval '14 days',
  primary key (project, email)
);

create function agent_sync.normal_email(address text) returns text
language sql immutable set search_path = '' as $$
  select lower(btrim(address));
$$;

-- The address that a user is known to have: Supabase Auth has sent something there and got an answer (or was told by its operator
-- to believe everybody). What is under user_metadata in a token is written by the user, whatever it is called.
-- https://supabase.github.io/splinter/0015_rls_references_user_metadata
create function agent_sync.email_of(of_user uuid) returns text
language sql stable set search_path = '' as $$
  select agent_sync.normal_email(u.email) from auth.users u
    -- The embedded origin has no such column: there the operator gives the addresses.
    where u.id = of_user and to_jsonb(u) -> 'email_confirmed_at' is distinct from 'null'::jsonb;
$$;

create function agent_sync.member_of_email(at_project bigint, address text) returns uuid
language sql stable set search_path = '' as $$
  select m.user_id from agent_sync.members m
    where m.project = at_project and agent_sync.email_of(m.user_id) = address
    order by m.user_id limit 1;
$$;

-- The projects in which the caller is an owner.
create function agent_sync.my_own_projects() returns setof bigint
language sql stable security definer set search_path = '' as $$
  select project from agent_sync.members where user_id = (select auth.uid()) and role = 'owner';
$$;

create function agent_sync.sweep_invitations() returns void
language sql set search_path = '' as $$
  delete from agent_sync.invitations where expires_at <= now();
$$;

-- What `only` says, for members and for invitations: `new` refuses to change another role that is there, `known` to make one.
create function agent_sync.require_known(known_role text, new_role text, only_if text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if new_role not in ('owner', 'writer', 'reader') then
    perform agent_sync.refuse(422, 'USAGE', 'a role is owner, writer or reader');
  elsif only_if not in ('new', 'known') then
    perform agent_sync.refuse(422, 'USAGE', 'a role is changed only if it is new or known');
  elsif only_if = 'new' and known_role <> new_role then
    perform agent_sync.refuse(422, 'MEMBER_EXISTS', format('they have the role %s already', known_role));
  elsif only_if = 'known' and known_role is null then
    perform agent_sync.refuse(422, 'MEMBER_UNKNOWN', 'they have no role in the project');
  end if;
end $$;

-- Gives a user a role, or takes it away with null. A project is never left without an owner.
create function agent_sync.change_member(at_project bigint, member uuid, new_role text, only_if text) returns void
language plpgsql set search_path = '' as $$
declare
  known_role text := (select m.role from agent_sync.members m where m.project = at_project and m.user_id = member);
begin
  if member is null then
    perform agent_sync.refuse(422, 'USAGE', 'a member is named by the id of a user');
  end if;
  perform agent_sync.require_known(known_role, new_role, only_if);
  -- Or an invitation from before would bring the role back.
  delete from agent_sync.invitations i where i.project = at_project and i.email = agent_sync.email_of(member);
  if known_role is not distinct from new_role then
    return;
  elsif new_role is null then
    delete from agent_sync.members m where m.project = at_project and m.user_id = member;
  else
    insert into agent_sync.members values (at_project, member, new_role)
      on conflict (project, user_id) do update set role = new_role;
  end if;
  if not exists (select from agent_sync.members m where m.project = at_project and m.role = 'owner') then
    perform agent_sync.refuse(403, 'ORIGIN_REFUSED', 'the last owner of a project stays its owner; name another one first');
  end if;
  perform agent_sync.require_quota(at_project, 'members', (select count(*) from agent_sync.members m where m.project = at_project));
  perform agent_sync.write_audit(at_project, 'member', jsonb_build_object('user', member, 'role', new_role));
end $$;

drop function agent_sync.set_member(text, uuid, text);
create function agent_sync.set_member(project_name text, member uuid, new_role text, only_if text default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.lock_project(project_name, 'owner');
begin
  perform agent_sync.change_member(at_project, member, new_role, only_if);
  return true;
end $$;

-- The same by an e-mail address. Who is no member of the project is invited: whether somebody else at the origin has the address is
-- not told. With null an invitation is withdrawn.
create function agent_sync.set_member_by_email(project_name text, address text, new_role text, only_if text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.lock_project(project_name, 'owner');
  wanted text := agent_sync.normal_email(address);
  member uuid;
  known_role text;
  until timestamptz;
begin
  if (length(wanted) <= 320 and wanted ~ '^[^[:space:][:cntrl:]@]+@[^[:space:][:cntrl:]@]+$') is not true then
    perform agent_sync.refuse(422, 'USAGE', 'that is no e-mail address');
  end if;
  perform agent_sync.sweep_invitations();
  member := agent_sync.member_of_email(at_project, wanted);
  if member is not null then
    perform agent_sync.change_member(at_project, member, new_role, only_if);
    return jsonb_build_object('status', 'member', 'userId', member, 'role', new_role);
  end if;

  select i.role into known_role from agent_sync.invitations i where i.project = at_project and i.email = wanted;
  if new_role is null then
    perform agent_sync.require_known(known_role, new_role, 'known');
    delete from agent_sync.invitations i where i.project = at_project and i.email = wanted;
    perform agent_sync.write_audit(at_project, 'withdraw', jsonb_build_object('role', known_role));
  else
    perform agent_sync.require_known(known_role, new_role, only_if);
    insert into agent_sync.invitations as i (project, email, role) values (at_project, wanted, new_role)
      on conflict (project, email) do update set role = excluded.role, expires_at = excluded.expires_at
      returning i.expires_at into until;
    perform agent_sync.require_quota(at_project, 'invitations',
      (select count(*) from agent_sync.invitations i where i.project = at_project));
    perform agent_sync.write_audit(at_project, 'invite', jsonb_build_object('role', new_role));
  end if;
  return jsonb_build_object('status', 'invited', 'email', wanted, 'role', new_role, 'expiresAt', agent_sync.iso_time(until));
end $$;

create function agent_sync.iso_time(at timestamptz) returns text
language sql stable set search_path = '' as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
$$;

-- The invitations that the caller may see: an owner all, others none.
create function agent_sync.list_invitations(project_name text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('email', i.email, 'role', i.role, 'expiresAt', agent_sync.iso_time(i.expires_at))
      order by i.email), '[]')
    from agent_sync.invitations i
    where i.project = at_project and i.expires_at > now() and at_project in (select agent_sync.my_own_projects()));
end $$;

-- Makes the caller a member if it is invited: its token says the address, and its account still has it.
create function agent_sync.accept_invitation(project_name text) returns void
language plpgsql set search_path = '' as $$
declare
  address text := agent_sync.email_of(auth.uid());
  at_project bigint;
  granted text;
begin
  select p.id into at_project from agent_sync.projects p where p.name = project_name
    and not exists (select from agent_sync.members m where m.project = p.id and m.user_id = auth.uid())
    and exists (select from agent_sync.invitations i where i.project = p.id and i.email = address and i.expires_at > now());
  if at_project is null or address is distinct from agent_sync.normal_email(auth.jwt() ->> 'email') then
    return;
  end if;
  -- With the owners, who may be withdrawing it.
  perform from agent_sync.projects p where p.id = at_project for no key update;
  delete from agent_sync.invitations i
    where i.project = at_project and i.email = address and i.expires_at > now() returning i.role into granted;
  if granted is null then
    return;
  end if;
  insert into agent_sync.members values (at_project, auth.uid(), granted) on conflict do nothing;
  perform agent_sync.require_quota(at_project, 'members', (select count(*) from agent_sync.members m where m.project = at_project));
  perform agent_sync.write_audit(at_project, 'join', jsonb_build_object('role', granted));
end $$;

-- Makes a project, with the caller as its owner, or tells a member its role; who is invited becomes one.
--
-- That a name is taken is told to everybody who may make projects, as it has to be.
create or replace function agent_sync.register_project(project_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  made bigint;
  joined bigint;
begin
  -- https://supabase.com/docs/guides/auth/auth-anonymous
  if auth.uid() is null or auth.jwt() ->> 'is_anonymous' = 'true' then
    perform agent_sync.refuse(403, 'ORIGIN_REFUSED', 'a project is registered by a user; sign in with an access token');
  end if;
  if project_name is null or project_name !~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$' then
    perform agent_sync.refuse(422, 'CONFIG_INVALID',
      'a project name has up to 100 letters, digits, dots, hyphens, underscores and slashes, the first a letter or digit');
  end if;
  if not exists (select from agent_sync.projects p where p.name = project_name) then
    -- One at a time of each user, for the count.
    perform pg_advisory_xact_lock(hashtextextended('agent_sync.register_project ' || auth.uid(), 0));
    insert into agent_sync.projects (name, registered_by) values (project_name, auth.uid())
      on conflict do nothing returning id into made;
  end if;
  if made is null then
    perform agent_sync.accept_invitation(project_name);
    joined := agent_sync.require_role(project_name, 'reader');
    return (select jsonb_build_object('created', false, 'role', m.role)
      from agent_sync.members m where m.project = joined and m.user_id = auth.uid());
  end if;
  perform agent_sync.require_quota(null, 'projects_of_user',
    (select count(*) from agent_sync.projects p where p.registered_by = auth.uid()));
  insert into agent_sync.members values (made, auth.uid(), 'owner');
  perform agent_sync.write_audit(made, 'register', jsonb_build_object('name', project_name));
  return jsonb_build_object('created', true, 'role', 'owner');
end $$;

-- ---------------------------------------------------------------- protected refs

-- Refs that lose no commit and are not deleted, whoever asks: a name, or the beginning of names with * after it.
create table agent_sync.protected_refs (
  project bigint not null references agent_sync.projects on delete cascade,
  pattern text not null,
  primary key (project, pattern)
);

create function agent_sync.protect_main() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into agent_sync.protected_refs (project, pattern) values (new.id, 'refs/heads/main');
  return null;
end $$;
create trigger protect_main after insert on agent_sync.projects for each row execute function agent_sync.protect_main();
insert into agent_sync.protected_refs (project, pattern) select id, 'refs/heads/main' from agent_sync.projects;

create function agent_sync.is_protected(at_project bigint, ref text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from agent_sync.protected_refs p where p.project = at_project
    and case when right(p.pattern, 1) = '*' then starts_with(ref, rtrim(p.pattern, '*')) else ref = p.pattern end);
$$;

-- git-check-ref-format(1), for branches.
create function agent_sync.is_branch(name text) returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(length(name) <= 200 and name ~ '^refs/heads/[^/]'
    and name !~ '[\x01-\x20\x7f~^:?*[\\]|\.\.|@\{|//|/\.|/$|\.$|\.lock(/|$)', false);
$$;

create function agent_sync.list_protected_refs(project_name text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
begin
  return (select coalesce(jsonb_agg(p.pattern order by p.pattern), '[]')
    from agent_sync.protected_refs p where p.project = at_project);
end $$;

create function agent_sync.protect_ref(project_name text, pattern text, is_protected boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.lock_project(project_name, 'owner');
begin
  if is_protected is null then
    perform agent_sync.refuse(422, 'USAGE', 'a ref is protected or not');
  elsif not agent_sync.is_branch(regexp_replace(pattern, '\*$', 'x')) then
    perform agent_sync.refuse(422, 'REF_NAME_INVALID',
      format('''%s'' is neither the name of a branch nor the beginning of one with * after it', left(pattern, 200)));
  elsif is_protected then
    insert into agent_sync.protected_refs as known (project, pattern) values (at_project, protect_ref.pattern) on conflict do nothing;
    perform agent_sync.require_quota(at_project, 'protected_refs',
      (select count(*) from agent_sync.protected_refs p where p.project = at_project));
  else
    delete from agent_sync.protected_refs p where p.project = at_project and p.pattern = protect_ref.pattern;
  end if;
  perform agent_sync.write_audit(at_project, case when is_protected then 'protect' else 'unprotect' end,
    jsonb_build_object('pattern', pattern));
  return true;
end $$;

-- ---------------------------------------------------------------- pushes

-- The line of JSON that a pack begins with.
create or replace function agent_sync.pack_header(pack bytea) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  header jsonb;
begin
  if length(pack) > 4 * 1024 * 1024 then
    perform agent_sync.refuse(413, 'OBJECT_TOO_LARGE', 'a request has at most 4 MiB');
  end if;
  header := convert_from(substring(pack for position('\x0a'::bytea in pack) - 1), 'UTF8')::jsonb;
  if jsonb_typeof(header) = 'object' and jsonb_typeof(header -> 'objects') = 'array'
    and not jsonb_path_exists(header, 'strict $.objects[*] ? (@.type() != "object")') then
    return header;
  end if;
  perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a pack begins with a JSON object that lists its objects');
exception
  -- Also for what nests too deeply.
  when data_exception or statement_too_complex then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a pack begins with a line of JSON');
end $$;

-- Refuses what no client of ours sends in the header of a pack, so that what follows can take it for what it should be.
create function agent_sync.require_header(header jsonb, numbered text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (header ->> 'push' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      and jsonb_typeof(header -> numbered) = 'number' and header ->> numbered ~ '^[0-9]{1,3}$'
      and (header ->> numbered)::integer <= 255) is not true then
    perform agent_sync.refuse(422, 'REQUEST_INVALID', format('a push has an id, and %s from 0 to 255', numbered));
  end if;
end $$;

create function agent_sync.require_list(header jsonb, list text, most integer) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if jsonb_typeof(header -> list) is distinct from 'array'
    or jsonb_array_length(header -> list) > most
    or jsonb_path_exists(header -> list, 'strict $[*] ? (@.type() != "object")') then
    perform agent_sync.refuse(422, 'REQUEST_INVALID', format('a push lists at most %s %s', most, list));
  end if;
end $$;

-- Keeps a part of a push that is larger than a request. Nobody sees it, the pusher's other pushes included.
-- Pack header: {project, push, chunk, objects}.
create or replace function agent_sync.push_chunk(bytea) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  header jsonb := agent_sync.pack_header($1);
  at_project bigint := agent_sync.require_role(header ->> 'project', 'writer');
begin
  perform agent_sync.require_header(header, 'chunk');
  perform agent_sync.sweep();
  -- One part of each user at a time, for the count.
  perform pg_advisory_xact_lock(hashtextextended('agent_sync.push_chunk ' || auth.uid(), 0));
  insert into agent_sync.push_chunks (project, user_id, push, chunk, pack)
    values (at_project, auth.uid(), (header ->> 'push')::uuid, (header ->> 'chunk')::integer, $1)
    -- A push that is sent again may be cut elsewhere, and is heard of again.
    on conflict (project, user_id, push, chunk) do update set pack = excluded.pack, received_at = excluded.received_at;
  -- In all projects together.
  perform agent_sync.require_quota(null, 'chunks_of_user',
    (select count(*) from agent_sync.push_chunks c where c.user_id = auth.uid()));
  perform agent_sync.require_quota(at_project, 'chunks',
    (select count(*) from agent_sync.push_chunks c where c.project = at_project));
  return true;
end $$;
create index push_chunks_by_user on agent_sync.push_chunks (user_id);

-- Takes objects, refs and actors, all or nothing, and answers with a receipt; a ref that another push moved first, or that
-- would lose commits, is an answer too. The last part of the pack comes with it, after `chunks` earlier ones.
-- Pack header: {project, push, chunks, edits: [{name, expected, target, force}], actors: [{id, name, email}], objects}.
create or replace function agent_sync.push(bytea) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '120s' set lock_timeout = '60s' as $$
declare
  header jsonb := agent_sync.pack_header($1);
  at_project bigint := agent_sync.lock_project(header ->> 'project', 'writer');
  push_id uuid;
  edits jsonb := header -> 'edits';
  since bigint;
  answer jsonb;
begin
  perform agent_sync.require_header(header, 'chunks');
  push_id := (header ->> 'push')::uuid;
  select r.answer into answer from agent_sync.push_receipts r
    where r.project = at_project and r.user_id = auth.uid() and r.push = push_id;
  if found then
    perform agent_sync.drop_chunks(at_project, push_id);
    return answer;
  end if;

  perform agent_sync.require_list(header, 'edits', 100);
  perform agent_sync.require_list(header, 'actors', 5000);
  perform agent_sync.require_edits(edits);
  answer := agent_sync.stale_edit(at_project, edits);
  if answer is null then
    since := agent_sync.last_sequence(at_project);
    perform agent_sync.add_chunks(at_project, push_id, (header ->> 'chunks')::integer);
    perform agent_sync.add_objects(at_project, $1);
    perform agent_sync.require_closure(at_project, since);
    answer := agent_sync.lossy_edit(at_project, edits);
    if answer is null then
      answer := agent_sync.move_refs(at_project, edits) || jsonb_build_object(
        'sequence', jsonb_build_object('from', since, 'to', agent_sync.last_sequence(at_project)));
      perform agent_sync.put_actors(at_project, since, header -> 'actors');
    else
      delete from agent_sync.objects o where o.project = at_project and o.sequence > since;
    end if;
  end if;

  perform agent_sync.drop_chunks(at_project, push_id);
  perform agent_sync.sweep_invitations();
  insert into agent_sync.push_receipts (project, user_id, push, answer) values (at_project, auth.uid(), push_id, answer);
  perform agent_sync.write_audit(at_project, 'push',
    jsonb_build_object('push', push_id, 'edits', edits, 'answer', answer) || agent_sync.forced_edits(edits));
  return answer;
end $$;

-- Refuses edits that no state of the refs could make right.
create or replace function agent_sync.require_edits(edits jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare
  edit record;
begin
  for edit in select e ->> 'name' as name, e ->> 'expected' as expected, e ->> 'target' as target, e -> 'force' as force
    from jsonb_array_elements(edits) e
  loop
    if not agent_sync.is_branch(edit.name) then
      perform agent_sync.refuse(422, 'REF_NAME_INVALID', format('''%s'' cannot be the name of a branch', left(edit.name, 200)));
    elsif edit.force not in ('true', 'false', 'null') then
      perform agent_sync.refuse(422, 'REQUEST_INVALID', format('%s is forced or not', edit.name));
    elsif edit.target !~ '^[0-9a-f]{40}$' or edit.expected !~ '^[0-9a-f]{40}$' then
      perform agent_sync.refuse(422, 'OID_INVALID', format('%s is to move between what are not object ids', edit.name));
    elsif edit.target is null and edit.expected is null then
      perform agent_sync.refuse(422, 'REQUEST_INVALID', format('%s is to be made from nothing and to be nothing', edit.name));
    elsif edit.target is null and edit.force is distinct from 'true' then
      perform agent_sync.refuse(422, 'ORIGIN_REFUSED', format('%s is not deleted unless that is forced', edit.name));
    end if;
  end loop;
  if (select count(*) > count(distinct e ->> 'name') from jsonb_array_elements(edits) e) then
    perform agent_sync.refuse(422, 'USAGE', 'a push moves a ref once');
  end if;
end $$;

-- The first edit that would lose commits and is not forced, as the answer to its push. Refuses one that is forced where the ref is
-- protected.
create or replace function agent_sync.lossy_edit(at_project bigint, edits jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  edit record;
begin
  for edit in
    select e.name, e.expected, coalesce(e.force, false) as force
      from jsonb_to_recordset(edits) as e (name text, expected text, target text, force boolean)
      where e.expected is not null
        -- What may lose commits need not be asked whether it does.
        and not (coalesce(e.force, false) and not agent_sync.is_protected(at_project, e.name))
        and (e.target is null
          or not agent_sync.contains(at_project, decode(e.target, 'hex'), decode(e.expected, 'hex')))
      order by coalesce(e.force, false) desc, e.name limit 1
  loop
    if edit.force then
      perform agent_sync.refuse(403, 'REF_PROTECTED', format('%s is protected: it loses no commit, and is not deleted', edit.name));
    end if;
    return jsonb_build_object('status', 'rejected', 'ref', edit.name, 'reason', 'non-fast-forward', 'current', edit.expected);
  end loop;
  return null;
end $$;

create or replace function agent_sync.move_refs(at_project bigint, edits jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  missing text;
begin
  select e.target into missing from jsonb_to_recordset(edits) as e (target text)
    where e.target is not null and not exists (select from agent_sync.objects o
      where o.project = at_project and o.oid = decode(e.target, 'hex') and o.type = 'commit');
  if found then
    perform agent_sync.refuse(422, 'OBJECT_NOT_FOUND', format('the commit %s is neither sent nor known here', missing));
  end if;
  delete from agent_sync.refs r using jsonb_to_recordset(edits) as e (name text, target text)
    where r.project = at_project and r.name = e.name and e.target is null;
  insert into agent_sync.refs (project, name, oid)
    select at_project, e.name, decode(e.target, 'hex') from jsonb_to_recordset(edits) as e (name text, target text)
      where e.target is not null
    on conflict (project, name) do update set oid = excluded.oid;
  perform agent_sync.require_quota(at_project, 'refs', (select count(*) from agent_sync.refs r where r.project = at_project));
  return jsonb_build_object('status', 'accepted', 'refs',
    (select coalesce(jsonb_object_agg(e.name, e.target), '{}') from jsonb_to_recordset(edits) as e (name text, target text)
      where e.target is not null));
end $$;

-- For the audit: which refs were moved by force, if any.
create function agent_sync.forced_edits(edits jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select case when count(*) = 0 then '{}' else jsonb_build_object('forced', jsonb_agg(e.name order by e.name)) end
    from jsonb_to_recordset(edits) as e (name text, force boolean) where e.force;
$$;

-- Whom a commit names.
create function agent_sync.signers(body bytea) returns setof text
language sql immutable set search_path = '' as $$
  -- Before the message there is nothing that the person who pushes could have written otherwise.
  select distinct (regexp_match(line, '^(?:author|committer) ([a-z0-9-]+) '))[1]
    from string_to_table(split_part(convert_from(body, 'UTF8'), e'\n\n', 1), e'\n') line
    where line ~ '^(author|committer) ';
$$;

-- Names the actors of the commits that came after `since`; others have no name to bring here. An actor is renamed by the user that
-- brought it, and nobody else; an emptied name stays empty for all.
drop function agent_sync.put_actors(bigint, jsonb);
create function agent_sync.put_actors(at_project bigint, since bigint, actors jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  if exists (select from jsonb_to_recordset(actors) as a (id text, name text, email text)
    where (a.id ~ '^[a-z0-9][a-z0-9-]{0,63}$' and length(a.name) <= 200 and length(a.email) <= 320) is not true) then
    perform agent_sync.refuse(422, 'REQUEST_INVALID',
      'an actor has an id, a name of up to 200 and an address of up to 320 characters');
  end if;
  insert into agent_sync.actors as known (project, id, user_id, name, email)
    select distinct on (a.id) at_project, a.id, auth.uid(), a.name, a.email
      from jsonb_to_recordset(actors) as a (id text, name text, email text)
      where exists (select from agent_sync.actors k where k.project = at_project and k.id = a.id)
        or a.id in (select agent_sync.signers(o.body) from agent_sync.objects o
          where o.project = at_project and o.sequence > since and o.type = 'commit')
    on conflict (project, id) do update set name = excluded.name, email = excluded.email
      where known.user_id = excluded.user_id;
  perform agent_sync.require_quota(at_project, 'actors', (select count(*) from agent_sync.actors a where a.project = at_project));
end $$;

-- ---------------------------------------------------------------- who may read and call

-- Nobody reads tables past the functions any more. Row-level security keeps the rows of others back, but PostgREST tells on request
-- how many rows the planner expects (count=planned), and the planner knows the values of all.
revoke all on all tables in schema agent_sync from public, anon, authenticated;

-- For what an operator grants nevertheless: members read the rows of their projects, and owners the invitations.
alter table agent_sync.quotas enable row level security;
alter table agent_sync.invitations enable row level security;
alter table agent_sync.protected_refs enable row level security;

create policy owners_read on agent_sync.invitations for select to authenticated
  using (project in (select agent_sync.my_own_projects()));
create policy members_read on agent_sync.protected_refs for select to authenticated
  using (project in (select agent_sync.my_projects()));

revoke all on all functions in schema agent_sync from public, anon;
grant execute on function agent_sync.my_own_projects(), agent_sync.set_member(text, uuid, text, text),
  agent_sync.set_member_by_email(text, text, text, text), agent_sync.list_invitations(text),
  agent_sync.list_protected_refs(text), agent_sync.protect_ref(text, text, boolean) to authenticated;

do $$
begin
  if exists (select from pg_extension where extname = 'pg_cron') then
    perform cron.schedule('agent-sync-sweep-invitations', '23 3 * * *', 'select agent_sync.sweep_invitations()');
  end if;
exception
  when insufficient_privilege then
    raise warning 'this role may not use pg_cron, so invitations that expired go with the next push: %', sqlerrm;
end $$;
