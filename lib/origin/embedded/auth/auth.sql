-- The part of Supabase Auth's tables that signing in needs. Run once, as the superuser, in one transaction; after
-- bootstrap.sql, maybe years after: an origin of an earlier version gets it with its next start.
-- https://github.com/supabase/auth/tree/master/migrations

alter table auth.users add column encrypted_password text;

-- One user per name. Who was made without an address gets one that nobody receives mail at (RFC 2606, section 2).
drop function auth.ensure_user(text);
update auth.users set email = id || '@example.invalid' where email is null;

-- Makes the user, or finds it by name. What is null stays as it was; a new user gets the address that `otherwise` is.
create function auth.ensure_user(name text, address text, otherwise text, password text) returns auth.users language sql
  begin atomic
    insert into auth.users (email, encrypted_password, raw_user_meta_data)
      values (
        coalesce(address, otherwise),
        extensions.crypt(password, extensions.gen_salt('bf', 10)),
        jsonb_build_object('name', ensure_user.name)
      )
      on conflict ((raw_user_meta_data ->> 'name')) do update set
        email = coalesce(address, users.email),
        encrypted_password = coalesce(excluded.encrypted_password, users.encrypted_password),
        updated_at = now()
      returning *;
  end;
revoke execute on function auth.ensure_user from public;

-- A login. A refresh token is this row's id, a counter and a signature, so nothing here can be used to sign in.
create table auth.sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  -- How the user signed in, as the claim `amr` says it: password or otp.
  method text not null,
  -- The refresh token that is good now.
  refresh_count integer not null default 0,
  created_at timestamptz not null default now(),
  refreshed_at timestamptz not null default now()
);
create index sessions_by_user on auth.sessions (user_id);

-- The code that was sent last; six digits are too few for a hash that needs no secret.
create table auth.one_time_codes (
  user_id uuid primary key references auth.users on delete cascade,
  code_mac bytea not null,
  attempts integer not null default 0,
  created_at timestamptz not null default now()
);
