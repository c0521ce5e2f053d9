import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** As long as what is in them is good for something. */
const KEPT_MS = 3_600_000;

/** A message that the origin would have sent. */
export interface Message {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * Puts a message into the origin's mail folder, since there is nothing here that sends mail: a file each, for this account only.
 * Those from more than an hour ago go.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5322
 */
export function deliver(folder: string, { to, subject, text }: Message): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const now = new Date();
  for (const { file, at } of messageFiles(folder)) {
    if (at < now.getTime() - KEPT_MS) rmSync(file, { force: true });
  }
  const headers = [
    `Date: ${now.toUTCString()}`,
    'From: agent-sync@example.invalid',
    `To: ${to}`,
    `Subject: ${subject}`,
  ];
  const body = [...headers, 'Content-Type: text/plain; charset=utf-8', '', text, ''].join('\r\n');
  writeFileSync(join(folder, `${now.getTime()}-${randomUUID()}.eml`), body, { mode: 0o600, flag: 'wx' });
}

function messageFiles(folder: string): { file: string; at: number }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => join(folder, name))
    .map((file) => ({ file, at: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
}
