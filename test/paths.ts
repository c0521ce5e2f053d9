import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this repository, from wherever the compiled test runs. */
export const repoRoot = dirname(fileURLToPath(import.meta.resolve('agent-sync/package.json')));

/** A path in `../shared`, the material beside the repository; undefined where the repository stands alone. */
export function sharedPath(...names: string[]): string | undefined {
  const path = join(repoRoot, '..', 'shared', ...names);
  return existsSync(path) ? path : undefined;
}
