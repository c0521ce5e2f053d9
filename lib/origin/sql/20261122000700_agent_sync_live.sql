-- Live: the members of a project are told when one of its refs moves.
--
-- The message is a hint. Whoever hears it asks `describe`; whoever misses it asks a little later. So nothing is kept, and a
-- broadcast that fails, or a database without Supabase's Realtime, is no reason for a push to fail.
-- https://supabase.com/docs/guides/realtime/broadcast#broadcast-from-the-database

create function agent_sync.tell_ref_moved() returns trigger
language plpgsql set search_path = '' as $$
begin
  if to_regnamespace('realtime') is not null then
    -- By name: the order of the arguments was not the same in all versions of Realtime.
    perform realtime.send(
      payload => jsonb_build_object('ref', new.name, 'oid', encode(new.oid, 'hex'), 'sequence', agent_sync.last_sequence(new.project)),
      event => 'ref_moved',
      topic => (select 'agent_sync:' || p.name from agent_sync.projects p where p.id = new.project),
      private => true);
  end if;
  return null;
exception
  when others then
    raise warning 'nobody was told that % moved: %', new.name, sqlerrm;
    return null;
end $$;
create trigger tell_ref_moved after insert or update on agent_sync.refs for each row execute function agent_sync.tell_ref_moved();

-- The channels of the caller: one for each of its projects.
create function agent_sync.my_topics() returns setof text
language sql stable security definer set search_path = '' as $$
  select 'agent_sync:' || p.name from agent_sync.projects p
    join agent_sync.members m on m.project = p.id where m.user_id = (select auth.uid());
$$;

-- Realtime asks as the user whether a message of the topic could be read: https://supabase.com/docs/guides/realtime/authorization
-- There is no policy for sending: only the database speaks in these channels.
do $$
begin
  if to_regclass('realtime.messages') is not null then
    create policy agent_sync_members_listen on realtime.messages for select to authenticated
      using (extension = 'broadcast' and (select realtime.topic()) in (select agent_sync.my_topics()));
  end if;
exception
  when insufficient_privilege then
    raise warning 'this role may not give realtime.messages a policy, so nobody hears of a push at once: %', sqlerrm;
end $$;

revoke all on all functions in schema agent_sync from public, anon;
grant execute on function agent_sync.my_topics() to authenticated;
