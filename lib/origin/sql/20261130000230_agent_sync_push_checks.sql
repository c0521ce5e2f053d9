-- Pushes that are checked before they are looked into, may be forced, keep to quotas, and name only who signs.

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

revoke all on all functions in schema agent_sync from public, anon;
