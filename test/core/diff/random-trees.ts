import type { FileMode } from '../../../lib/core/object/tree.js';
import type { random } from '../../fuzz.js';
import { randomEdit } from './random-edit.js';

/** Files of a tree, each with its mode. */
export type TreeFiles = Record<string, readonly [FileMode, string | Uint8Array]>;

/**
 * Two versions of a tree: files that stay, move, are edited or both, get another mode or type, come and go; texts, binary
 * and empty ones, in folders and with names that need quotes.
 */
export function randomTrees(next: ReturnType<typeof random>): { before: TreeFiles; after: TreeFiles } {
  const pick = <T>(items: readonly T[]): T => items[next(items.length)]!;
  const folder = () => pick(['', '', 'plans/', 'plans/INFRA/', 'stories/', 'a b/', 'é/']);
  const name = () => pick(['a.md', 'b.md', 'c.md', 'INFRA-1.md', 'INFRA-2.md', 'with blank', 'ü', '"', 'plans']);
  const mode = (): FileMode => pick(['100644', '100644', '100644', '100644', '100755', '120000']);
  const contents = (): [string | Uint8Array, string | Uint8Array] => {
    const [text, edited] = randomEdit(next);
    if (next(8) === 0) return [Buffer.from(`${text}\0`), Buffer.from(`${edited}\0`)];
    return next(12) === 0 ? ['', pick(['', edited])] : [text, edited];
  };
  const before: TreeFiles = {};
  const after: TreeFiles = {};
  for (let i = next(8); i >= 0; i--) {
    const [path, kind, [old, now]] = [folder() + name(), mode(), contents()];
    const goes = next(5);
    if (goes !== 0) before[path] = [kind, old];
    if (goes === 1) continue;
    const place =
      next(2) === 0 ? path : pick([path.replace(/[^/]*$/, name()), path.replace(/^.*\//, folder()), folder() + name()]);
    after[place] = [next(4) === 0 ? mode() : kind, next(3) === 0 ? old : now];
  }
  return { before: withoutClashes(before), after: withoutClashes(after) };
}

/** A path cannot be a file and a folder. */
function withoutClashes(files: TreeFiles): TreeFiles {
  const paths = Object.keys(files);
  return Object.fromEntries(
    Object.entries(files).filter(([path]) => !paths.some((other) => other.startsWith(`${path}/`))),
  );
}
