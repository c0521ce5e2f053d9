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
} from '../core/ports.js';
import { fromColumn, fromNullable, type OidColumn, toNullable } from './columns.js';
import type { Connection } from './connection.js';

interface MergeRow {
  readonly kind: MergeState['kind'];
  readonly ours: OidColumn | null;
  readonly theirs: OidColumn | null;
  readonly tree: OidColumn;
  readonly message: string;
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
  readonly replaced: OidColumn | null;
}

/** The merge in progress, in the tables `merge`, `merge_conflicts` and `merge_before`. */
export class SqliteMergeState implements MergeStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
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
      before: this.#before(),
      conflicts: this.#db.all<ConflictRow>('select * from merge_conflicts order by position').map(fromRow),
    };
  }

  set({ kind, ours, theirs, tree, message, before, conflicts }: MergeState): void {
    this.#db.transact(() => {
      this.clear();
      this.#db.run(
        'insert into merge (only, kind, ours, theirs, tree, message) values (1, ?, ?, ?, ?, ?)',
        kind,
        toNullable(ours),
        toNullable(theirs),
        oidToBytes(tree),
        message,
      );
      for (const { path, oid } of before) {
        this.#db.run('insert into merge_before (path, oid) values (?, ?)', path, toNullable(oid));
      }
      for (const conflict of conflicts) this.#addConflict(conflict);
    });
  }

  resolve(path: string, { answers, partial, resolution, replaced }: ConflictAnswer): void {
    this.#db.run(
      `update merge_conflicts set answers = ?, partial = ?, resolved = ?, resolution = ?, replaced = ? where path = ?`,
      JSON.stringify(answers),
      formatVersion(partial),
      resolution === undefined ? 0 : 1,
      formatVersion(resolution ?? null),
      toNullable(replaced),
      path,
    );
  }

  clear(): void {
    this.#db.transact(() => {
      this.#db.run('delete from merge');
      this.#db.run('delete from merge_conflicts');
      this.#db.run('delete from merge_before');
    });
  }

  #before(): PathBefore[] {
    const rows = this.#db.all<{ path: string; oid: OidColumn | null }>(
      'select path, oid from merge_before order by path',
    );
    return rows.map(({ path, oid }) => ({ path, oid: fromNullable(oid) }));
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
    this.resolve(path, conflict);
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
    replaced: fromNullable(row.replaced),
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
