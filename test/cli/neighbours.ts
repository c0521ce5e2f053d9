import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Shell } from './shell.js';

/** Folders beside each other, for people who share an origin in a file beside them. */
export function neighbours(t: Test, ...names: string[]): Shell[] {
  const root = mkdtempSync(join(tmpdir(), 'agent-cli-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  return names.map((name) => {
    const folder = join(root, name);
    mkdirSync(folder);
    return new Shell(t, { folder, env: { SUPABASE_USER: `${name} <${name}@example.org>` } });
  });
}

/** A line that somebody types, the exit code (0 unless given) and what it prints on either stream. */
export interface Step {
  readonly who: Shell;
  readonly line: string;
  readonly code?: number;
  readonly says?: readonly (string | RegExp)[];
}

/** Types lines one after the other, and checks what comes of each. */
export async function play(t: Test, steps: readonly Step[]): Promise<void> {
  for (const { who, line, code = 0, says = [] } of steps) {
    const ran = await who.run(line);
    t.equal(ran.code, code, line, { ...ran });
    for (const text of says) t.match(ran.out + ran.err, text, `${line}: ${text}`);
    if (code >= 128) t.equal(ran.out, '', `${line}: nothing on standard output`);
  }
}
