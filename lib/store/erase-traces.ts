import { tombstoneOf } from '../core/erasure/tombstone.js';
import { type Oid, oidToBytes } from '../core/object/oid.js';
import { packBody } from './body.js';
import type { Connection } from './connection.js';

/** Texts that people are not asked for and that may name them all the same: the table's key, the table and the column. */
const TEXTS = [
  ['entry', 'reflog', 'message'],
  ['id', 'operations', 'command'],
  ['id', 'queue', 'failure'],
] as const;

/** What stands for a name in a text that had it. */
const ERASED = '[erased]';

/** Deletes the names of actors, and takes them out of every text that has one. Wants to be in a transaction. */
export function eraseNames(db: Connection, actors: ReadonlySet<string>): { names: number; texts: number } {
  const known = db.all<{ id: string; name: string; email: string }>('select id, name, email from actors');
  const gone = known.filter(({ id }) => actors.has(id));
  for (const { id } of gone) db.run('delete from actors where id = ?', id);
  const words = [...new Set(gone.flatMap(({ name, email }) => [email, name]))].filter((word) => word !== '');
  if (words.length === 0) return { names: gone.length, texts: 0 };
  const pattern = wholeWords(words);
  let texts = 0;
  for (const [key, table, column] of TEXTS) {
    const rows = db.all<{ key: number; text: string }>(
      `select ${key} as key, ${column} as text from ${table} where ${column} is not null`,
    );
    for (const { key: row, text } of rows) {
      const without = text.replace(pattern, ERASED);
      if (without !== text) texts += db.run(`update ${table} set ${column} = ? where ${key} = ?`, without, row);
    }
  }
  for (const { id, merge } of db.all<{ id: number; merge: string }>(
    'select id, merge from operations where merge is not null',
  )) {
    if (merge.search(pattern) >= 0) texts += closeOperations(db, 'id = ?', id);
  }
  texts += db.run("delete from settings where key = 'new.unfinished'");
  return { names: gone.length, texts };
}

/**
 * Replaces the contents of blobs, and forgets what was made of them. What nothing names then is left to a gc. Wants to be in a
 * transaction.
 */
export function eraseContents(
  db: Connection,
  blobs: ReadonlySet<Oid>,
): { erased: number; operations: number; resolutions: number } {
  if (blobs.size === 0) return { erased: 0, operations: 0, resolutions: 0 };
  let erased = 0;
  for (const oid of blobs) {
    const body = tombstoneOf(oid);
    const sql = "update objects set size = ?, body = ? where oid = ? and type = 'blob'";
    erased += db.run(sql, body.length, packBody(body), oidToBytes(oid));
    db.run('delete from stat_cache where oid = ?', oidToBytes(oid));
  }
  const { operations, resolutions } = forgetUndo(db);
  db.run("delete from settings where key = 'new.unfinished'");
  for (const table of ['derived_commits', 'derived_artifacts', 'derived_versions', 'derived_handles', 'derived_at']) {
    db.run(`delete from ${table}`);
  }
  return { erased, operations, resolutions };
}

/** What erased texts had in common with others shows in the images of conflicts, and in what undoing brings back. */
export function forgetUndo(db: Connection): { operations: number; resolutions: number } {
  const resolutions = db.run('delete from rerere');
  return { operations: closeOperations(db, 'unfollowed = 0'), resolutions };
}

/** Operations stay listed and cannot be undone; of what was asked only the command stays. */
function closeOperations(db: Connection, where: string, ...values: readonly unknown[]): number {
  const rows = db.all<{ id: number; command: string }>(
    `select id, command from operations where closed = 0 and ${where}`,
    ...values,
  );
  for (const { id, command } of rows) {
    const [verb = ''] = /^[a-z-]+( [a-z-]+)?(?= |$)/.exec(command) ?? [];
    db.run('update operations set closed = 1, command = ?, merge = null, base = null where id = ?', verb, id);
    db.run('update reflog set operation = null where operation = ?', id);
    db.run('delete from operation_paths where operation = ?', id);
  }
  return rows.length;
}

/** A name within a longer word is another word. */
function wholeWords(words: readonly string[]): RegExp {
  const any = words.map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|');
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, 'giu');
}
