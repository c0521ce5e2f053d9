import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../../../lib/index.js';

/** All that an undo has to bring back: refs, the merge in progress, and every byte below `.agent/cache` but the store's. */
export interface Everything {
  readonly refs: Readonly<Record<string, string>>;
  readonly merge: unknown;
  readonly files: Readonly<Record<string, string>>;
  readonly index: readonly unknown[];
}

/** Reads all of it. */
export function everything({ root, store }: Repository): Everything {
  const cache = join(root, '.agent/cache');
  const names = existsSync(cache) ? readdirSync(cache, { recursive: true, withFileTypes: true }) : [];
  const files = names
    .filter((entry) => entry.isFile() && !entry.name.startsWith('agent.db'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return {
    refs: Object.fromEntries(store.refs.list()),
    merge: store.merge.get() ?? null,
    files: Object.fromEntries(files.map((path) => [path.slice(cache.length + 1), readFileSync(path, 'latin1')])),
    index: store.index.list(),
  };
}
