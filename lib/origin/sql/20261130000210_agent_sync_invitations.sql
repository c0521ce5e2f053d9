-- Members, and invitations by e-mail address.

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
  -- Of all projects: what another transaction is about to use or drop is passed over, and not waited for.
  delete from agent_sync.invitations i using
    (select e.project, e.email from agent_sync.invitations e where e.expires_at <= now() for update skip locked) expired
    where (i.project, i.email) = (expired.project, expired.email);
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

alter table agent_sync.invitations enable row level security;
create policy owners_read on agent_sync.invitations for select to authenticated
  using (project in (select agent_sync.my_own_projects()));

revoke all on agent_sync.invitations from public, anon, authenticated;
revoke all on all functions in schema agent_sync from public, anon;
grant execute on function agent_sync.my_own_projects(), agent_sync.set_member(text, uuid, text, text),
  agent_sync.set_member_by_email(text, text, text, text), agent_sync.list_invitations(text) to authenticated;

do $$
begin
  if exists (select from pg_extension where extname = 'pg_cron') then
    perform cron.schedule('agent-sync-sweep-invitations', '23 3 * * *', 'select agent_sync.sweep_invitations()');
  end if;
exception
  when insufficient_privilege then
    raise warning 'this role may not use pg_cron, so invitations that expired go with the next push: %', sqlerrm;
end $$;
