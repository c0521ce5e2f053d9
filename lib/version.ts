import { readFileSync } from 'node:fs';

/** The version in our package.json, found as any user of the package finds it. */
export function packageVersion(): string {
  const file = new URL(import.meta.resolve('agent-sync/package.json'));
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
