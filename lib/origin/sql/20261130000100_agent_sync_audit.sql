-- The audit: who did what, when, from where, and what came of it.
--
-- Append-only, a chain of hashes per project, and without a person in it: rows hold a pseudonym, and what it stands for is a row of
-- another table, which can be deleted. docs/decisions/ADR-010-audit-chain.md says why it is made like this.
--
-- For whoever writes another function: call `write_audit` last. It takes a lock that is held to the end of the transaction.

alter table agent_sync.audit rename to audit_unchained;
alter table agent_sync.audit_unchained drop constraint audit_pkey;
drop index agent_sync.audit_by_project;
drop policy members_read on agent_sync.audit_unchained;

-- The only link from a pseudonym to a person.
create table agent_sync.pseudonyms (
  project bigint not null references agent_sync.projects on delete cascade,
  user_id uuid not null,
  pseudonym uuid not null default gen_random_uuid(),
  primary key (project, user_id),
  unique (project, pseudonym)
);

-- Words and ids only: a text with a line break would make `audit_text` ambiguous.
create table agent_sync.audit (
  -- No cascade: a project that has an audit is not deleted.
  project bigint not null references agent_sync.projects,
  number bigint not null,
  at timestamptz not null,
  actor uuid not null,
  action text not null check (action ~ '^[a-z][a-z0-9-]{0,39}$'),
  result text not null check (result ~ '^[A-Za-z][A-Za-z0-9_ -]{0,79}$'),
  detail jsonb not null,
  client text check (client ~ '^[0-9a-f-]{36}( [0-9A-Za-z.+-]{1,32})?$'),
  traceparent text check (traceparent ~ '^[0-9a-f-]{55}$'),
  previous bytea not null check (length(previous) = 32),
  hash bytea not null check (length(hash) = 32),
  primary key (project, number)
);

-- What the hash of a row is of. `auditText` of lib/core/audit/chain.ts is the same for clients.
create function agent_sync.audit_text(entry agent_sync.audit) returns text
language sql immutable set search_path = '' as $$
  select concat_ws(e'\n', 'agent-sync audit 1', entry.number::text,
    to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    entry.actor::text, entry.action, entry.result, entry.detail::text,
    coalesce(entry.client, ''), coalesce(entry.traceparent, ''), encode(entry.previous, 'hex'));
$$;

-- Adds a row at the end of the chain of its project. Numbers have no gaps: whoever comes second waits for the first to commit.
create function agent_sync.append_audit(entry agent_sync.audit) returns void
language plpgsql set search_path = '' as $$
declare
  head record;
begin
  perform pg_advisory_xact_lock(hashtext('agent_sync.audit'), entry.project::integer);
  select a.number, a.hash into head from agent_sync.audit a where a.project = entry.project order by a.number desc limit 1;
  entry.number := coalesce(head.number, 0) + 1;
  entry.previous := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
  entry.at := coalesce(entry.at, clock_timestamp());
  entry.hash := sha256(convert_to(agent_sync.audit_text(entry), 'UTF8'));
  insert into agent_sync.audit select entry.*;
end $$;

-- The pseudonym of a user in a project; of nobody, for what the operator of the database does.
create function agent_sync.pseudonym_of(at_project bigint, of_user uuid) returns uuid
language plpgsql set search_path = '' as $$
begin
  if of_user is null then
    return '00000000-0000-0000-0000-000000000000';
  end if;
  insert into agent_sync.pseudonyms (project, user_id) values (at_project, of_user) on conflict do nothing;
  return (select p.pseudonym from agent_sync.pseudonyms p where p.project = at_project and p.user_id = of_user);
end $$;

-- What is kept of a detail: of a push the moves of refs and the number of objects, and of a `user` its pseudonym, as `member`.
create function agent_sync.audit_detail(at_project bigint, action text, detail jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  answer jsonb := detail -> 'answer';
  kept jsonb := detail - 'user';
  -- A push can name as many as fit into a request.
  most constant integer := 100;
begin
  if detail ? 'user' then
    kept := kept || jsonb_build_object('member', agent_sync.pseudonym_of(at_project, (detail ->> 'user')::uuid));
  end if;
  if action <> 'push' or answer is null then
    return kept;
  end if;
  -- What was sent with the edits besides these three is nobody's business.
  return (kept - 'edits' - 'answer') || (answer - 'status' - 'refs')
    || (select jsonb_build_object(
          case answer ->> 'status' when 'accepted' then 'refs' else 'asked' end,
          coalesce(jsonb_agg(jsonb_build_object('name', e.name, 'before', e.expected, 'after', e.target) order by e.place)
            filter (where e.place <= most), '[]'))
        || case when count(*) > most then jsonb_build_object('left_out', count(*) - most) else '{}' end
      from rows from (jsonb_to_recordset(detail -> 'edits') as (name text, expected text, target text))
        with ordinality as e (name, expected, target, place))
    || case when answer ? 'sequence' then
        jsonb_build_object('objects', (answer #>> '{sequence,to}')::bigint - (answer #>> '{sequence,from}')::bigint)
      else '{}' end;
end $$;

-- A header of the request that PostgREST is answering, if it has the form that is asked for. Clients may send anything.
-- https://docs.postgrest.org/en/stable/references/transactions.html#request-headers-cookies-and-jwt-claims
create function agent_sync.request_header(name text, form text) returns text
language sql stable set search_path = '' as $$
  select h.value from (select nullif(current_setting('request.headers', true), '')::jsonb ->> name) h (value) where h.value ~ form;
$$;

-- Where a request comes from: the id of the store that asks, and the version of its client. No address: that is a person's.
create function agent_sync.request_client() returns text
language sql stable set search_path = '' as $$
  select agent_sync.request_header('x-agent-store', '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
    || coalesce(' ' || agent_sync.request_header('x-agent-version', '^[0-9A-Za-z.+-]{1,32}$'), '');
$$;

-- https://www.w3.org/TR/trace-context/#traceparent-header
create function agent_sync.request_trace() returns text
language sql stable set search_path = '' as $$
  select agent_sync.request_header('traceparent',
    '^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$');
$$;

-- The rows that there are.
do $$
declare
  old record;
  entry agent_sync.audit;
begin
  for old in select * from agent_sync.audit_unchained order by id loop
    entry := null;
    entry.project := old.project;
    entry.at := old.at;
    entry.actor := agent_sync.pseudonym_of(old.project, old.user_id);
    entry.action := old.action;
    entry.result := coalesce(old.detail #>> '{answer,status}', 'done');
    entry.detail := agent_sync.audit_detail(old.project, old.action, old.detail);
    perform agent_sync.append_audit(entry);
  end loop;
end $$;
drop table agent_sync.audit_unchained;

-- For everybody, the owner of the table and a session in replica mode included. Whoever may remove triggers may still do it; the
-- chain shows it.
create trigger append_only before update or delete or truncate on agent_sync.audit
  for each statement execute function agent_sync.refuse_update();
alter table agent_sync.audit enable always trigger append_only;

-- Writes down what was done. `detail` names no person but as `user`, by the id of a user, and holds no text that somebody wrote.
-- Without a result it is that of the `answer` in the detail, or `done`. A call that is refused is rolled back, and leaves no row.
drop function agent_sync.write_audit(bigint, text, jsonb);
create function agent_sync.write_audit(at_project bigint, action text, detail jsonb, result text default null) returns void
language plpgsql set search_path = '' as $$
declare
  entry agent_sync.audit;
begin
  entry.project := at_project;
  entry.actor := agent_sync.pseudonym_of(at_project, auth.uid());
  entry.action := action;
  entry.result := coalesce(result, detail #>> '{answer,status}', 'done');
  entry.detail := agent_sync.audit_detail(at_project, action, detail);
  entry.client := agent_sync.request_client();
  entry.traceparent := agent_sync.request_trace();
  perform agent_sync.append_audit(entry);
end $$;

-- Who operates the database gives and takes roles past all functions: that is seen as well. Functions write their own row.
create function agent_sync.audit_operator() returns trigger
language plpgsql set search_path = '' as $$
declare
  changed agent_sync.members := coalesce(new, old);
begin
  perform agent_sync.write_audit(changed.project, 'member', jsonb_build_object('user', changed.user_id, 'role', new.role));
  return null;
end $$;
create trigger audit_operator after insert or update or delete on agent_sync.members
  for each row when (auth.uid() is null) execute function agent_sync.audit_operator();

-- ---------------------------------------------------------------- reading

-- As it was, and tells the audit who got which objects. No longer `stable`: PostgREST lets such functions only read. A page counts
-- what lists an object along with its body: a million bodies of three bytes were one of 80 MB, which no client takes.
create or replace function agent_sync.fetch(project_name text, after bigint) returns agent_sync."application/octet-stream"
language plpgsql volatile security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
  last bigint;
  upto bigint := after;
  bytes bigint := 0;
  objects json;
  bodies bytea;
  next record;
begin
  for next in select o.sequence, length(o.body) as size from agent_sync.objects o
    where o.project = at_project and o.sequence > after order by o.sequence
  loop
    bytes := bytes + next.size + 80;
    exit when bytes > 3000000 and upto > after;
    upto := next.sequence;
  end loop;
  -- After the loop: each statement sees what was committed by then, and what came in between is for the next page.
  last := agent_sync.last_sequence(at_project);
  select json_agg(json_build_object('oid', encode(o.oid, 'hex'), 'type', o.type, 'size', length(o.body)) order by o.sequence),
      string_agg(o.body, ''::bytea order by o.sequence)
    into objects, bodies
    from agent_sync.objects o where o.project = at_project and o.sequence > after and o.sequence <= upto;
  if objects is not null then
    perform agent_sync.write_audit(at_project, 'fetch', jsonb_build_object(
      'sequence', jsonb_build_object('from', after, 'to', upto), 'objects', json_array_length(objects)));
  end if;
  return convert_to(
      json_build_object('sequence', upto, 'more', upto < last, 'objects', coalesce(objects, '[]'))::text || e'\n', 'UTF8')
    || coalesce(bodies, ''::bytea);
end $$;

-- A page of a project's audit after a row's number, not older than `since`; the last row that there is; and who is behind the
-- pseudonyms, as far as that is known. `detail` is a text, as it was hashed.
create function agent_sync.read_audit(project_name text, after bigint, since timestamptz default '-infinity') returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  at_project bigint := agent_sync.require_role(project_name, 'reader');
  page agent_sync.audit[];
begin
  page := array(select a from agent_sync.audit a
    where a.project = at_project and a.number > after and a.at >= since order by a.number limit 500);
  return jsonb_build_object(
    'entries', (select coalesce(jsonb_agg(jsonb_build_object(
        'number', a.number, 'at', to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'actor', a.actor,
        'action', a.action, 'result', a.result, 'detail', a.detail::text, 'client', a.client, 'traceparent', a.traceparent,
        'previous', encode(a.previous, 'hex'), 'hash', encode(a.hash, 'hex')) order by a.number), '[]')
      from unnest(page) a),
    'head', (select jsonb_build_object('number', a.number, 'hash', encode(a.hash, 'hex'))
      from agent_sync.audit a where a.project = at_project order by a.number desc limit 1),
    'people', (select coalesce(jsonb_agg(jsonb_build_object('pseudonym', p.pseudonym, 'userId', p.user_id, 'actors',
        (select coalesce(jsonb_agg(k.id order by k.id), '[]') from agent_sync.actors k
          where k.project = at_project and k.user_id = p.user_id)) order by p.pseudonym), '[]')
      from agent_sync.pseudonyms p where p.project = at_project
        and p.pseudonym::text in (select a.actor::text from unnest(page) a union select a.detail ->> 'member' from unnest(page) a)));
end $$;

-- ---------------------------------------------------------------- who may

alter table agent_sync.audit enable row level security;
alter table agent_sync.pseudonyms enable row level security;
create policy members_read on agent_sync.audit for select to authenticated
  using (project in (select agent_sync.my_projects()));

-- Nobody reads pseudonyms but through `read_audit`.
revoke all on agent_sync.audit, agent_sync.pseudonyms from public, anon, authenticated;
grant select on agent_sync.audit to authenticated;
revoke all on all functions in schema agent_sync from public, anon;
revoke all on function agent_sync.audit_text(agent_sync.audit), agent_sync.append_audit(agent_sync.audit),
  agent_sync.pseudonym_of(bigint, uuid), agent_sync.audit_detail(bigint, text, jsonb), agent_sync.request_header(text, text),
  agent_sync.request_client(), agent_sync.request_trace(), agent_sync.audit_operator(),
  agent_sync.write_audit(bigint, text, jsonb, text) from authenticated;
grant execute on function agent_sync.read_audit(text, bigint, timestamptz) to authenticated;
