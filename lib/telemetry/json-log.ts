import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../core/ports.js';
import type { WriteLog } from './observer.js';

/** How to log. */
export interface LogOptions {
  readonly level: LogLevel;
  /** Undefined for standard error. */
  readonly file: string | undefined;
  readonly cwd: string;
  /** What keys and tokens look like. */
  readonly secret: RegExp;
}

const STDERR = 2;
const HIDDEN = '(secret)';

/**
 * Opens a log of JSON lines. They are written as they come, so that who is killed has told what it did until then; several
 * processes may write to one file, and a line stays whole.
 *
 * @throws {Error} when the file cannot be written
 * @see https://getpino.io
 */
export function openLog({ level, file, cwd, secret }: LogOptions): { readonly write: WriteLog; close(): void } {
  if (file !== undefined) mkdirSync(dirname(resolve(cwd, file)), { recursive: true });
  const out = destination({
    dest: file === undefined ? STDERR : resolve(cwd, file),
    sync: true,
    append: true,
    mode: 0o600,
  });
  // Nobody reads any more, or the disk is full: the work goes on.
  out.on('error', () => {});
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (facts) => withoutSecrets(facts, secret),
      },
      redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`]), censor: HIDDEN },
    },
    out,
  );
  return {
    write: (at, message, facts) => logger[at](facts, message.replace(secret, HIDDEN)),
    close: () => {
      if (file !== undefined) out.end();
    },
  };
}

// Facts are an allow-list that knows none of these; this is for the day when that is wrong.
const SECRET_NAMES = [
  'key',
  'apikey',
  'token',
  'password',
  'secret',
  'authorization',
  'email',
  'name',
  'title',
  'body',
];

function withoutSecrets(facts: Record<string, unknown>, secret: RegExp): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(secret, HIDDEN) : value,
    ]),
  );
}
