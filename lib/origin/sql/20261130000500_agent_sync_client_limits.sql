-- What every client would refuse is not taken in: else one writer could keep all others from fetching, for good. The numbers are those of
-- lib/core/object/limits.ts and lib/origin/supabase.

-- ---------------------------------------------------------------- trees

-- What a tree comes to with all that is below it, as lib/core/graph/measure-tree.ts counts it: trees one below the other, and bytes of
-- trees, each as often as a path leads to it.
create table agent_sync.tree_sizes (
  project bigint not null,
  oid bytea not null,
  depth integer not null,
  bytes bigint not null,
  primary key (project, oid),
  foreign key (project, oid) references agent_sync.objects on delete cascade
);

-- Measures trees from below. Each tree is read by the caller, once; one that is deeper than 16 is left out, with all that hold it.
--
-- `trees` are those to be measured, and `sources` and `targets`, place by place, which of them has an entry for which folder.
create function agent_sync.measure_trees(at_project bigint, trees bytea[], sources bytea[], targets bytea[]) returns void
language plpgsql set search_path = '' as $$
declare
  -- Git never needs the empty tree to be stored.
  empty_tree constant bytea := '\x4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  waiting bytea[] := trees;
begin
  for level in 1 .. 16 loop
    exit when cardinality(waiting) = 0;
    with measured as (
      select w.oid, max(coalesce(s.depth, case when e.target = empty_tree then 1 end, 0)) + 1 as depth,
          min(length(o.body)) + coalesce(sum(s.bytes), 0) as bytes
        from unnest(waiting) w (oid)
        join agent_sync.objects o on o.project = at_project and o.oid = w.oid
        left join unnest(sources, targets) e (source, target) on e.source = w.oid
        left join agent_sync.tree_sizes s on s.project = at_project and s.oid = e.target
        group by w.oid having bool_and(e.target is null or e.target = empty_tree or s.oid is not null)
    ), added as (
      insert into agent_sync.tree_sizes
        -- Beyond this it does not matter, and would not fit.
        select at_project, m.oid, m.depth, least(m.bytes, 1e15) from measured m where m.depth <= 16 returning oid
    )
    select coalesce(array_agg(w.oid), '{}') into waiting
      from unnest(waiting) w (oid) where w.oid not in (select a.oid from added a);
  end loop;
end $$;

-- Refuses when an object after `since` names one that the project does not have, or has as another type, and when a tree is deeper or
-- larger than clients take. What was there before is complete already, by induction.
create or replace function agent_sync.require_closure(at_project bigint, since bigint) returns void
language plpgsql volatile set search_path = '' as $$
declare
  -- Git never needs the empty tree to be stored.
  empty_tree constant bytea := '\x4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  missing record;
  sources bytea[];
  targets bytea[];
  trees bytea[];
begin
  with named as materialized (
    select o.oid as source, o.type as source_type, r.target, r.target_type
      from agent_sync.objects o, agent_sync.object_references(o.type, o.body) r
      where o.project = at_project and o.sequence > since and o.type <> 'blob'
  ), absent as (
    select d.target, d.target_type from (select distinct n.target, n.target_type from named n) d
      where d.target <> empty_tree and not exists (select from agent_sync.objects o
        where o.project = at_project and o.oid = d.target and o.type = d.target_type)
      limit 1
  ), folders as (
    select array_agg(n.source) as sources, array_agg(n.target) as targets from named n
      where n.source_type = 'tree' and n.target_type = 'tree'
  )
  select a.target, a.target_type, f.sources, f.targets into missing from folders f left join absent a on true;
  if missing.target is not null then
    perform agent_sync.refuse(422, 'OBJECT_NOT_FOUND',
      format('the %s %s is needed, and neither sent nor known here', missing.target_type, encode(missing.target, 'hex')));
  end if;

  trees := array(select o.oid from agent_sync.objects o where o.project = at_project and o.sequence > since and o.type = 'tree');
  perform agent_sync.measure_trees(at_project, trees, coalesce(missing.sources, '{}'), coalesce(missing.targets, '{}'));
  if exists (select from unnest(trees) t (oid)
    left join agent_sync.tree_sizes s on s.project = at_project and s.oid = t.oid where s.oid is null) then
    perform agent_sync.refuse(422, 'PATH_UNSAFE', 'a tree is deeper than 16 folders');
  elsif exists (select from unnest(trees) t (oid)
    join agent_sync.tree_sizes s on s.project = at_project and s.oid = t.oid where s.bytes > 64 * 1024 * 1024) then
    perform agent_sync.refuse(422, 'PATH_UNSAFE', 'a tree holds more files than any disk should');
  end if;
end $$;

-- The trees that there are. Nothing is refused: what holds one that is too deep is refused when it comes.
do $$
declare
  at_project bigint;
begin
  for at_project in select id from agent_sync.projects loop
    perform agent_sync.measure_trees(at_project,
      array(select o.oid from agent_sync.objects o where o.project = at_project and o.type = 'tree'),
      coalesce(array_agg(n.source), '{}'), coalesce(array_agg(n.target), '{}'))
      from (select o.oid as source, r.target from agent_sync.objects o, agent_sync.object_references(o.type, o.body) r
        where o.project = at_project and o.type = 'tree' and r.target_type = 'tree') n;
  end loop;
end $$;

-- ---------------------------------------------------------------- erasures

-- Clients read 10,000 records. Whoever may erase only their own names could bring one and erase it that often, and be another pseudonym
-- to the limit on calls each time. The rest is for owners.
insert into agent_sync.quotas (name, most) values ('erasures_of_non_owners', 500);

create function agent_sync.limit_erasures() returns trigger
language plpgsql set search_path = '' as $$
begin
  if not exists (select from agent_sync.members m
    where m.project = new.project and m.user_id = auth.uid() and m.role = 'owner') then
    perform agent_sync.require_quota(new.project, 'erasures_of_non_owners', new.number);
  end if;
  return null;
end $$;
create trigger limit_erasures after insert on agent_sync.erasures for each row execute function agent_sync.limit_erasures();

-- Each pack is asked whether it brings one of these; without it, all objects of the project were read.
create index objects_erased on agent_sync.objects (project) where erased is not null;

-- ---------------------------------------------------------------- who may

alter table agent_sync.tree_sizes enable row level security;
create policy members_read on agent_sync.tree_sizes for select to authenticated
  using (project in (select agent_sync.my_projects()));
revoke all on agent_sync.tree_sizes from public, anon, authenticated;
revoke all on all functions in schema agent_sync from public, anon;
revoke all on function agent_sync.measure_trees(bigint, bytea[], bytea[], bytea[]), agent_sync.limit_erasures() from authenticated;
