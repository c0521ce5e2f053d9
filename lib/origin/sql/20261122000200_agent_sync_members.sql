-- Projects and their members.
--
-- Every function that the API reaches runs as the owner of the tables, fixes its search_path and asks `require_role` first.
-- A refusal is raised as PTxyz, which PostgREST answers with HTTP status xyz; DETAIL holds the code of the client's error.

create function agent_sync.refuse(status integer, code text, message text) returns void
language plpgsql set search_path = '' as $$
begin
  -- PostgREST puts the message into the status line of its answer as it is, and breaks over a line break.
  raise exception using errcode = 'PT' || status, message = regexp_replace(message, '[^ -~]', '?', 'g'), detail = code;
end $$;

-- Project names come from outside; whether one exists is told to its members only.
create function agent_sync.require_role(project_name text, needed text) returns bigint
language plpgsql stable set search_path = '' as $$
declare
  found_project bigint;
  found_role text;
begin
  select m.project, m.role into found_project, found_role
    from agent_sync.projects p join agent_sync.members m on m.project = p.id
    where p.name = project_name and m.user_id = auth.uid();
  if found_role is null then
    perform agent_sync.refuse(403, 'ORIGIN_REFUSED',
      format('there is no project ''%s'' that you are a member of', left(project_name, 100)));
  elsif array_position(array['owner', 'writer', 'reader'], found_role) > array_position(array['owner', 'writer', 'reader'], needed) then
    perform agent_sync.refuse(403, 'ORIGIN_REFUSED',
      format('this needs the role %s in project ''%s'', and yours is %s', needed, project_name, found_role));
  end if;
  return found_project;
end $$;

-- For what must not happen twice at once. Whoever had to wait may have lost its role meanwhile.
create function agent_sync.lock_project(project_name text, needed text) returns bigint
language plpgsql set search_path = '' as $$
declare
  found_project bigint := agent_sync.require_role(project_name, needed);
begin
  perform from agent_sync.projects p where p.id = found_project for no key update;
  return agent_sync.require_role(project_name, needed);
end $$;

create function agent_sync.write_audit(at_project bigint, action text, detail jsonb) returns void
language sql set search_path = '' as $$
  insert into agent_sync.audit (project, user_id, action, detail) values (at_project, auth.uid(), action, detail);
$$;

-- Makes a project, with the caller as its owner, or tells a member its role.
create function agent_sync.register_project(project_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  made bigint;
  joined bigint;
begin
  if auth.uid() is null then
    perform agent_sync.refuse(403, 'ORIGIN_REFUSED', 'a project is registered by a user; sign in with an access token');
  end if;
  if project_name is null or project_name !~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$' then
    perform agent_sync.refuse(422, 'CONFIG_INVALID',
      'a project name has up to 100 letters, digits, dots, hyphens, underscores and slashes, the first a letter or digit');
  end if;
  insert into agent_sync.projects (name) values (project_name) on conflict do nothing returning id into made;
  if made is null then
    joined := agent_sync.require_role(project_name, 'reader');
    return (select jsonb_build_object('created', false, 'role', m.role)
      from agent_sync.members m where m.project = joined and m.user_id = auth.uid());
  end if;
  insert into agent_sync.members values (made, auth.uid(), 'owner');
  perform agent_sync.write_audit(made, 'register', jsonb_build_object('name', project_name));
  return jsonb_build_object('created', true, 'role', 'owner');
end $$;

create function agent_sync.list_members(project_name text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
begin
  return (select jsonb_agg(jsonb_build_object('userId', m.user_id, 'role', m.role) order by m.role, m.user_id)
    from agent_sync.members m where m.project = at_project);
end $$;

-- Gives a user a role, or takes it away with null. A project is never left without an owner.
create function agent_sync.set_member(project_name text, member uuid, new_role text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.lock_project(project_name, 'owner');
begin
  if new_role not in ('owner', 'writer', 'reader') then
    perform agent_sync.refuse(422, 'USAGE', 'a role is owner, writer or reader');
  end if;
  if new_role is null then
    delete from agent_sync.members m where m.project = at_project and m.user_id = member;
  else
    insert into agent_sync.members values (at_project, member, new_role)
      on conflict (project, user_id) do update set role = new_role;
  end if;
  if not exists (select from agent_sync.members m where m.project = at_project and m.role = 'owner') then
    perform agent_sync.refuse(403, 'ORIGIN_REFUSED', 'the last owner of a project stays its owner; name another one first');
  end if;
  perform agent_sync.write_audit(at_project, 'member', jsonb_build_object('user', member, 'role', new_role));
  return true;
end $$;

revoke all on all functions in schema agent_sync from public, anon;
grant execute on function agent_sync.register_project(text), agent_sync.list_members(text),
  agent_sync.set_member(text, uuid, text) to authenticated;
