-- Refs that lose no commit and are not deleted, whoever asks. The next migration makes pushes heed them.

-- A name, or the beginning of names with * after it.
create table agent_sync.protected_refs (
  project bigint not null references agent_sync.projects on delete cascade,
  pattern text not null,
  primary key (project, pattern)
);

create function agent_sync.protect_main() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into agent_sync.protected_refs (project, pattern) values (new.id, 'refs/heads/main');
  return null;
end $$;
create trigger protect_main after insert on agent_sync.projects for each row execute function agent_sync.protect_main();
insert into agent_sync.protected_refs (project, pattern) select id, 'refs/heads/main' from agent_sync.projects;

create function agent_sync.is_protected(at_project bigint, ref text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from agent_sync.protected_refs p where p.project = at_project
    and case when right(p.pattern, 1) = '*' then starts_with(ref, rtrim(p.pattern, '*')) else ref = p.pattern end);
$$;

-- git-check-ref-format(1), for branches.
create function agent_sync.is_branch(name text) returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(length(name) <= 200 and name ~ '^refs/heads/[^/]'
    and name !~ '[\x01-\x20\x7f~^:?*[\\]|\.\.|@\{|//|/\.|/$|\.$|\.lock(/|$)', false);
$$;

create function agent_sync.list_protected_refs(project_name text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
begin
  return (select coalesce(jsonb_agg(p.pattern order by p.pattern), '[]')
    from agent_sync.protected_refs p where p.project = at_project);
end $$;

create function agent_sync.protect_ref(project_name text, pattern text, is_protected boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.lock_project(project_name, 'owner');
begin
  if is_protected is null then
    perform agent_sync.refuse(422, 'USAGE', 'a ref is protected or not');
  elsif not agent_sync.is_branch(regexp_replace(pattern, '\*$', 'x')) then
    perform agent_sync.refuse(422, 'REF_NAME_INVALID',
      format('''%s'' is neither the name of a branch nor the beginning of one with * after it', left(pattern, 200)));
  elsif is_protected then
    insert into agent_sync.protected_refs as known (project, pattern) values (at_project, protect_ref.pattern) on conflict do nothing;
    perform agent_sync.require_quota(at_project, 'protected_refs',
      (select count(*) from agent_sync.protected_refs p where p.project = at_project));
  else
    delete from agent_sync.protected_refs p where p.project = at_project and p.pattern = protect_ref.pattern;
  end if;
  perform agent_sync.write_audit(at_project, case when is_protected then 'protect' else 'unprotect' end,
    jsonb_build_object('pattern', pattern));
  return true;
end $$;

alter table agent_sync.protected_refs enable row level security;
create policy members_read on agent_sync.protected_refs for select to authenticated
  using (project in (select agent_sync.my_projects()));

revoke all on agent_sync.protected_refs from public, anon, authenticated;
revoke all on all functions in schema agent_sync from public, anon;
grant execute on function agent_sync.list_protected_refs(text), agent_sync.protect_ref(text, text, boolean) to authenticated;
