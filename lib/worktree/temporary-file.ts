import { lstatSync, rmSync } from 'node:fs';

const TEMPORARY_NAME = /^\.agent-sync-[0-9a-f-]{36}\.tmp$/;
/** A write takes milliseconds; what is this old was left by a process that was killed. */
const STALE_MS = 10 * 60 * 1000;

/** A new name for a file on its way to its place; hidden, so that no scan takes it for an artifact. */
export function temporaryName(): string {
  return `.agent-sync-${crypto.randomUUID()}.tmp`;
}

/** Tells whether {@link temporaryName} made this name. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** Removes a temporary file that a killed process left behind; one in use, or not ours to remove, stays. */
export function sweepTemporaryFile(absolute: string, now: number): void {
  const stat = lstatSync(absolute, { throwIfNoEntry: false });
  if (!stat?.isFile() || now - stat.mtimeMs < STALE_MS) return;
  try {
    rmSync(absolute, { force: true });
  } catch {
    // In a folder that we may not write it does no harm, and the next scan tries again.
  }
}
