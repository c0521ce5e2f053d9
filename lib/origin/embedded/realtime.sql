-- What a hosted Supabase project has for Realtime, as far as agent-sync relies on it. Run once, as the superuser, in one
-- transaction. The channels themselves are in realtime/, beside this file.

create schema realtime;
grant usage on schema realtime to postgres, anon, authenticated, service_role;

-- Its policies say who may listen to what; here it holds no messages, only rows to try the policies on.
create unlogged table realtime.messages (
  id uuid primary key default gen_random_uuid(),
  topic text not null,
  extension text not null,
  event text,
  payload jsonb,
  private boolean not null default false,
  inserted_at timestamptz not null default now()
);
alter table realtime.messages enable row level security;
alter table realtime.messages owner to postgres;
grant select, insert on realtime.messages to anon, authenticated, service_role;

create function realtime.topic() returns text language sql stable
  return nullif(current_setting('realtime.topic', true), '');

-- Tells the gateway, which listens. What is too long for a notification (8000 bytes) is lost, with a warning: as hosted
-- projects have it, a message that cannot be sent never fails the transaction that sends it.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql as $$
begin
  perform pg_notify('realtime',
    jsonb_build_object('topic', topic, 'event', event, 'payload', payload, 'private', private)::text);
exception
  when others then
    raise warning 'the broadcast was not sent: %', sqlerrm;
end $$;
revoke execute on function realtime.send from public;
grant execute on function realtime.send to postgres, service_role;

-- Whether somebody with these claims may listen to a topic: a message of it is made, and they look whether they see it.
-- Called by the gateway, as the superuser: only who may become any role can ask for any user.
create function realtime.may_listen(at_topic text, claims jsonb) returns boolean language plpgsql as $$
declare
  probe uuid;
  seen boolean;
begin
  insert into realtime.messages (topic, extension, private) values (at_topic, 'broadcast', true) returning id into probe;
  perform set_config('realtime.topic', at_topic, true), set_config('request.jwt.claims', claims::text, true),
    set_config('role', claims ->> 'role', true);
  select exists (select from realtime.messages where id = probe) into seen;
  perform set_config('role', 'none', true);
  delete from realtime.messages where id = probe;
  return seen;
end $$;
revoke execute on function realtime.may_listen from public;
