/**
 * Stands for `lib/cli/run.js` in the bundled command: runs `program.cjs` with V8's code cache beside it, because compiling it
 * takes longer than most commands do. V8 takes a cache only from its own version, and otherwise compiles as ever.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/vm.html#new-vmscriptcode-options
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const filename = fileURLToPath(new URL('program.cjs', import.meta.url));
const program = new Script(readFileSync(filename, 'utf8'), { filename, cachedData: readCache() });
const module = { exports: {} };
program.runInThisContext()(module, createRequire(import.meta.url), import.meta);

export const { runCommand } = module.exports;

/** Keeps what V8 has compiled so far, for the next start. */
export function writeCache() {
  writeFileSync(`${filename}.cache.new`, program.createCachedData());
  renameSync(`${filename}.cache.new`, `${filename}.cache`);
}

function readCache() {
  try {
    return readFileSync(`${filename}.cache`);
  } catch {
    return undefined;
  }
}
