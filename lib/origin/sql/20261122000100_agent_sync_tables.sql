-- The tables of an agent-sync origin, and who may read them.
--
-- On a hosted project the schema must also be listed under "Exposed schemas" (Settings, Data API).

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;

create schema agent_sync;
grant usage on schema agent_sync to authenticated;

-- A project is the boundary of authorisation: objects, refs, ids and people are kept apart by it.
create table agent_sync.projects (
  id bigint generated always as identity primary key,
  name text not null unique check (name ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$'),
  created_at timestamptz not null default now()
);

create table agent_sync.members (
  project bigint not null references agent_sync.projects on delete cascade,
  user_id uuid not null,
  role text not null check (role in ('owner', 'writer', 'reader')),
  primary key (project, user_id)
);
create index members_by_user on agent_sync.members (user_id);

-- Git objects. No row can be wrong, whoever writes it: the id is the hash of the contents, as `git hash-object` has it.
-- The sequence is given under the lock of the project, so everything after a number is a complete answer.
create table agent_sync.objects (
  project bigint not null references agent_sync.projects on delete cascade,
  oid bytea not null,
  type text not null check (type in ('blob', 'tree', 'commit')),
  body bytea not null constraint object_size check (length(body) <= 2 * 1024 * 1024),
  sequence bigint not null,
  primary key (project, oid),
  unique (project, sequence),
  constraint object_hash check (
    oid = extensions.digest(convert_to(type || ' ' || length(body), 'UTF8') || '\x00'::bytea || body, 'sha1')
  )
);

-- The default compression took more than half of a push's time; lz4, where the server has it, next to nothing.
do $$
begin
  alter table agent_sync.objects alter column body set compression lz4;
exception
  when feature_not_supported then
    alter table agent_sync.objects alter column body set storage external;
end $$;

create table agent_sync.refs (
  project bigint not null references agent_sync.projects on delete cascade,
  name text not null,
  oid bytea not null,
  primary key (project, name),
  foreign key (project, oid) references agent_sync.objects
);

-- What a push was answered, so that a push sent again after a lost answer is answered the same.
create table agent_sync.push_receipts (
  project bigint not null references agent_sync.projects on delete cascade,
  user_id uuid not null,
  push uuid not null,
  answer jsonb not null,
  received_at timestamptz not null default now(),
  primary key (project, user_id, push)
);

-- Parts of large pushes that are still under way. A crash may empty it: the push is sent again then.
create unlogged table agent_sync.push_chunks (
  project bigint not null,
  user_id uuid not null,
  push uuid not null,
  chunk integer not null check (chunk between 0 and 255),
  pack bytea not null,
  received_at timestamptz not null default now(),
  primary key (project, user_id, push, chunk)
);
alter table agent_sync.push_chunks alter column pack set storage external;

-- Names of the people that commits know by a random id only; emptied when a person is to be forgotten.
create table agent_sync.actors (
  project bigint not null references agent_sync.projects on delete cascade,
  id text not null check (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  user_id uuid not null,
  name text not null check (length(name) <= 200),
  email text not null check (length(email) <= 320),
  primary key (project, id)
);

create table agent_sync.id_counters (
  project bigint not null references agent_sync.projects on delete cascade,
  kind text not null,
  prefix text not null,
  last bigint not null,
  primary key (project, kind, prefix)
);

create table agent_sync.issued_ids (
  project bigint not null references agent_sync.projects on delete cascade,
  kind text not null,
  id text not null,
  user_id uuid not null,
  request uuid not null,
  primary key (project, kind, id),
  unique (project, user_id, request)
);

create table agent_sync.audit (
  id bigint generated always as identity primary key,
  project bigint not null references agent_sync.projects on delete cascade,
  at timestamptz not null default now(),
  user_id uuid not null,
  action text not null,
  detail jsonb not null
);
create index audit_by_project on agent_sync.audit (project, id);

create function agent_sync.refuse_update() returns trigger language plpgsql set search_path = '' as $$
begin
  raise exception 'rows of % are never changed', tg_table_name;
end $$;
create trigger immutable before update on agent_sync.objects for each statement execute function agent_sync.refuse_update();
create trigger immutable before update on agent_sync.push_receipts for each statement execute function agent_sync.refuse_update();
create trigger immutable before update on agent_sync.audit for each statement execute function agent_sync.refuse_update();

-- ---------------------------------------------------------------- who may read

-- The projects of the caller. It runs as its owner, because the policy of `members` could not ask `members` itself.
create function agent_sync.my_projects() returns setof bigint
language sql stable security definer set search_path = '' as $$
  select project from agent_sync.members where user_id = (select auth.uid());
$$;

-- Members read the tables of their projects. There is no policy for writing anywhere: all writes go through functions,
-- which run as the owner of the tables.
alter table agent_sync.projects enable row level security;
alter table agent_sync.members enable row level security;
alter table agent_sync.objects enable row level security;
alter table agent_sync.refs enable row level security;
alter table agent_sync.push_receipts enable row level security;
alter table agent_sync.push_chunks enable row level security;
alter table agent_sync.actors enable row level security;
alter table agent_sync.id_counters enable row level security;
alter table agent_sync.issued_ids enable row level security;
alter table agent_sync.audit enable row level security;

create policy members_read on agent_sync.projects for select to authenticated
  using (id in (select agent_sync.my_projects()));
create policy members_read on agent_sync.members for select to authenticated
  using (project in (select agent_sync.my_projects()));
create policy members_read on agent_sync.objects for select to authenticated
  using (project in (select agent_sync.my_projects()));
create policy members_read on agent_sync.refs for select to authenticated
  using (project in (select agent_sync.my_projects()));
create policy members_read on agent_sync.actors for select to authenticated
  using (project in (select agent_sync.my_projects()));
create policy members_read on agent_sync.id_counters for select to authenticated
  using (project in (select agent_sync.my_projects()));
create policy members_read on agent_sync.issued_ids for select to authenticated
  using (project in (select agent_sync.my_projects()));
create policy members_read on agent_sync.audit for select to authenticated
  using (project in (select agent_sync.my_projects()));

-- A push concerns nobody but the one who pushes, until it is accepted.
create policy own_read on agent_sync.push_receipts for select to authenticated
  using (user_id = (select auth.uid()) and project in (select agent_sync.my_projects()));
create policy own_read on agent_sync.push_chunks for select to authenticated
  using (user_id = (select auth.uid()) and project in (select agent_sync.my_projects()));

-- New tables and functions get no grant but these. Whoever may execute a function by default, PUBLIC, may not here.
revoke all on all tables in schema agent_sync from public, anon, authenticated;
grant select on all tables in schema agent_sync to authenticated;
revoke all on all functions in schema agent_sync from public, anon, authenticated;
grant execute on function agent_sync.my_projects() to authenticated;
