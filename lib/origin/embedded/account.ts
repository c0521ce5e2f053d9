import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The user and group that PostgreSQL and PostgREST run as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account to step down to, since PostgreSQL refuses to run as root: the one that owns the database in `data`
 * already, else `postgres`, else `nobody`.
 *
 * @returns undefined when this process is not root; its children then run as it does
 */
export function stepDownAccount(data: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(data)) {
    const { uid, gid } = statSync(data);
    return { uid, gid };
  }
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const row = rows.find(([name]) => name === 'postgres') ?? rows.find(([name]) => name === 'nobody');
  return { uid: Number(row?.[2] ?? 65534), gid: Number(row?.[3] ?? 65534) };
}

/**
 * The first of `path` and the folders above it that `account` may not enter (folders) or read and run (`path`).
 *
 * @returns undefined when nothing stands in the way
 */
export function findUnreachable(path: string, account: Account): string | undefined {
  const above = dirname(path);
  const outer = above === path ? undefined : findUnenterable(above, account);
  return outer ?? (permits(path, account, 5) ? undefined : path);
}

/** The first of `folder` and the folders above it that `account` may not enter. */
export function findUnenterable(folder: string, account: Account): string | undefined {
  const above = dirname(folder);
  const outer = above === folder ? undefined : findUnenterable(above, account);
  return outer ?? (permits(folder, account, 1) ? undefined : folder);
}

/** `bits` as in a mode's last digit: 4 read, 1 execute or enter. */
function permits(path: string, account: Account, bits: number): boolean {
  const { mode, uid, gid } = statSync(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}
