import { type BigIntStats, lstatSync } from 'node:fs';
import type { FileStat } from '../core/ports.js';

/** The part of a stat that tells a file from its later self. */
export function pickStat(stat: BigIntStats): FileStat {
  return { size: Number(stat.size), mtimeNs: stat.mtimeNs, ctimeNs: stat.ctimeNs, ino: stat.ino };
}

/** What lstat(2) says; undefined when nothing is there. */
export function lstat(absolute: string): BigIntStats | undefined {
  return lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
}
