-- Packs, and what a git object must be. Nothing here is reached by the API.
--
-- A pack is how objects travel both ways: one line of JSON, whose `objects` lists {oid, type, size}, then the bodies one
-- after the other. The numbers are those of lib/core/object/limits.ts.

-- The line of JSON that a pack begins with.
create function agent_sync.pack_header(pack bytea) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  if length(pack) > 4 * 1024 * 1024 then
    perform agent_sync.refuse(413, 'OBJECT_TOO_LARGE', 'a request has at most 4 MiB');
  end if;
  return convert_from(substring(pack for position('\x0a'::bytea in pack) - 1), 'UTF8')::jsonb;
exception
  when data_exception then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a pack begins with a line of JSON');
end $$;

-- The objects of a pack, in its order.
create function agent_sync.pack_objects(pack bytea) returns table (place bigint, oid bytea, type text, body bytea)
language plpgsql immutable rows 1000 set search_path = '' as $$
declare
  header jsonb := agent_sync.pack_header(pack);
  bodies integer := position('\x0a'::bytea in pack);
  sizes bigint;
begin
  select coalesce(sum(o.size) filter (where o.size >= 0 and o.oid ~ '^[0-9a-f]{40}$' and o.type is not null), 0) into sizes
    from jsonb_to_recordset(header -> 'objects') as o (oid text, type text, size bigint);
  if bodies + sizes <> length(pack) then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a pack does not hold what its first line lists');
  end if;
  return query
    select o.place, decode(o.oid, 'hex'), o.type,
        substring(pack from (bodies + 1 + sum(o.size) over (order by o.place) - o.size)::integer for o.size)
      from rows from (jsonb_to_recordset(header -> 'objects') as (oid text, type text, size integer))
        with ordinality as o (oid, type, size, place);
end $$;

-- Keeps what a pack brings and the project lacks. The table itself refuses a body that is too large or has another hash.
create function agent_sync.add_objects(at_project bigint, pack bytea) returns void
language plpgsql set search_path = '' as $$
declare
  -- Taken out of its storage once: each substring of a stored value would read that anew.
  whole bytea := pack || ''::bytea;
  last bigint := agent_sync.last_sequence(at_project);
  broken text;
begin
  insert into agent_sync.objects (project, oid, type, body, sequence)
    select at_project, n.oid, n.type, n.body, last + row_number() over (order by n.place)
      from (select distinct on (o.oid) o.* from agent_sync.pack_objects(whole) o order by o.oid, o.place) n
      where not exists (select from agent_sync.objects k where k.project = at_project and k.oid = n.oid);
exception
  when check_violation then
    get stacked diagnostics broken = constraint_name;
    case broken
      when 'object_hash' then
        perform agent_sync.refuse(422, 'OBJECT_HASH_MISMATCH', 'an object does not have the contents that its id stands for');
      when 'object_size' then
        perform agent_sync.refuse(413, 'OBJECT_TOO_LARGE', 'an object has at most 2 MiB');
      else
        perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'an object is a blob, a tree or a commit');
    end case;
end $$;

create function agent_sync.last_sequence(at_project bigint) returns bigint
language sql stable set search_path = '' as $$
  select coalesce(max(sequence), 0) from agent_sync.objects where project = at_project;
$$;

-- What an object names: a commit its tree and parents, a tree its entries, submodules aside.
-- Refuses what `git fsck --strict` would, and signatures that are not an actor's.
create function agent_sync.object_references(type text, body bytea) returns table (target bytea, target_type text)
language plpgsql immutable rows 10 set search_path = '' as $$
begin
  if type = 'tree' then
    return query select t.target, t.target_type from agent_sync.tree_references(body || ''::bytea) t;
  elsif type = 'commit' then
    return query select c.target, c.target_type from agent_sync.commit_references(body) c;
  end if;
end $$;

-- Git's own folder, also as HFS+ (which ignores some characters) and NTFS (short names, streams, trailing dots) take it.
create function agent_sync.is_git_folder(name text) returns boolean
language sql immutable set search_path = '' as $$
  select regexp_replace(name, '[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]', '', 'g') ~* '^(\.git|git~1)[ .]*(:|$)';
$$;

create function agent_sync.tree_references(body bytea) returns table (target bytea, target_type text)
language plpgsql immutable rows 20 set search_path = '' as $$
declare
  size integer := length(body);
  at integer := 1;
  head bytea;
  space integer;
  nul integer;
  mode text;
  name text;
  names text[] := '{}';
  sort_key bytea;
  previous bytea := '';
begin
  while at <= size loop
    -- The longest mode, a space, the longest name, NUL.
    head := substring(body from at for 6 + 1 + 255 + 1);
    space := position('\x20'::bytea in head);
    nul := position('\x00'::bytea in head);
    if space < 2 or nul < space or at + nul + 19 > size then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a tree is cut short, or has a name longer than 255 bytes');
    end if;
    mode := encode(substring(head for space - 1), 'escape');
    name := convert_from(substring(head from space + 1 for nul - space - 1), 'UTF8');
    if mode not in ('100644', '100755', '120000', '160000', '40000') then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', format('a tree has an entry of unknown mode ''%s''', mode));
    elsif name in ('', '.', '..') or name ~ '[\x01-\x1f\x7f/\\]' or octet_length(name) > 255
      -- Only a name that begins like this can be git's folder, and to ask for each took four times as long.
      or (left(name, 1) in ('.', 'g', 'G') or ascii(name) > 126) and agent_sync.is_git_folder(name) then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', format('a tree has the unsafe name ''%s''', left(name, 80)));
    end if;
    sort_key := substring(head from space + 1 for nul - space - 1) || case mode when '40000' then '\x2f'::bytea else '' end;
    if sort_key <= previous then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', format('a tree has ''%s'' twice or out of order', left(name, 80)));
    end if;
    previous := sort_key;
    names := names || name;
    if substring(body from at + nul for 20) = '\x0000000000000000000000000000000000000000'::bytea then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', format('a tree has the null id for ''%s''', left(name, 80)));
    end if;
    if mode <> '160000' then
      target := substring(body from at + nul for 20);
      target_type := case mode when '40000' then 'tree' else 'blob' end;
      return next;
    end if;
    at := at + nul + 20;
  end loop;
  -- A file and a folder of one name differ in their sort keys.
  if (select count(distinct n) from unnest(names) n) < cardinality(names) then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a tree has a name twice');
  end if;
exception
  when character_not_in_repertoire then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a tree has a name that is not UTF-8');
end $$;

create function agent_sync.commit_references(body bytea) returns table (target bytea, target_type text)
language plpgsql immutable rows 2 set search_path = '' as $$
declare
  content text;
  lines text[];
  at integer := 2;
begin
  content := convert_from(body, 'UTF8');
  lines := string_to_array(left(content, position(e'\n\n' in content) - 1), e'\n');
  while lines[at] ~ '^parent [0-9a-f]{40}$' loop
    at := at + 1;
  end loop;
  if (position(e'\n\n' in content) > 0 and lines[1] ~ '^tree [0-9a-f]{40}$' and cardinality(lines) = at + 1
      and agent_sync.is_signature(lines[at], 'author') and agent_sync.is_signature(lines[at + 1], 'committer')) is not true then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED',
      'a commit is not made of a tree, its parents, an author and a committer that are actors, and a message');
  end if;
  return query select decode(right(line, 40), 'hex'), case nr when 1 then 'tree' else 'commit' end
    from unnest(lines[: at - 1]) with ordinality l (line, nr);
exception
  when character_not_in_repertoire then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a commit is not UTF-8');
end $$;

-- In words: as one regular expression with bounds and a back reference it took a hundred times as long.
create function agent_sync.is_signature(line text, header text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  words text[] := string_to_array(line, ' ');
begin
  return cardinality(words) = 5 and words[1] = header
    and words[2] ~ '^[a-z0-9][a-z0-9-]*$' and length(words[2]) <= 64
    and words[3] = '<' || words[2] || '@actor.agent-sync.invalid>'
    and words[4] ~ '^(0|[1-9][0-9]*)$' and length(words[4]) <= 15
    and words[5] ~ '^[+-][0-9][0-9][0-5][0-9]$' and words[5] <> '-0000';
end $$;

-- Refuses when an object after `since` names one that the project does not have, or has as another type. What was there
-- before is complete already, by induction.
create function agent_sync.require_closure(at_project bigint, since bigint) returns void
language plpgsql stable set search_path = '' as $$
declare
  -- Git never needs the empty tree to be stored.
  empty_tree constant bytea := '\x4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  missing record;
begin
  select named.target, named.target_type into missing
    from (select distinct r.target, r.target_type
      from agent_sync.objects o, agent_sync.object_references(o.type, o.body) r
      where o.project = at_project and o.sequence > since and o.type <> 'blob') named
    where named.target <> empty_tree and not exists (select from agent_sync.objects o
      where o.project = at_project and o.oid = named.target and o.type = named.target_type)
    limit 1;
  if found then
    perform agent_sync.refuse(422, 'OBJECT_NOT_FOUND',
      format('the %s %s is needed, and neither sent nor known here', missing.target_type, encode(missing.target, 'hex')));
  end if;
end $$;

-- Whether `ancestor` is `commit` or one of its ancestors. Stops as soon as it is found.
create function agent_sync.contains(at_project bigint, commit bytea, ancestor bytea) returns boolean
language sql stable set search_path = '' as $$
  with recursive history (oid) as (
    select commit
    union
    select r.target from history h
      join agent_sync.objects o on o.project = at_project and o.oid = h.oid,
      agent_sync.object_references(o.type, o.body) r
      where r.target_type = 'commit'
  )
  select exists (select from history where oid = ancestor);
$$;

revoke all on all functions in schema agent_sync from public, anon;
