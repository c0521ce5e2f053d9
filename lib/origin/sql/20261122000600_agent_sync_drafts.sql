-- Numbers of drafts, which several people may ask for.

create unique index issued_ids_request on agent_sync.issued_ids (project, request);

-- The next number of a prefix, above `above` (what the asker knows to be in use), or exactly the id `claimed`.
-- The same request is answered with the same id, whoever of the project's writers repeats it: the number of a draft is asked for
-- by a request made from its handle, on whichever clone.
create or replace function agent_sync.issue_id(project_name text, request uuid, kind text, prefix text, above bigint, claimed text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'writer');
  next bigint;
  wanted text;
  known_kind text;
begin
  if kind not in ('plan', 'story', 'runbook') or above not between 0 and 999999999
    or coalesce(claimed, prefix || '-1') !~ '^[A-Z][A-Z0-9]{0,31}-[0-9]{1,9}$' then
    perform agent_sync.refuse(422, 'USAGE', 'an id has a form such as INFRA-004, and is that of a plan, story or runbook');
  end if;
  -- One at a time in a project, and not behind its pushes, which hold the lock of the project's row.
  perform pg_advisory_xact_lock(hashtext('agent_sync.issue_id'), at_project::integer);

  select i.id, i.kind into wanted, known_kind from agent_sync.issued_ids i
    where i.project = at_project and i.request = issue_id.request;
  if found then
    if known_kind <> kind then
      perform agent_sync.refuse(422, 'USAGE', 'a request is for one kind of artifact');
    end if;
    return jsonb_build_object('status', 'issued', 'id', wanted);
  end if;

  wanted := claimed;
  if wanted is null then
    select greatest(above, c.last) into next from (values (1)) one
      left join agent_sync.id_counters c on c.project = at_project and c.kind = issue_id.kind and c.prefix = issue_id.prefix;
    loop
      next := next + 1;
      wanted := prefix || '-' || lpad(next::text, greatest(3, length(next::text)), '0');
      exit when not exists (select from agent_sync.issued_ids i
        where i.project = at_project and i.kind = issue_id.kind and i.id = wanted);
    end loop;
    insert into agent_sync.id_counters values (at_project, kind, prefix, next)
      on conflict on constraint id_counters_pkey do update set last = excluded.last;
  elsif exists (select from agent_sync.issued_ids i
      where i.project = at_project and i.kind = issue_id.kind and i.id = claimed) then
    return jsonb_build_object('status', 'taken', 'id', claimed);
  end if;

  insert into agent_sync.issued_ids (project, kind, id, user_id, request)
    values (at_project, kind, wanted, auth.uid(), request);
  perform agent_sync.write_audit(at_project, 'issue-id', jsonb_build_object('kind', kind, 'id', wanted));
  return jsonb_build_object('status', 'issued', 'id', wanted);
end $$;
