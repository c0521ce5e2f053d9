import { oidToBytes } from '../core/object/oid.js';
import type { FileMode } from '../core/object/tree.js';
import type {
  Conflict,
  ConflictAnswer,
  FileVersion,
  MergeState,
  MergeStore,
  PathBefore,
  PendingConflict,
  RecordedMerge,
} from '../core/ports.js';
import { fromColumn, fromNullable, type OidColumn, toNullable } from './columns.js';
import type { Connection } from './connection.js';
import type { OperationRecorder } from './operation-recorder.js';

interface MergeRow {
  readonly kind: MergeState['kind'];
  readonly ours: OidColumn | null;
  readonly theirs: OidColumn | null;
  readonly tree: OidColumn;
  readonly message: string;
  readonly rebase: string | null;
}

interface ConflictRow {
  readonly path: string;
  readonly kind: Conflict['kind'];
  readonly base: string | null;
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly message: string;
  readonly resolved: number;
  readonly resolution: string | null;
  readonly hunks: string;
  readonly answers: string;
  readonly partial: string | null;
}

/** The tables that hold paths. */
type PathTable = 'merge_before' | 'merge_unfollowed';

/** The merge in progress, in the tables whose names begin with `merge`. */
export class SqliteMergeState implements MergeStore {
  readonly #db: Connection;
  readonly #recorder: OperationRecorder;

  constructor(db: Connection, recorder: OperationRecorder) {
    this.#db = db;
    this.#recorder = recorder;
  }

  get(): MergeState | undefined {
    const row = this.#db.get<MergeRow>('select * from merge');
    if (!row) return undefined;
    return {
      kind: row.kind,
      ours: fromNullable(row.ours),
      theirs: fromNullable(row.theirs),
      tree: fromColumn(row.tree),
      message: row.message,
      before: this.#paths('merge_before'),
      unfollowed: this.#paths('merge_unfollowed'),
      conflicts: this.#db.all<ConflictRow>('select * from merge_conflicts order by position').map(fromRow),
      ...(row.rebase !== null && { rebase: JSON.parse(row.rebase) }),
    };
  }

  set({ kind, ours, theirs, tree, message, before, unfollowed, conflicts, rebase }: MergeState): void {
    this.#db.transact(() => {
      this.#recorder.mergeChanges(() => this.#recorded());
      this.#empty();
      this.#db.run(
        'insert into merge (only, kind, ours, theirs, tree, message, rebase) values (1, ?, ?, ?, ?, ?, ?)',
        kind,
        toNullable(ours),
        toNullable(theirs),
        oidToBytes(tree),
        message,
        rebase === undefined ? null : JSON.stringify(rebase),
      );
      for (const path of before) this.#addPath('merge_before', path);
      for (const path of unfollowed) this.#addPath('merge_unfollowed', path);
      for (const conflict of conflicts) this.#addConflict(conflict);
    });
  }

  resolve(before: PathBefore, answer: ConflictAnswer): void {
    this.#db.transact(() => {
      this.#recorder.mergeChanges(() => this.#recorded());
      this.#setAnswer(before.path, answer);
      this.#addPath('merge_unfollowed', before);
    });
  }

  setFollowed(except: readonly string[]): void {
    const sql = 'delete from merge_unfollowed where path not in (select value from json_each(?))';
    this.#db.run(sql, JSON.stringify(except));
  }

  clear(): void {
    this.#db.transact(() => {
      this.#recorder.mergeChanges(() => this.#recorded());
      this.#empty();
    });
  }

  #empty(): void {
    this.#db.run('delete from merge');
    this.#db.run('delete from merge_conflicts');
    this.#db.run('delete from merge_before');
    this.#db.run('delete from merge_unfollowed');
  }

  #recorded(): RecordedMerge | null {
    const state = this.get();
    if (!state) return null;
    const { unfollowed: _, ...recorded } = state;
    return recorded;
  }

  #paths(table: PathTable): PathBefore[] {
    const rows = this.#db.all<{ path: string; oid: OidColumn | null }>(`select path, oid from ${table} order by path`);
    return rows.map(({ path, oid }) => ({ path, oid: fromNullable(oid) }));
  }

  #addPath(table: PathTable, { path, oid }: PathBefore): void {
    this.#db.run(`insert or replace into ${table} (path, oid) values (?, ?)`, path, toNullable(oid));
  }

  #setAnswer(path: string, { answers, partial, resolution }: ConflictAnswer): void {
    this.#db.run(
      'update merge_conflicts set answers = ?, partial = ?, resolved = ?, resolution = ? where path = ?',
      JSON.stringify(answers),
      formatVersion(partial),
      resolution === undefined ? 0 : 1,
      formatVersion(resolution ?? null),
      path,
    );
  }

  #addConflict(conflict: PendingConflict): void {
    const { path, kind, base, ours, theirs, message, hunks } = conflict;
    this.#db.run(
      `insert into merge_conflicts (path, kind, base, ours, theirs, message, hunks, resolved)
       values (?, ?, ?, ?, ?, ?, ?, 0)`,
      path,
      kind,
      formatVersion(base),
      formatVersion(ours),
      formatVersion(theirs),
      message,
      JSON.stringify(hunks),
    );
    this.#setAnswer(path, conflict);
  }
}

function fromRow(row: ConflictRow): PendingConflict {
  return {
    path: row.path,
    kind: row.kind,
    base: parseVersion(row.base),
    ours: parseVersion(row.ours),
    theirs: parseVersion(row.theirs),
    message: row.message,
    hunks: JSON.parse(row.hunks),
    answers: JSON.parse(row.answers),
    partial: parseVersion(row.partial),
    resolution: row.resolved ? parseVersion(row.resolution) : undefined,
  };
}

function formatVersion(version: FileVersion | null): string | null {
  return version && `${version.mode} ${version.oid}`;
}

function parseVersion(text: string | null): FileVersion | null {
  if (text === null) return null;
  const [mode, oid] = text.split(' ') as [FileMode, string];
  return { mode, oid };
}
