import type { CachedStat, FileStat } from './ports.js';

const SECOND = 1_000_000_000n;
/** The kernel stamps files with the time of its last tick, which is up to 10 ms (at 100 Hz) behind the clock. */
const TICK = 20_000_000n;

/**
 * Tells whether the bytes behind a cached stat are still those that it was cached for, without reading them.
 *
 * This holds only for stats that were settled when they were cached: see {@link isSettled}.
 */
export function isUnchanged(cached: CachedStat, file: FileStat): boolean {
  return (
    cached.size === file.size &&
    cached.mtimeNs === file.mtimeNs &&
    cached.ctimeNs === file.ctimeNs &&
    cached.ino === file.ino
  );
}

/**
 * Tells whether a stat may be cached: whether any later change to the file would give it another mtime.
 *
 * It would not if the file was last changed in the very tick in which it was read, since a second change in that tick
 * leaves the same stat. Git calls such an entry racy and, not knowing, compares its bytes each time; here it is not
 * cached, which comes to the same. File systems that count whole seconds, or even pairs of them, get two seconds.
 *
 * The clock is this machine's, so this is for local file systems: as is SQLite's WAL.
 *
 * @param since when reading began, in nanoseconds since the epoch: `startedAt` of the scan that gave `file`
 * @see gitformat-index(5), and git's Documentation/technical/racy-git.txt
 */
export function isSettled(file: FileStat, since: bigint): boolean {
  const coarse = file.mtimeNs % SECOND === 0n;
  return file.mtimeNs + (coarse ? 2n * SECOND : TICK) <= since;
}
