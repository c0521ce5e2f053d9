-- Erasure: names and contents that are gone for good, and records of it that clients can check.
--
-- A record is signed with one-time keys made of SHA-256 alone (docs/decisions/ADR-015-signed-erasures.md): no extension of a hosted
-- project signs. `lib/core/erasure` is the same for clients. Each record names the key of the next, so that all follow from the
-- first key's fingerprint, which clients remember.

create table agent_sync.erasure_keys (
  project bigint primary key references agent_sync.projects on delete cascade,
  seed bytea not null check (length(seed) = 32),
  anchor text not null
);

create table agent_sync.erasures (
  project bigint not null references agent_sync.projects on delete cascade,
  number bigint not null,
  record text not null,
  signature bytea not null check (length(signature) = 16384),
  -- Whether the old rows are out of the database's files as well: the operator's business, see docs/privacy.md.
  vacuumed boolean not null default false,
  primary key (project, number)
);
create trigger immutable before update of project, number, record, signature on agent_sync.erasures
  for each statement execute function agent_sync.refuse_update();

-- Actors whose names are not taken again. The ids are random and say nothing about anybody.
create table agent_sync.erased_actors (
  project bigint not null references agent_sync.projects on delete cascade,
  id text not null,
  primary key (project, id)
);

-- ---------------------------------------------------------------- signing

create function agent_sync.erasure_secret(seed bytea, number bigint, place integer, side integer) returns bytea
language sql immutable set search_path = '' as $$
  select sha256(convert_to(
    format(e'agent-sync erasure secret\n%s\n%s\n%s\n%s\n', encode(seed, 'hex'), number, place, side), 'UTF8'));
$$;

create function agent_sync.erasure_fingerprint(seed bytea, number bigint) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(string_agg(
      sha256(agent_sync.erasure_secret(seed, number, place, 0)) || sha256(agent_sync.erasure_secret(seed, number, place, 1)),
      ''::bytea order by place)), 'hex')
    from generate_series(0, 255) place;
$$;

-- A key must never sign two texts: whoever sees both can sign more.
create function agent_sync.sign_erasure(seed bytea, number bigint, record text) returns bytea
language sql immutable set search_path = '' as $$
  select string_agg(
      agent_sync.erasure_secret(seed, number, place, shown) || sha256(agent_sync.erasure_secret(seed, number, place, 1 - shown)),
      ''::bytea order by place)
    from (select place, get_bit(sha256(convert_to(record, 'UTF8')), place) as shown from generate_series(0, 255) place) bits;
$$;

create function agent_sync.make_erasure_key() returns trigger
language plpgsql set search_path = '' as $$
declare
  seed bytea := extensions.gen_random_bytes(32);
begin
  insert into agent_sync.erasure_keys values (new.id, seed, agent_sync.erasure_fingerprint(seed, 1));
  return null;
end $$;
create trigger make_erasure_key after insert on agent_sync.projects for each row execute function agent_sync.make_erasure_key();

insert into agent_sync.erasure_keys
  select p.id, s.seed, agent_sync.erasure_fingerprint(s.seed, 1)
    from agent_sync.projects p cross join lateral (select extensions.gen_random_bytes(32) as seed where p.id is not null) s;

-- ---------------------------------------------------------------- erased objects

alter table agent_sync.objects add column erased bigint;
alter table agent_sync.objects add constraint objects_erased_by foreign key (project, erased) references agent_sync.erasures;

create function agent_sync.tombstone(oid bytea) returns bytea
language sql immutable set search_path = '' as $$
  select convert_to('[erased] ' || encode(oid, 'hex') || e'\n', 'UTF8');
$$;

-- What its id is the hash of, or erased. The rows that there are were held to the first already.
alter table agent_sync.objects drop constraint object_hash;
alter table agent_sync.objects add constraint object_hash check (
  case when erased is null
    then oid = extensions.digest(convert_to(type || ' ' || length(body), 'UTF8') || '\x00'::bytea || body, 'sha1')
    else type = 'blob' and body = convert_to('[erased] ' || encode(oid, 'hex') || e'\n', 'UTF8')
  end
) not valid;

-- An object never changes but once, when it is erased.
create function agent_sync.refuse_object_update() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.erased is null or old.erased is not null
    or (new.project, new.oid, new.type, new.sequence) is distinct from (old.project, old.oid, old.type, old.sequence) then
    raise exception 'rows of objects are never changed';
  end if;
  return new;
end $$;
drop trigger immutable on agent_sync.objects;
create trigger immutable before update on agent_sync.objects for each row execute function agent_sync.refuse_object_update();

-- Refuses a pack that brings what was erased.
create function agent_sync.refuse_erased(at_project bigint, header jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  found text;
begin
  select sent.oid into found from jsonb_to_recordset(header -> 'objects') as sent (oid text)
    join agent_sync.objects o on o.project = at_project and encode(o.oid, 'hex') = sent.oid and o.erased is not null
    limit 1;
  if found is not null then
    perform agent_sync.refuse(422, 'OBJECT_ERASED', format('a text that was erased is not taken in again: it is the blob %s', found));
  end if;
end $$;

-- As it was, and refuses what was erased.
create or replace function agent_sync.add_objects(at_project bigint, pack bytea) returns void
language plpgsql set search_path = '' as $$
declare
  -- Taken out of its storage once: each substring of a stored value would read that anew.
  whole bytea := pack || ''::bytea;
  last bigint := agent_sync.last_sequence(at_project);
  broken text;
begin
  if exists (select from agent_sync.erasures e where e.project = at_project) then
    perform agent_sync.refuse_erased(at_project, agent_sync.pack_header(whole));
  end if;
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

-- A clone that has not heard of it yet may bring a name back.
create function agent_sync.skip_erased_actor() returns trigger
language plpgsql set search_path = '' as $$
begin
  if exists (select from agent_sync.erased_actors e where e.project = new.project and e.id = new.id) then
    return null;
  end if;
  return new;
end $$;
create trigger skip_erased before insert or update on agent_sync.actors for each row execute function agent_sync.skip_erased_actor();

-- ---------------------------------------------------------------- purge

-- Erases the names of actors, what is known of the users behind them, and the contents of blobs; signs that. What is erased
-- already is passed over, so that a purge whose answer was lost can be sent again. `dry_run` does all of it, and takes it back.
--
-- An owner may erase anything, everybody the names that they brought themselves. A user goes with the last of its actors; the
-- caller stays a member.
create function agent_sync.purge(project_name text, actors jsonb, blobs jsonb, dry_run boolean) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '120s' set lock_timeout = '60s' as $$
declare
  at_project bigint := agent_sync.lock_project(project_name, 'reader');
  key agent_sync.erasure_keys;
  is_owner boolean := exists (select from agent_sync.members m
    where m.project = at_project and m.user_id = auth.uid() and m.role = 'owner');
  asked text[];
  asked_oids bytea[];
  people uuid[];
  next bigint;
  last bigint;
  record text;
  gone jsonb := '{}';
  n bigint;
begin
  if jsonb_typeof(actors) is distinct from 'array' or jsonb_typeof(blobs) is distinct from 'array' or dry_run is null
    or jsonb_array_length(actors) > 1000 or jsonb_array_length(blobs) > 100000
    or exists (select from jsonb_array_elements(actors) a
      where jsonb_typeof(a) <> 'string' or a #>> '{}' !~ '^[a-z0-9][a-z0-9-]{0,63}$')
    or exists (select from jsonb_array_elements(blobs) b where jsonb_typeof(b) <> 'string' or b #>> '{}' !~ '^[0-9a-f]{40}$') then
    perform agent_sync.refuse(422, 'USAGE', 'a purge names up to 1,000 actors and 100,000 blobs');
  end if;
  if jsonb_array_length(blobs) > 0 or exists (select from jsonb_array_elements_text(actors) a (id)
      where not exists (select from agent_sync.actors k where k.project = at_project and k.id = a.id and k.user_id = auth.uid())
        and not exists (select from agent_sync.erased_actors e where e.project = at_project and e.id = a.id)) then
    perform agent_sync.require_role(project_name, 'owner');
  end if;
  asked := array(select distinct a.id collate "C" as id from jsonb_array_elements_text(actors) a (id)
    where not exists (select from agent_sync.erased_actors e where e.project = at_project and e.id = a.id) order by id);
  asked_oids := array(select distinct decode(b.oid, 'hex') as oid from jsonb_array_elements_text(blobs) b (oid)
    where not exists (select from agent_sync.objects o
      where o.project = at_project and o.oid = decode(b.oid, 'hex') and o.erased is not null) order by oid);
  if exists (select from agent_sync.objects o where o.project = at_project and o.oid = any (asked_oids) and o.type <> 'blob') then
    perform agent_sync.refuse(422, 'USAGE', 'only blobs are erased: trees and commits hold no text that somebody wrote but names and messages');
  end if;

  begin
    people := array(select distinct k.user_id from agent_sync.actors k where k.project = at_project and k.id = any (asked)
      and not exists (select from agent_sync.actors other
        where other.project = at_project and other.user_id = k.user_id and other.id <> all (asked)));
    select * into key from agent_sync.erasure_keys k where k.project = at_project;
    if cardinality(asked) + cardinality(asked_oids) > 0 then
      select coalesce(max(e.number), 0) + 1 into next from agent_sync.erasures e where e.project = at_project;
      record := format(e'agent-sync erasure 1\nnumber %s\nnext %s\n', next, agent_sync.erasure_fingerprint(key.seed, next + 1))
        || (select coalesce(string_agg('actor ' || id || e'\n', '' order by nr), '') from unnest(asked) with ordinality a (id, nr))
        || (select coalesce(string_agg('blob ' || encode(oid, 'hex') || e'\n', '' order by nr), '')
          from unnest(asked_oids) with ordinality b (oid, nr));
      insert into agent_sync.erasures (project, number, record, signature)
        values (at_project, next, record, agent_sync.sign_erasure(key.seed, next, record));
      insert into agent_sync.erased_actors select at_project, id from unnest(asked) id;
    end if;

    update agent_sync.objects o set body = agent_sync.tombstone(o.oid), erased = next
      where o.project = at_project and o.oid = any (asked_oids);
    get diagnostics n = row_count;
    gone := gone || jsonb_build_object('blobs', n);
    -- What was never pushed may yet be named by a commit that is.
    last := agent_sync.last_sequence(at_project);
    insert into agent_sync.objects (project, oid, type, body, sequence, erased)
      select at_project, b.oid, 'blob', agent_sync.tombstone(b.oid), last + row_number() over (order by b.nr), next
        from unnest(asked_oids) with ordinality b (oid, nr)
        where not exists (select from agent_sync.objects o where o.project = at_project and o.oid = b.oid);

    delete from agent_sync.invitations i where i.project = at_project and i.email in (
      select agent_sync.normal_email(k.email) from agent_sync.actors k where k.project = at_project and k.id = any (asked)
        and (is_owner or agent_sync.normal_email(k.email) = agent_sync.email_of(auth.uid())));
    get diagnostics n = row_count;
    gone := gone || jsonb_build_object('invitations', n);
    delete from agent_sync.actors k where k.project = at_project and k.id = any (asked);
    get diagnostics n = row_count;
    gone := gone || jsonb_build_object('actors', n);
    delete from agent_sync.push_receipts r where r.project = at_project and r.user_id = any (people);
    get diagnostics n = row_count;
    gone := gone || jsonb_build_object('receipts', n);
    update agent_sync.issued_ids i set user_id = '00000000-0000-0000-0000-000000000000'
      where i.project = at_project and i.user_id = any (people);
    get diagnostics n = row_count;
    gone := gone || jsonb_build_object('issuedIds', n);
    delete from agent_sync.members m where m.project = at_project and m.user_id = any (people) and m.user_id <> auth.uid();
    get diagnostics n = row_count;
    gone := gone || jsonb_build_object('members', n);
    update agent_sync.projects p set registered_by = null where p.id = at_project and p.registered_by = any (people);
    delete from agent_sync.pseudonyms p where p.project = at_project and p.user_id = any (people);
    get diagnostics n = row_count;
    gone := gone || jsonb_build_object('pseudonyms', n);
    -- Whoever is in the middle of a push sends it again.
    if cardinality(asked) + cardinality(asked_oids) > 0 then
      delete from agent_sync.push_chunks c where c.project = at_project;
    end if;
    if dry_run then
      raise exception using errcode = 'PTDRY';
    end if;
  exception
    when sqlstate 'PTDRY' then
      return jsonb_build_object('gone', gone);
  end;

  if next is not null then
    -- Hosted projects have nobody who listens.
    perform pg_notify('agent_sync_erased', '');
    perform agent_sync.write_audit(at_project, 'purge',
      jsonb_build_object('record', next, 'actors', to_jsonb(asked), 'blobs', cardinality(asked_oids)));
  end if;
  return jsonb_build_object('gone', gone);
end $$;

-- ---------------------------------------------------------------- reading

create or replace function agent_sync.describe(project_name text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
begin
  return jsonb_build_object(
    'refs', (select coalesce(jsonb_object_agg(r.name, encode(r.oid, 'hex')), '{}') from agent_sync.refs r where r.project = at_project),
    'sequence', agent_sync.last_sequence(at_project),
    'actors', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'email', a.email) order by a.id), '[]')
      from agent_sync.actors a where a.project = at_project),
    'erasures', jsonb_build_object(
      'anchor', (select k.anchor from agent_sync.erasure_keys k where k.project = at_project),
      'count', (select count(*) from agent_sync.erasures e where e.project = at_project)));
end $$;

-- The records after the first `after`, some at a time.
create function agent_sync.list_erasures(project_name text, after bigint) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('record', e.record, 'signature', encode(e.signature, 'hex')) order by e.number), '[]')
    from (select * from agent_sync.erasures r
      where r.project = at_project and r.number > after order by r.number limit 10) e);
end $$;

-- ---------------------------------------------------------------- who may

alter table agent_sync.erasure_keys enable row level security;
alter table agent_sync.erasures enable row level security;
alter table agent_sync.erased_actors enable row level security;
create policy members_read on agent_sync.erasures for select to authenticated
  using (project in (select agent_sync.my_projects()));
create policy members_read on agent_sync.erased_actors for select to authenticated
  using (project in (select agent_sync.my_projects()));
-- The tables are read through functions only, and the keys by nobody.
revoke all on agent_sync.erasure_keys, agent_sync.erasures, agent_sync.erased_actors from public, anon, authenticated;
revoke all on all functions in schema agent_sync from public, anon;
revoke all on function agent_sync.erasure_secret(bytea, bigint, integer, integer), agent_sync.erasure_fingerprint(bytea, bigint),
  agent_sync.sign_erasure(bytea, bigint, text), agent_sync.make_erasure_key(), agent_sync.tombstone(bytea),
  agent_sync.refuse_object_update(), agent_sync.refuse_erased(bigint, jsonb), agent_sync.skip_erased_actor() from authenticated;
grant execute on function agent_sync.purge(text, jsonb, jsonb, boolean), agent_sync.list_erasures(text, bigint) to authenticated;
