import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Account, findUnreachable } from './account.js';
import type { Dependencies, InstalledPackage } from './dependencies.js';

/** Paths of the programs, as the account that runs them can reach them. */
export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  readonly postgrest: string;
}

/** A symbolic link that npm packages cannot hold and PostgreSQL's libraries need, relative to the package. */
interface PackageLink {
  readonly source: string;
  readonly target: string;
}

/**
 * Answers where the programs are, after placing them below `folder` when they cannot be used where npm put them:
 * below a folder that the account may not enter, or without their links because npm ran with `--ignore-scripts`.
 */
export function placePrograms(
  packages: Pick<Dependencies, 'postgres' | 'postgrest'>,
  folder: string,
  account: Account | undefined,
): Programs {
  const postgres = place(
    packages.postgres,
    ['native/bin/postgres', 'native/bin/initdb', 'native/lib'],
    folder,
    account,
  );
  const postgrest = place(packages.postgrest, ['postgrest'], folder, account);
  return {
    initdb: join(postgres, 'native/bin/initdb'),
    postgres: join(postgres, 'native/bin/postgres'),
    postgrest: join(postgrest, 'postgrest'),
  };
}

function place(
  source: InstalledPackage,
  used: readonly string[],
  folder: string,
  account: Account | undefined,
): string {
  const real = realpathSync(source.folder);
  const links = packageLinks(real);
  const complete = links.every((link) => existsSync(join(real, link.target)));
  const reachable = used.every((path) => !account || !findUnreachable(join(real, path), account));
  if (complete && reachable) return real;

  const target = join(
    folder,
    `${real.slice(real.lastIndexOf('node_modules/') + 13).replace('/', '-')}-${source.version}`,
  );
  if (existsSync(target)) return target;
  const unfinished = `${target}.new`;
  mkdirSync(folder, { recursive: true });
  // The umask may close it to the account.
  chmodSync(folder, 0o755);
  rmSync(unfinished, { recursive: true, force: true });
  linkTree(real, unfinished);
  for (const link of links) {
    const path = join(unfinished, link.target);
    if (!existsSync(path)) symlinkSync(relative(dirname(path), join(unfinished, link.source)), path);
  }
  renameSync(unfinished, target);
  return target;
}

function packageLinks(folder: string): PackageLink[] {
  const file = join(folder, 'native/pg-symlinks.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PackageLink[]) : [];
}

/** A second set of names for the files, or copies where that is refused: they are 80 MB and never change. */
function linkTree(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isFile()) linkFile(source, target);
  }
}

function linkFile(source: string, target: string): void {
  const { mode } = statSync(source);
  const open = mode & 0o100 ? 0o755 : 0o644;
  if ((mode & open) === open) {
    try {
      linkSync(source, target);
      return;
    } catch {
      // Another file system, or a kernel that lets only the owner link: a copy does as well.
    }
  }
  copyFileSync(source, target);
  chmodSync(target, open);
}
