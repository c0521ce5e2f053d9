import type { Oid } from '../core/object/oid.js';
import type { LogEntry } from '../repo/history/log.js';
import { plain } from './output.js';

/** The first seven digits of an object id. */
export function shorten(oid: Oid): string {
  return oid.slice(0, 7);
}

/** `abc1234..def5678`, or `abc1234` for a ref that is new. */
export function formatRange(from: Oid | null, to: Oid): string {
  return from === null ? shorten(to) : `${shorten(from)}..${shorten(to)}`;
}

/** A commit as `git log` prints it, without a final newline. */
export function formatCommit({ oid, parents, author, time, offset, message }: LogEntry): string {
  return [
    `commit ${oid}`,
    ...(parents.length > 1 ? [`Merge: ${parents.map(shorten).join(' ')}`] : []),
    `Author: ${plain(author)}`,
    `Date:   ${formatDate(time, offset)}`,
    '',
    ...plain(message)
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`.trimEnd()),
  ].join('\n');
}

/** A commit on one line. */
export function formatOneline({ oid, message }: LogEntry): string {
  return `${shorten(oid)} ${plain(message.split('\n', 1)[0]!)}`;
}

/**
 * A time as git's default date format has it, such as `Thu Nov 20 09:05:00 2025 +0100`.
 *
 * @param time seconds since the epoch
 * @param offset minutes east of UTC
 */
function formatDate(time: number, offset: number): string {
  const local = new Date((time + offset * 60) * 1000);
  const [weekday, day, month, year, clock] = local.toUTCString().replace(',', '').split(' ');
  const two = (n: number) => String(n).padStart(2, '0');
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  return `${weekday} ${month} ${Number(day)} ${clock} ${year} ${zone}`;
}
