import { SyncError } from '../core/errors.js';

const UNITS = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/**
 * Reads a point in time: a date (`2026-11-30`, with a time as in `2026-11-30T09:30` or a zone as in `2026-11-30T09:30Z`), or how long
 * ago it was (`90m`, `12h`, `7d`, `2w`). A date without a zone is that of this machine.
 *
 * @param now milliseconds since the epoch
 * @returns ISO 8601, in UTC
 * @throws {SyncError} `USAGE`
 */
export function parseSince(text: string, now: number): string {
  const [, amount, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text;
  const isDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?$/.test(date);
  const time = amount
    ? now - 1000 * Number(amount) * UNITS[unit as keyof typeof UNITS]
    : isDate
      ? Date.parse(date)
      : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new SyncError('USAGE', `--since is a date such as 2026-11-30, or a time ago such as 12h or 7d, not '${text}'`);
}
