import { chmodSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';

/**
 * Replaces a text file outside `.agent/cache` in one step, keeping its permissions, and the link where it is one.
 *
 * What a killed process left beside it is written over by the next that tries.
 */
export function replaceTextFile(path: string, text: string): void {
  const before = statSync(path, { throwIfNoEntry: false });
  const target = before ? realpathSync(path) : path;
  const unfinished = `${target}.new`;
  writeFileSync(unfinished, text, { flush: true });
  if (before) chmodSync(unfinished, before.mode & 0o777);
  renameSync(unfinished, target);
}
