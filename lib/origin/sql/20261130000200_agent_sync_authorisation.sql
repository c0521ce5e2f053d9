-- Tables are closed, and may not grow without end. docs/decisions/ADR-011-authorisation.md says why it is like this, and why the next
-- three migrations are.

-- Nobody reads tables past the functions any more. Row-level security keeps the rows of others back, but PostgREST tells on request
-- how many rows the planner expects (count=planned), and the planner knows the values of all. The policies stay for what an operator
-- grants nevertheless.
revoke all on all tables in schema agent_sync from public, anon, authenticated;

-- How much there may be, per project unless the name says otherwise; a row with a project goes before the one for all. Only who
-- operates the database changes it:
--   update agent_sync.quotas set most = 0 where name = 'projects_of_user';  -- nobody makes projects any more
--   insert into agent_sync.quotas select 'bytes', id, 20e9 from agent_sync.projects where name = 'handbook';
create table agent_sync.quotas (
  name text not null,
  project bigint references agent_sync.projects on delete cascade,
  most bigint not null check (most >= 0),
  unique nulls not distinct (name, project)
);
insert into agent_sync.quotas (name, most) values
  ('bytes', 5 * 1024::bigint ^ 3),
  ('objects', 5000000),
  ('refs', 1000),
  ('protected_refs', 100),
  ('actors', 10000),
  ('ids', 100000),
  ('members', 1000),
  ('invitations', 500),
  -- Parts of pushes under way, of up to 4 MiB.
  ('chunks', 4096),
  ('chunks_of_user', 512),
  -- Rows of the audit: pushes, pages of fetches, ids, changes of members.
  ('calls_of_user_in_an_hour', 20000),
  ('projects_of_user', 200);

create function agent_sync.quota(at_project bigint, quota_name text) returns bigint
language sql stable set search_path = '' as $$
  select q.most from agent_sync.quotas q
    where q.name = quota_name and (q.project = at_project or q.project is null)
    order by q.project nulls last limit 1;
$$;

-- Asked after the writing, under a lock that lets nobody else write the same; the refusal takes back what was written.
create function agent_sync.require_quota(at_project bigint, quota_name text, used bigint) returns void
language plpgsql stable set search_path = '' as $$
begin
  if used > agent_sync.quota(at_project, quota_name) then
    perform agent_sync.refuse(403, 'QUOTA_EXCEEDED', format('there would be %s %s, and %s are allowed; who operates the origin can allow more',
      used, translate(quota_name, '_', ' '), agent_sync.quota(at_project, quota_name)));
  end if;
end $$;

alter table agent_sync.projects
  -- Of all bodies together, kept by the triggers below: to add them up at each push would read the whole table.
  add column bytes bigint not null default 0,
  -- Whose quota the project counts for; unknown for those that an operator made, or that were there before.
  add column registered_by uuid;
create index projects_by_registrar on agent_sync.projects (registered_by);
update agent_sync.projects p set bytes =
  (select coalesce(sum(length(o.body)), 0) from agent_sync.objects o where o.project = p.id);

create function agent_sync.count_bytes() returns trigger
language plpgsql set search_path = '' as $$
declare
  change record;
begin
  if tg_op = 'INSERT' then
    for change in select n.project, sum(length(n.body)) as bytes from new_rows n group by n.project loop
      update agent_sync.projects p set bytes = p.bytes + change.bytes where p.id = change.project;
      perform agent_sync.require_quota(change.project, 'bytes', (select p.bytes from agent_sync.projects p where p.id = change.project));
      -- Sequence numbers have no gaps.
      perform agent_sync.require_quota(change.project, 'objects', agent_sync.last_sequence(change.project));
    end loop;
  elsif tg_op = 'DELETE' then
    for change in select o.project, sum(length(o.body)) as bytes from old_rows o group by o.project loop
      update agent_sync.projects p set bytes = p.bytes - change.bytes where p.id = change.project;
    end loop;
  else
    -- Bodies are exchanged only where they are erased.
    for change in select n.project, sum(length(n.body) - length(o.body)) as bytes
      from new_rows n join old_rows o on o.project = n.project and o.oid = n.oid group by n.project
    loop
      update agent_sync.projects p set bytes = p.bytes + change.bytes where p.id = change.project;
    end loop;
  end if;
  return null;
end $$;
create trigger count_inserted after insert on agent_sync.objects
  referencing new table as new_rows for each statement execute function agent_sync.count_bytes();
create trigger count_deleted after delete on agent_sync.objects
  referencing old table as old_rows for each statement execute function agent_sync.count_bytes();
create trigger count_updated after update on agent_sync.objects
  referencing old table as old_rows new table as new_rows for each statement execute function agent_sync.count_bytes();

create function agent_sync.limit_ids() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform agent_sync.require_quota(new.project, 'ids',
    (select count(*) from agent_sync.issued_ids i where i.project = new.project));
  return null;
end $$;
create trigger limit_ids after insert on agent_sync.issued_ids for each row execute function agent_sync.limit_ids();

-- The audit grows for ever, and readers add to it as well. What the operator of the database does is not counted.
create function agent_sync.limit_calls() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.actor <> '00000000-0000-0000-0000-000000000000' and (select count(*) from agent_sync.audit a
      where a.project = new.project and a.actor = new.actor and a.at > new.at - interval '1 hour')
    > agent_sync.quota(new.project, 'calls_of_user_in_an_hour') then
    perform agent_sync.refuse(429, 'ORIGIN_BUSY', 'so much within an hour is too much; try again later');
  end if;
  return null;
end $$;
create trigger limit_calls after insert on agent_sync.audit for each row execute function agent_sync.limit_calls();
create index audit_by_actor on agent_sync.audit (project, actor, at);

alter table agent_sync.quotas enable row level security;
revoke all on agent_sync.quotas from public, anon, authenticated;
revoke all on all functions in schema agent_sync from public, anon;
