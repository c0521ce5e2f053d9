-- What a hosted Supabase project has before its first migration, as far as agent-sync relies on it.
-- Run once, as the superuser, in one transaction.

-- Roles: https://supabase.com/docs/guides/database/postgres/roles
-- Migrations run as postgres, which is no superuser, here as there.
create role postgres login createdb createrole replication bypassrls;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;

alter role postgres set search_path = "$user", public, extensions;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

alter database postgres owner to postgres;
grant usage, create on schema public to postgres;
grant usage on schema public to anon, authenticated, service_role;

create schema extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
create extension pgcrypto with schema extensions;

create schema auth;
grant usage on schema auth to postgres, anon, authenticated, service_role;

create table auth.users (
  id uuid primary key default gen_random_uuid(),
  aud text not null default 'authenticated',
  role text not null default 'authenticated',
  email text unique,
  raw_user_meta_data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_by_name on auth.users ((raw_user_meta_data ->> 'name'));
grant all on auth.users to postgres;

create function auth.jwt() returns jsonb language sql stable
  return nullif(current_setting('request.jwt.claims', true), '')::jsonb;
create function auth.uid() returns uuid language sql stable
  return (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
create function auth.role() returns text language sql stable
  return nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role';

-- The table in which the Supabase CLI records what it has applied.
create schema supabase_migrations authorization postgres;
create table supabase_migrations.schema_migrations (
  version text primary key,
  statements text[],
  name text
);
alter table supabase_migrations.schema_migrations owner to postgres;

-- One user per name; auth/auth.sql replaces it.
create function auth.ensure_user(name text) returns uuid language sql
  begin atomic
    insert into auth.users (raw_user_meta_data) values (jsonb_build_object('name', ensure_user.name))
      on conflict do nothing;
    select id from auth.users where raw_user_meta_data ->> 'name' = ensure_user.name;
  end;
revoke execute on function auth.ensure_user from public;

-- What no user of a project could do yet: gives a user a role in it, and makes the project for its first owner.
create function auth.ensure_member(project_name text, member uuid, new_role text) returns void language plpgsql as $$
begin
  if new_role = 'owner' then
    insert into agent_sync.projects (name) values (project_name) on conflict do nothing;
  end if;
  insert into agent_sync.members (project, user_id, role)
    select id, member, new_role from agent_sync.projects where name = project_name
    on conflict (project, user_id) do update set role = new_role;
  if not found then
    raise exception 'This origin has no project ''%''.', project_name using errcode = 'PT404';
  end if;
end $$;
revoke execute on function auth.ensure_member from public;
