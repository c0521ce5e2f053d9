/** What a folder holds in the end, in a form in which two runs can be compared. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { decodeTree } from '../../lib/core/object/tree.js';
import type { ObjectType } from '../../lib/core/ports.js';
import { unpackBody } from '../../lib/store/body.js';
import { isTemporaryName } from '../../lib/worktree/temporary-file.js';

/** By file, or by store and table, what is there. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** Tables that say nothing of the state: bodies, which ids stand for, caches, and who did what, how often: a command and its repetition are two. */
const PASSED_OVER = new Set([
  'objects',
  'stat_cache',
  'sqlite_sequence',
  'unreachable',
  'operations',
  'operation_paths',
  'audit',
  'erasure_chains',
  'metrics',
]);
/** Which rows of a table tell of the state. */
const LESS: Readonly<Record<string, string>> = {
  // How far was fetched: the next fetch learns it.
  settings: "key <> 'remote.origin.sequence'",
  // A remote-tracking ref may come to its value by a push or by the fetch after it.
  reflog: "ref not like 'refs/remotes/%'",
};
/** Larger objects name nothing. */
const TELLING_BYTES = 100_000;
/** How much of a difference is shown. */
const LINE = 300;
/** Times, and numbers that only count rows. */
const ARBITRARY = new Set(['time', 'modified', 'queued_at', 'not_before', 'since']);
const COUNTERS = new Set(['entry', 'id', 'operation', 'sequence']);

/**
 * Takes a snapshot of a folder with projects and origins. Objects stand in it for what they say, commits for where they stand in history and not for
 * when they were made; actors for their names.
 *
 * @param elsewhere tables of an origin that is not in the folder
 */
export function takeSnapshot(folder: string, elsewhere: Readonly<Record<string, readonly string[]>> = {}): Snapshot {
  const stores = filesBelow(folder).filter((path) => path.endsWith('.db'));
  const opened = stores.map((path) => ({ path, db: new Database(join(folder, path)) }));
  try {
    const normalize = normalizer(opened.map(({ db }) => db));
    const snapshot: Record<string, unknown> = {};
    for (const path of filesBelow(folder)) {
      if (
        /\.db(-\w+|\.(before-restore|restoring)-.*)?$/.test(path) ||
        /\/\.git\/(index$|objects\/)/.test(path) ||
        isLeftOver(path)
      )
        continue;
      snapshot[normalize(path)] = normalize(readFileSync(join(folder, path)).toString('latin1'));
    }
    for (const path of filesBelow(folder).filter((path) => path.endsWith('.git/HEAD'))) {
      for (const look of GIT_LOOKS) snapshot[`${path} ${look}`] = gitSays(join(folder, path, '../..'), look);
    }
    for (const { path, db } of opened) {
      for (const [table, rows] of dumpTables(db))
        snapshot[`${path} ${table}`] = rows.map((row) => normalize(row)).sort();
    }
    for (const [table, rows] of Object.entries(elsewhere)) snapshot[table] = rows.map(normalize).sort();
    return snapshot;
  } finally {
    for (const { db } of opened) db.close();
  }
}

const GIT_LOOKS = ['fsck --strict --no-dangling', 'status --porcelain', 'rev-list --objects --all', 'show-ref'];

function gitSays(folder: string, line: string): string {
  try {
    return execFileSync('git', line.split(' '), { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    return String(error);
  }
}

/** Files that a killed process leaves, and others sweep when they are old. */
export function isLeftOver(path: string): boolean {
  return isTemporaryName(path.split('/').at(-1)!) || /\/tmp_pack_\d+(\.idx)?$/.test(path);
}

/** The differences between two snapshots, a line each. */
export function compareSnapshots(found: Snapshot, wanted: Snapshot): string[] {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
  return names.flatMap((name) => {
    const [is, should] = [found, wanted].map((snapshot) => JSON.stringify(snapshot[name]) ?? 'not there');
    return is === should ? [] : [`${name} is ${is!.slice(0, LINE)}, should be ${should!.slice(0, LINE)}`];
  });
}

/** Everything that must still be there after a kill: the ids of a folder's objects, by store. */
export function objectsOf(store: string): Set<string> {
  if (!existsSync(store)) return new Set();
  const db = new Database(store);
  try {
    const table = db.prepare("select 1 from sqlite_schema where name = 'objects'").get();
    return new Set(table ? (db.prepare('select hex(oid) from objects').pluck().all() as string[]) : []);
  } finally {
    db.close();
  }
}

/** Paths of all files, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function dumpTables(db: Database.Database): [string, string[]][] {
  const tables = db
    .prepare("select name from sqlite_schema where type = 'table' order by name")
    .pluck()
    .all() as string[];
  return tables
    .filter((name) => !PASSED_OVER.has(name))
    .map((name) => {
      const where = LESS[name] ?? 'true';
      const rows = db.prepare(`select * from ${name} where ${where}`).all() as Record<string, unknown>[];
      return [name, rows.map((row) => JSON.stringify(Object.entries(row).filter(isTelling), hex))];
    });
}

function isTelling([column, value]: readonly [string, unknown]): boolean {
  return !ARBITRARY.has(column) && !(COUNTERS.has(column) && typeof value === 'number');
}

function hex(_key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: string; data?: number[] };
  return type === 'Buffer' ? Buffer.from(data!).toString('hex') : value;
}

interface ObjectRow {
  readonly oid: string;
  readonly type: ObjectType;
  readonly body: Buffer;
  readonly size: number;
}

/** An object in which ids can be found. */
function textOf(type: ObjectType, body: Uint8Array): string {
  if (type !== 'tree') return Buffer.from(body).toString();
  return decodeTree(body)
    .map(({ mode, name, oid }) => `${mode} ${name} ${oid}\n`)
    .join('');
}

/** Replaces in a text what is different each time by what it stands for. */
function normalizer(stores: readonly Database.Database[]): (text: string) => string {
  const names = new Map<string, string>();
  const bodies = new Map<string, string>();
  for (const db of stores) {
    if (!db.prepare("select 1 from sqlite_schema where name = 'objects'").get()) continue;
    for (const { id, name } of db.prepare('select id, name from actors').all() as { id: string; name: string }[]) {
      names.set(id, name);
    }
    const objects = db
      .prepare('select hex(oid) as oid, type, body, size from objects where size < ?')
      .all(TELLING_BYTES);
    for (const { oid, type, body, size } of objects as ObjectRow[]) {
      bodies.set(oid.toLowerCase(), textOf(type, Buffer.from(unpackBody(body, size)!)));
    }
  }
  const shapes = new Map<string, string>();
  const shapeOf = (oid: string): string => {
    const known = shapes.get(oid);
    if (known) return known;
    const body = bodies.get(oid)!;
    // A tombstone names itself.
    shapes.set(oid, oid);
    const timeless = normalize(body).replace(/> \d+ [+-]\d{4}$/gm, '>');
    const isOrdinary = timeless === body;
    const shape = isOrdinary ? oid : `oid-${createHash('sha1').update(timeless).digest('hex').slice(0, 12)}`;
    shapes.set(oid, shape);
    return shape;
  };
  const normalize = (text: string): string =>
    text
      .replace(/[0-9a-f]{64}/g, 'fingerprint')
      .replace(/actor-[0-9a-f]{20}/g, (id) => names.get(id) ?? id)
      .replace(/[0-9a-f]{40}/g, (oid) => (bodies.has(oid) ? shapeOf(oid) : oid))
      .replace(/DRAFT-[0-9A-Z]{13}/g, 'DRAFT-*')
      .replace(/crash-\d+/g, 'crash-*')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}/g, 'uuid');
  return normalize;
}
