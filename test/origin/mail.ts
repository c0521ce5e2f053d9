import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The messages in an origin's mail folder to an address, the newest first. */
export function mailsTo(folder: string, address: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .reverse()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((message) => message.includes(`\r\nTo: ${address}\r\n`));
}

/** The one-time code that was sent to an address last. */
export function lastCode(folder: string, address: string): string {
  return /\b\d{6}\b/.exec(mailsTo(folder, address)[0]?.split('\r\n\r\n')[1] ?? '')?.[0] ?? 'none';
}
