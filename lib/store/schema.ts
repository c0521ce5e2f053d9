/** Marks a database as agent-sync's in its header: "agsy" in ASCII. */
export const APPLICATION_ID = 0x61677379;

/**
 * What the store adds to an empty database, one script a version; `PRAGMA user_version` counts the ones applied.
 *
 * A script that was released is never changed: the next version is a new script at the end.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- Canonical: lost with the file, kept by push and pull.

  create table objects (
    sequence integer primary key,
    oid blob not null unique check (length(oid) = 20),
    type text not null check (type in ('blob', 'tree', 'commit')),
    size integer not null,
    body blob not null -- compressed (Brotli, RFC 7932) when shorter than size
  ) strict;

  create table refs (
    name text primary key,
    oid blob check (length(oid) = 20),
    symbolic text check ((symbolic is null) <> (oid is null))
  ) strict, without rowid;

  insert into refs (name, symbolic) values ('HEAD', 'refs/heads/main');

  create table reflog (
    entry integer primary key,
    ref text not null,
    before blob check (length(before) = 20),
    after blob check (length(after) = 20),
    actor text not null,
    time integer not null,
    message text not null
  ) strict;

  create index reflog_by_ref on reflog (ref, entry);

  create table actors (
    id text primary key,
    name text not null,
    email text not null,
    own integer not null
  ) strict, without rowid;

  create table settings (
    key text primary key,
    value text not null
  ) strict, without rowid;

  -- Canonical: the merge in progress. A version is "<mode> <oid>"; null where there is no file.

  create table merge (
    only integer primary key check (only = 1),
    kind text not null,
    ours blob,
    theirs blob,
    tree blob not null,
    message text not null
  ) strict;

  create table merge_conflicts (
    position integer primary key,
    path text not null unique,
    kind text not null,
    base text,
    ours text,
    theirs text,
    message text not null,
    resolved integer not null,
    resolution text
  ) strict;

  create table merge_before (
    path text primary key,
    oid blob
  ) strict, without rowid;

  -- Canonical in a store that serves as an origin, empty in others.

  create table receipts (
    push text primary key,
    answer text not null -- JSON
  ) strict, without rowid;

  create table issued_ids (
    kind text not null,
    id text not null,
    request text not null unique,
    primary key (kind, id)
  ) strict, without rowid;

  create table id_counters (
    kind text not null,
    prefix text not null,
    last integer not null,
    primary key (kind, prefix)
  ) strict, without rowid;

  -- Derived from objects and refs: may be emptied at any time, and is then rebuilt.

  create table derived_commits (
    oid blob primary key,
    generation integer not null
  ) strict, without rowid;

  create table derived_artifacts (
    path text primary key,
    oid blob not null,
    kind text not null,
    id text not null,
    title text not null,
    state text
  ) strict, without rowid;

  create index derived_artifacts_by_id on derived_artifacts (kind, id);

  create table derived_versions (
    kind text not null,
    id text not null,
    version integer not null,
    generation integer not null,
    "commit" blob not null,
    modified integer not null,
    author text not null,
    primary key (kind, id)
  ) strict, without rowid;

  create table derived_at (
    only integer primary key check (only = 1),
    "commit" blob not null
  ) strict;

  -- A cache of lstat, true of this disk only; may be emptied at any time.

  create table stat_cache (
    path text primary key,
    oid blob not null,
    size integer not null,
    mtime_ns integer not null,
    ctime_ns integer not null,
    ino integer not null
  ) strict, without rowid;
  `,
  `
  -- Where a conflict stands in the texts, as JSON: a list of ConflictHunk.
  alter table merge_conflicts add column hunks text not null default '[]';
  -- The answers to them so far, as JSON: a list of HunkAnswer or null; and the text with those.
  alter table merge_conflicts add column answers text not null default '[]';
  alter table merge_conflicts add column partial text;

  -- Where the disk does not show yet what the merge came to, and what it holds until then.
  create table merge_unfollowed (
    path text primary key,
    oid blob
  ) strict, without rowid;

  -- Canonical: how conflicts were resolved before. The images are blobs; one that is missing is a resolution forgotten.
  create table rerere (
    conflict blob not null check (length(conflict) = 20),
    preimage blob not null check (length(preimage) = 20),
    postimage blob not null check (length(postimage) = 20),
    time integer not null, -- seconds since the epoch
    primary key (conflict, preimage)
  ) strict, without rowid;

  -- The rebase that the merge in progress is a step of, as JSON: a RebaseState.
  alter table merge add column rebase text;
  `,
  `
  -- Canonical: what waits for the origin, as intents: what is sent is worked out when it is sent.
  create table queue (
    id integer primary key autoincrement,
    intent text not null unique, -- JSON: an Intent, its keys in order
    status text not null check (status in ('waiting', 'blocked', 'refused')),
    attempts integer not null,
    not_before integer, -- seconds since the epoch
    failure text, -- JSON: what came of the last attempt
    asked integer not null, -- how often
    queued_at integer not null, -- seconds since the epoch
    claim text -- JSON: the process that runs it
  ) strict;

  -- Canonical: every command that changed something here, so that it can be undone. Which refs it moved is in the reflog.
  create table operations (
    id integer primary key autoincrement,
    command text not null,
    actor text not null,
    time integer not null, -- seconds since the epoch
    undoes integer,
    -- What became of the merge in progress and of the file that names the disk's base, as JSON: a MergeChange, a BaseChange.
    merge text,
    base text,
    -- 1 while the disk has still to show what an undo came to.
    unfollowed integer not null default 0
  ) strict;

  create index operations_unfollowed on operations (id) where unfollowed = 1;

  alter table reflog add column operation integer;
  create index reflog_by_operation on reflog (operation) where operation is not null;

  -- What an operation did to the disk: blobs, null for no file.
  create table operation_paths (
    operation integer not null,
    path text not null,
    before blob,
    after blob,
    primary key (operation, path)
  ) strict, without rowid;

  -- Derived: which id a draft got, from the commits that numbered it.
  create table derived_handles (
    kind text not null,
    handle text not null,
    id text not null,
    generation integer not null,
    "commit" blob not null,
    primary key (kind, handle)
  ) strict, without rowid;
  -- Commits of teammates who numbered drafts may be here already: the index is made anew.
  delete from derived_at;

  -- What gc found unreachable, and when first: it goes when the grace period is over and it still is.
  create table unreachable (
    oid blob primary key check (length(oid) = 20),
    since integer not null -- seconds since the epoch
  ) strict, without rowid;
  `,
  `
  -- Canonical: what was done here, in a chain of hashes. Nothing of it is changed or removed, whatever becomes of the people.
  create table audit (
    number integer primary key autoincrement,
    at text not null, -- ISO 8601, UTC
    actor text not null,
    action text not null,
    result text not null,
    detail text not null, -- JSON: refs before and after, counts
    client text, -- where: the id of a store
    traceparent text,
    previous text not null,
    hash text not null
  ) strict;

  create trigger audit_update before update on audit begin
    select raise(abort, 'rows of audit are never changed');
  end;
  create trigger audit_delete before delete on audit begin
    select raise(abort, 'rows of audit are never removed');
  end;
  -- What "insert or replace" removes, no trigger sees. Rows come at the end, and follow from the last one.
  create trigger audit_insert before insert on audit
    when new.number is not (select coalesce(max(number), 0) + 1 from audit)
      or new.previous is not coalesce((select hash from audit order by number desc limit 1), printf('%064d', 0))
  begin
    select raise(abort, 'rows of audit come at its end');
  end;
  `,
  `
  -- What commands measured so far: of no use to anybody else, and may be emptied at any time.
  create table metrics (
    instrument text not null,
    labels text not null, -- JSON: an object, its keys in order
    count integer not null,
    sum real not null,
    buckets text not null, -- JSON: how many measurements in each bucket of a histogram
    primary key (instrument, labels)
  ) strict, without rowid;
  `,
  `
  -- Canonical: what was erased, as signed records, by the chain that they are of. A chain with a seed is this store's own.
  create table erasure_chains (
    anchor text primary key,
    seed text
  ) strict, without rowid;

  create table erasures (
    anchor text not null,
    number integer not null,
    text text not null,
    signature blob not null,
    primary key (anchor, number)
  ) strict;

  -- What the records name, to be looked up.
  create table erased_objects (
    oid blob primary key check (length(oid) = 20)
  ) strict, without rowid;

  create table erased_actors (
    id text primary key
  ) strict, without rowid;

  -- 1 for an operation that was before an erasure: it cannot be undone any more.
  alter table operations add column closed integer not null default 0;
  `,
];
