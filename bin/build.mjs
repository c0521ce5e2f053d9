/**
 * Builds `dist/`: the library and the tests with tsc, the validators with ajv, the command line with esbuild.
 */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' });

await import('./validators.mjs');

cpSync('lib/origin/sql', 'dist/lib/origin/sql', { recursive: true });
for (const file of ['bootstrap.sql', 'realtime.sql', 'auth/auth.sql']) {
  cpSync(`lib/origin/embedded/${file}`, `dist/lib/origin/embedded/${file}`);
}

await import('./bundle.mjs');
