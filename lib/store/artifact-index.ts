import { type Oid, oidToBytes } from '../core/object/oid.js';
import type {
  ArtifactChange,
  ArtifactEntry,
  ArtifactFilter,
  ArtifactIndex,
  ArtifactKind,
  ArtifactRow,
  HandleFact,
  IndexStep,
} from '../core/ports.js';
import { fromColumn, type OidColumn } from './columns.js';
import type { Connection } from './connection.js';

/** Rows that are entries as they come; SQLite writes hexadecimal digits sooner than Node turns 20 bytes into them. */
const ENTRIES = `select path, lower(hex(oid)) as oid, kind, id, title, state,
    version, modified, author, lower(hex("commit")) as "commit"
  from derived_artifacts join derived_versions using (kind, id)`;

/** The artifact index of a store, in the tables `derived_…`. */
export class SqliteArtifactIndex implements ArtifactIndex {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  at(): Oid | null {
    const row = this.#db.get<{ commit: OidColumn }>('select "commit" from derived_at');
    return row ? fromColumn(row.commit) : null;
  }

  generation(commit: Oid): number | undefined {
    const sql = 'select generation from derived_commits where oid = ?';
    return this.#db.get<{ generation: number }>(sql, oidToBytes(commit))?.generation;
  }

  apply({ at, removed, written, changes, handles, commits }: IndexStep): void {
    this.#db.transact(() => {
      for (const { oid, generation } of commits) {
        this.#db.run('insert into derived_commits values (?, ?) on conflict do nothing', oidToBytes(oid), generation);
      }
      for (const change of changes) this.#fold(change);
      for (const fact of handles) this.#foldHandle(fact);
      for (const path of removed) this.#db.run('delete from derived_artifacts where path = ?', path);
      for (const row of written) this.#write(row);
      this.#db.run('delete from derived_at');
      if (at) this.#db.run('insert into derived_at values (1, ?)', oidToBytes(at));
    });
  }

  clear(): void {
    this.#db.transact(() => {
      this.#db.run('delete from derived_commits');
      this.#db.run('delete from derived_artifacts');
      this.#db.run('delete from derived_versions');
      this.#db.run('delete from derived_handles');
      this.#db.run('delete from derived_at');
    });
  }

  list(filter: ArtifactFilter = {}): ArtifactEntry[] {
    const columns = (['kind', 'id', 'state'] as const).filter((column) => filter[column] !== undefined);
    const where = columns.length > 0 ? ` where ${columns.map((column) => `${column} = ?`).join(' and ')}` : '';
    const values = columns.map((column) => filter[column]);
    return this.#db.all(`${ENTRIES}${where} order by path`, ...values);
  }

  get(path: string): ArtifactEntry | undefined {
    return this.#db.get(`${ENTRIES} where path = ?`, path);
  }

  drafts(): ArtifactEntry[] {
    return this.#db.all(`${ENTRIES} where id glob '*-DRAFT-*' order by path`);
  }

  idOf(handle: string): string | undefined {
    const sql = 'select id from derived_handles where handle = ? order by generation desc, "commit" desc limit 1';
    return this.#db.get<{ id: string }>(sql, handle)?.id;
  }

  handlesOf(kind: ArtifactKind, id: string): string[] {
    const sql = 'select handle from derived_handles where kind = ? and id = ? order by handle';
    return this.#db.all<{ handle: string }>(sql, kind, id).map(({ handle }) => handle);
  }

  #write({ path, oid, kind, id, title, state }: ArtifactRow): void {
    this.#db.run(
      'insert or replace into derived_artifacts (path, oid, kind, id, title, state) values (?, ?, ?, ?, ?, ?)',
      path,
      oidToBytes(oid),
      kind,
      id,
      title,
      state,
    );
  }

  /** Counts a change, and keeps the one latest in history; the order in which changes come makes no difference. */
  #fold({ kind, id, generation, commit, modified, author }: ArtifactChange): void {
    const values = { kind, id, generation, commit: oidToBytes(commit), modified, author };
    this.#db.run(
      `insert into derived_versions (kind, id, version, generation, "commit", modified, author)
       values (@kind, @id, 1, @generation, @commit, @modified, @author)
       on conflict do update set version = version + 1`,
      values,
    );
    this.#db.run(
      `update derived_versions set generation = @generation, "commit" = @commit, modified = @modified, author = @author
       where kind = @kind and id = @id and (generation, "commit") < (@generation, @commit)`,
      values,
    );
  }

  /** Keeps the commit latest in history; the order in which commits come makes no difference. */
  #foldHandle({ kind, handle, id, generation, commit }: HandleFact): void {
    this.#db.run(
      `insert into derived_handles (kind, handle, id, generation, "commit") values (@kind, @handle, @id, @generation, @commit)
       on conflict do update set id = @id, generation = @generation, "commit" = @commit
       where (generation, "commit") < (@generation, @commit)`,
      { kind, handle, id, generation, commit: oidToBytes(commit) },
    );
  }
}
