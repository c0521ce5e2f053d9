-- Writing and reading history: push, in one transaction, and fetch, in pages.

-- Keeps a part of a push that is larger than a request. Nobody sees it, the pusher's other pushes included.
-- Pack header: {project, push, chunk, objects}.
create function agent_sync.push_chunk(bytea) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  header jsonb := agent_sync.pack_header($1);
  at_project bigint := agent_sync.require_role(header ->> 'project', 'writer');
begin
  -- Left behind by pushes that were given up.
  delete from agent_sync.push_chunks c where c.project = at_project and c.received_at < now() - interval '1 day';
  insert into agent_sync.push_chunks (project, user_id, push, chunk, pack)
    values (at_project, auth.uid(), (header ->> 'push')::uuid, (header ->> 'chunk')::integer, $1)
    -- A push that is sent again may be cut elsewhere.
    on conflict (project, user_id, push, chunk) do update set pack = excluded.pack;
  return true;
end $$;

-- Takes objects, refs and actors, all or nothing, and answers with a receipt; a ref that another push moved first, or that
-- would lose commits, is an answer too. The last part of the pack comes with it, after `chunks` earlier ones.
-- Pack header: {project, push, chunks, edits: [{name, expected, target}], actors: [{id, name, email}], objects}.
create function agent_sync.push(bytea) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '120s' set lock_timeout = '60s' as $$
declare
  header jsonb := agent_sync.pack_header($1);
  at_project bigint := agent_sync.lock_project(header ->> 'project', 'writer');
  push_id uuid := (header ->> 'push')::uuid;
  since bigint;
  answer jsonb;
begin
  select r.answer into answer from agent_sync.push_receipts r
    where r.project = at_project and r.user_id = auth.uid() and r.push = push_id;
  if found then
    perform agent_sync.drop_chunks(at_project, push_id);
    return answer;
  end if;

  perform agent_sync.require_edits(header -> 'edits');
  answer := agent_sync.stale_edit(at_project, header -> 'edits');
  if answer is null then
    since := agent_sync.last_sequence(at_project);
    perform agent_sync.add_chunks(at_project, push_id, (header ->> 'chunks')::integer);
    perform agent_sync.add_objects(at_project, $1);
    perform agent_sync.require_closure(at_project, since);
    answer := agent_sync.lossy_edit(at_project, header -> 'edits');
    if answer is null then
      answer := agent_sync.move_refs(at_project, header -> 'edits') || jsonb_build_object(
        'sequence', jsonb_build_object('from', since, 'to', agent_sync.last_sequence(at_project)));
      perform agent_sync.put_actors(at_project, header -> 'actors');
    else
      delete from agent_sync.objects o where o.project = at_project and o.sequence > since;
    end if;
  end if;

  perform agent_sync.drop_chunks(at_project, push_id);
  insert into agent_sync.push_receipts (project, user_id, push, answer) values (at_project, auth.uid(), push_id, answer);
  perform agent_sync.write_audit(at_project, 'push',
    jsonb_build_object('push', push_id, 'edits', header -> 'edits', 'answer', answer));
  return answer;
end $$;

create function agent_sync.add_chunks(at_project bigint, push_id uuid, chunks integer) returns void
language plpgsql set search_path = '' as $$
declare
  pack bytea;
begin
  for part in 0 .. chunks - 1 loop
    select c.pack into pack from agent_sync.push_chunks c
      where c.project = at_project and c.user_id = auth.uid() and c.push = push_id and c.chunk = part;
    if not found then
      perform agent_sync.refuse(409, 'ORIGIN_FAILED', 'a part of the push did not stay at the origin; push again');
    end if;
    perform agent_sync.add_objects(at_project, pack);
  end loop;
end $$;

create function agent_sync.drop_chunks(at_project bigint, push_id uuid) returns void
language sql set search_path = '' as $$
  delete from agent_sync.push_chunks where project = at_project and user_id = auth.uid() and push = push_id;
$$;

-- Refuses edits that no state of the refs could make right.
create function agent_sync.require_edits(edits jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare
  edit record;
begin
  for edit in select * from jsonb_to_recordset(edits) as e (name text, expected text, target text) loop
    -- git-check-ref-format(1), for branches.
    if edit.name is null or length(edit.name) > 200 or edit.name !~ '^refs/heads/[^/]'
      or edit.name ~ '[\x01-\x20\x7f~^:?*[\\]|\.\.|@\{|//|/\.|/$|\.$|\.lock(/|$)' then
      perform agent_sync.refuse(422, 'REF_NAME_INVALID', format('''%s'' cannot be the name of a branch', left(edit.name, 200)));
    elsif edit.target is null then
      perform agent_sync.refuse(422, 'ORIGIN_REFUSED', format('%s is not deleted: refs at the origin only advance', edit.name));
    elsif edit.target !~ '^[0-9a-f]{40}$' or edit.expected !~ '^[0-9a-f]{40}$' then
      perform agent_sync.refuse(422, 'OID_INVALID', format('%s is to move between what are not object ids', edit.name));
    end if;
  end loop;
  if (select count(*) > count(distinct e ->> 'name') from jsonb_array_elements(edits) e) then
    perform agent_sync.refuse(422, 'USAGE', 'a push moves a ref once');
  end if;
end $$;

-- The first edit that expects a ref to be what it is not, as the answer to its push.
create function agent_sync.stale_edit(at_project bigint, edits jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('status', 'rejected', 'ref', e.name, 'reason', 'stale', 'current', encode(r.oid, 'hex'))
    from jsonb_to_recordset(edits) as e (name text, expected text)
    left join agent_sync.refs r on r.project = at_project and r.name = e.name
    where encode(r.oid, 'hex') is distinct from e.expected
    order by e.name limit 1;
$$;

-- The first edit whose target does not contain what the ref is now, as the answer to its push.
create function agent_sync.lossy_edit(at_project bigint, edits jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('status', 'rejected', 'ref', e.name, 'reason', 'non-fast-forward', 'current', e.expected)
    from jsonb_to_recordset(edits) as e (name text, expected text, target text)
    where e.expected is not null
      and not agent_sync.contains(at_project, decode(e.target, 'hex'), decode(e.expected, 'hex'))
    order by e.name limit 1;
$$;

create function agent_sync.move_refs(at_project bigint, edits jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  missing text;
begin
  select e.target into missing from jsonb_to_recordset(edits) as e (target text)
    where not exists (select from agent_sync.objects o
      where o.project = at_project and o.oid = decode(e.target, 'hex') and o.type = 'commit');
  if found then
    perform agent_sync.refuse(422, 'OBJECT_NOT_FOUND', format('the commit %s is neither sent nor known here', missing));
  end if;
  insert into agent_sync.refs (project, name, oid)
    select at_project, e.name, decode(e.target, 'hex') from jsonb_to_recordset(edits) as e (name text, target text)
    on conflict (project, name) do update set oid = excluded.oid;
  return jsonb_build_object('status', 'accepted', 'refs',
    (select coalesce(jsonb_object_agg(e.name, e.target), '{}') from jsonb_to_recordset(edits) as e (name text, target text)));
end $$;

-- An actor is renamed by the user that brought it, and nobody else; an emptied name stays empty for all.
create function agent_sync.put_actors(at_project bigint, actors jsonb) returns void
language sql set search_path = '' as $$
  insert into agent_sync.actors as known (project, id, user_id, name, email)
    select distinct on (a.id) at_project, a.id, auth.uid(), a.name, a.email
      from jsonb_to_recordset(actors) as a (id text, name text, email text)
    on conflict (project, id) do update set name = excluded.name, email = excluded.email
      where known.user_id = excluded.user_id;
$$;

-- ---------------------------------------------------------------- reading

create function agent_sync.describe(project_name text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
begin
  return jsonb_build_object(
    'refs', (select coalesce(jsonb_object_agg(r.name, encode(r.oid, 'hex')), '{}') from agent_sync.refs r where r.project = at_project),
    'sequence', agent_sync.last_sequence(at_project),
    'actors', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'email', a.email) order by a.id), '[]')
      from agent_sync.actors a where a.project = at_project));
end $$;

-- Binary answers: https://docs.postgrest.org/en/stable/references/api/media_type_handlers.html
create domain agent_sync."application/octet-stream" as bytea;

-- A pack of what came after a sequence number, about 3 MB of it. Header: {sequence, more, objects}.
create function agent_sync.fetch(project_name text, after bigint) returns agent_sync."application/octet-stream"
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
  last bigint := agent_sync.last_sequence(at_project);
  upto bigint := after;
  bytes bigint := 0;
  objects json;
  bodies bytea;
  next record;
begin
  for next in select o.sequence, length(o.body) as size from agent_sync.objects o
    where o.project = at_project and o.sequence > after order by o.sequence
  loop
    bytes := bytes + next.size;
    exit when bytes > 3000000 and upto > after;
    upto := next.sequence;
  end loop;
  select json_agg(json_build_object('oid', encode(o.oid, 'hex'), 'type', o.type, 'size', length(o.body)) order by o.sequence),
      string_agg(o.body, ''::bytea order by o.sequence)
    into objects, bodies
    from agent_sync.objects o where o.project = at_project and o.sequence > after and o.sequence <= upto;
  return convert_to(
      json_build_object('sequence', upto, 'more', upto < last, 'objects', coalesce(objects, '[]'))::text || e'\n', 'UTF8')
    || coalesce(bodies, ''::bytea);
end $$;

revoke all on all functions in schema agent_sync from public, anon;
grant execute on function agent_sync.push_chunk(bytea), agent_sync.push(bytea), agent_sync.describe(text),
  agent_sync.fetch(text, bigint) to authenticated;
