-- Parts of pushes that were given up.
--
-- Every push sweeps what the pushes of all projects left behind; an origin where nobody pushes any more is swept by pg_cron where
-- the project has it, or by its operator: select agent_sync.sweep();

-- Drops the parts of every push of which nothing was heard for a while, and answers how many. A push under way is heard of with
-- each part, and one that is just being completed is locked: both stay, however old their first part is.
create function agent_sync.sweep(silent interval default '1 day') returns bigint
language sql set search_path = '' as $$
  with given_up as (
    select c.project, c.user_id, c.push from agent_sync.push_chunks c
      group by c.project, c.user_id, c.push having max(c.received_at) < now() - silent
  ), free as (
    select c.project, c.user_id, c.push, c.chunk from agent_sync.push_chunks c
      join given_up using (project, user_id, push)
      for update of c skip locked
  ), swept as (
    delete from agent_sync.push_chunks c using free
      where (c.project, c.user_id, c.push, c.chunk) = (free.project, free.user_id, free.push, free.chunk)
      returning 1
  )
  select count(*) from swept;
$$;

create or replace function agent_sync.push_chunk(bytea) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  header jsonb := agent_sync.pack_header($1);
  at_project bigint := agent_sync.require_role(header ->> 'project', 'writer');
begin
  perform agent_sync.sweep();
  insert into agent_sync.push_chunks (project, user_id, push, chunk, pack)
    values (at_project, auth.uid(), (header ->> 'push')::uuid, (header ->> 'chunk')::integer, $1)
    -- A push that is sent again may be cut elsewhere, and is heard of again.
    on conflict (project, user_id, push, chunk) do update set pack = excluded.pack, received_at = excluded.received_at;
  return true;
end $$;

create or replace function agent_sync.add_chunks(at_project bigint, push_id uuid, chunks integer) returns void
language plpgsql set search_path = '' as $$
declare
  pack bytea;
begin
  -- Nobody sweeps them from now on.
  perform from agent_sync.push_chunks c where c.project = at_project and c.user_id = auth.uid() and c.push = push_id for update;
  for part in 0 .. chunks - 1 loop
    select c.pack into pack from agent_sync.push_chunks c
      where c.project = at_project and c.user_id = auth.uid() and c.push = push_id and c.chunk = part;
    if not found then
      perform agent_sync.refuse(409, 'ORIGIN_FAILED', 'a part of the push did not stay at the origin; push again');
    end if;
    perform agent_sync.add_objects(at_project, pack);
  end loop;
end $$;

create or replace function agent_sync.drop_chunks(at_project bigint, push_id uuid) returns void
language sql set search_path = '' as $$
  delete from agent_sync.push_chunks where project = at_project and user_id = auth.uid() and push = push_id;
  select agent_sync.sweep();
$$;

do $$
begin
  if exists (select from pg_extension where extname = 'pg_cron') then
    perform cron.schedule('agent-sync-sweep', '17 3 * * *', 'select agent_sync.sweep()');
  end if;
exception
  when insufficient_privilege then
    raise warning 'this role may not use pg_cron, so parts of pushes that were given up go with the next push: %', sqlerrm;
end $$;

-- For whoever operates the database; the functions above call it as their owner.
revoke all on function agent_sync.sweep(interval) from public, anon, authenticated;
