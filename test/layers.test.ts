/** Reads what the sources import and say, and holds them to the rooms of docs/architecture.md. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { repoRoot } from './paths.js';

/** What each room may import, besides itself. What is not named here is forbidden. */
const ARROWS: Record<string, readonly string[]> = {
  core: [],
  artifact: ['core'],
  config: ['core'],
  privacy: ['core'],
  telemetry: ['core'],
  store: ['core'],
  credentials: ['core'],
  worktree: ['core'],
  git: ['core'],
  origin: ['core'],
  repo: ['core', 'artifact', 'config', 'privacy'],
  cli: ['core', 'artifact', 'config', 'privacy', 'telemetry', 'repo', 'open.ts', 'open-login.ts', 'version.ts'],
  'open.ts': [
    'core',
    'config',
    'telemetry',
    'store',
    'worktree',
    'origin',
    'repo',
    'assemble.ts',
    'project.ts',
    'version.ts',
  ],
  'assemble.ts': [
    'core',
    'store',
    'worktree',
    'git',
    'origin',
    'repo',
    'connect.ts',
    'project.ts',
    'version.ts',
    'libraries.ts',
  ],
  'project.ts': ['core', 'config'],
  'open-login.ts': ['core', 'config', 'repo', 'open.ts', 'connect.ts', 'project.ts', 'version.ts'],
  'version.ts': [],
  'libraries.ts': ['privacy', 'require-now.ts'],
  'require-now.ts': [],
  'connect.ts': ['core', 'config', 'store', 'credentials', 'origin'],
  'index.ts': ['core', 'artifact', 'config', 'privacy', 'repo', 'open.ts', 'open-login.ts'],
  'testing.ts': ['core', 'origin'],
  bin: ['cli'],
};

/** Rooms that compute and nothing else: the same answer anywhere, at any time. */
const PURE_ROOMS = ['core', 'artifact', 'privacy', 'config'];
const IMPURE_NAMES = new Set([
  'Date',
  'performance',
  'process',
  'Buffer',
  'crypto',
  'fetch',
  'console',
  'globalThis',
  'setTimeout',
  'setInterval',
]);

const SQL =
  /\b(select\s[^.]+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|(create|alter|drop)\s+(table|index|view|function|policy|schema|role|trigger)\s|pragma\s+\w)/i;
const SQL_FOLDERS = ['lib/store/', 'lib/origin/sql/', 'lib/origin/embedded/'];

const VAGUE_NAMES = /^(utils?|helpers?|managers?|types|common|misc|shared)$/;
/** Where the package is entered. */
const ENTRIES = ['lib/index.ts', 'lib/core/index.ts'];

interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources = ['lib', 'bin'].flatMap((folder) =>
  readdirSync(join(repoRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((path) => /\.m?ts$/.test(path) && !path.endsWith('.d.ts'))
    .map(readSource),
);

function readSource(path: string): Source {
  const text = readFileSync(join(repoRoot, path), 'utf8');
  return { path, room: roomOf(path), text, imports: importsOf(path, text) };
}

/** The folder below lib/, or the file that stands there by itself; bin is a room of its own. */
function roomOf(path: string): string {
  const [top, name] = path.split('/');
  return top === 'bin' ? top : name!;
}

/** What a file imports, statically or not: paths from the root of the repository, or names of packages. */
function importsOf(path: string, text: string): string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith('.') ? join(dirname(path), fileName).replace(/\.js$/, '.ts') : fileName,
  );
}

/** Every node of a file. */
function* nodesOf({ path, text }: Source): Generator<ts.Node> {
  const pending: ts.Node[] = [ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)];
  for (let node = pending.pop(); node; node = pending.pop()) {
    yield node;
    node.forEachChild((child) => void pending.push(child));
  }
}

function lineOf(source: Source, node: ts.Node): string {
  const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
  return `${source.path}:${line + 1}`;
}

t.test('imports point one way', async (t) => {
  t.ok(sources.length > 50, 'the sources are found');
  t.strictSame(
    [...new Set(sources.map(({ room }) => room))].filter((room) => !(room in ARROWS)),
    [],
    'every room is known',
  );
  for (const [room, allowed] of Object.entries(ARROWS)) {
    const wrong = sources
      .filter((source) => source.room === room)
      .flatMap(({ path, imports }) =>
        imports
          .filter((name) => name.startsWith('lib/') || name.startsWith('bin/'))
          .filter((name) => roomOf(name) !== room && !allowed.includes(roomOf(name)))
          .map((name) => `${path} imports ${name}`),
      );
    t.strictSame(wrong, [], `${room} imports ${allowed.join(', ') || 'no other room'}`);
  }
});

t.test('no file imports itself by way of others', async (t) => {
  // Of the compiled files, in which imports of types are gone.
  const graph = new Map(
    sources
      .map(({ path }) => [path, `dist/${path.replace(/\.ts$/, '.js')}`] as const)
      .filter(([path, compiled]) => path.startsWith('lib/') && existsSync(join(repoRoot, compiled)))
      .map(([path, compiled]) => [path, importsOf(path, readFileSync(join(repoRoot, compiled), 'utf8'))]),
  );
  t.ok(graph.size > 50, 'the compiled files are found');
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path)) return;
    done.add(path);
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
  };
  for (const path of graph.keys()) visit(path, []);
  t.strictSame(circles, []);
});

t.test(`${PURE_ROOMS.join(', ')} are pure`, async (t) => {
  const pure = sources.filter(({ room }) => PURE_ROOMS.includes(room));
  const inputs = pure.flatMap(({ path, imports }) =>
    imports.filter((name) => name.startsWith('node:')).map((name) => `${path} imports ${name}`),
  );
  t.strictSame(inputs, [], 'they import nothing of Node');
  const impure = pure.flatMap((source) =>
    [...nodesOf(source)].filter(isImpure).map((node) => `${lineOf(source, node)} ${node.getText()}`),
  );
  t.strictSame(impure, [], 'they ask for no time, chance or surroundings');
});

function isImpure(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.getText() === 'Math.random';
  if (!ts.isIdentifier(node) || !IMPURE_NAMES.has(node.text)) return false;
  // A type, or the name of a property or of a declaration, asks nothing of anyone.
  const { parent } = node;
  return !ts.isTypeNode(parent) && !('name' in parent && parent.name === node);
}

t.test('SQL stands in the store and the origin only', async (t) => {
  const found = sources
    .filter(({ path }) => !SQL_FOLDERS.some((folder) => path.startsWith(folder)))
    .flatMap((source) =>
      [...nodesOf(source)]
        .filter((node) => (ts.isStringLiteral(node) || ts.isTemplateLiteral(node)) && SQL.test(node.getText()))
        .map((node) => `${lineOf(source, node)} ${node.getText().slice(0, 60)}`),
    );
  t.strictSame(found, []);
});

t.test('names say what is in a file', async (t) => {
  const names = sources.map(({ path }) => path);
  const vague = names.filter((path) =>
    path
      .replace(/\.m?ts$/, '')
      .split('/')
      .some((part) => VAGUE_NAMES.test(part)),
  );
  t.strictSame(vague, [], 'no utils, helpers, managers or types');
  const indexes = names.filter((path) => basename(path) === 'index.ts' && !ENTRIES.includes(path));
  t.strictSame(indexes, [], 'index.ts only where the package is entered');
  const defaults = sources.flatMap((source) =>
    [...nodesOf(source)].filter(isDefaultExport).map((node) => lineOf(source, node)),
  );
  t.strictSame(defaults, [], 'no default exports');
});

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}
