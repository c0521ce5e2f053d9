import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { importArtifacts, pull, push } from '../../../lib/index.js';
import { Developer } from '../../e2e/developer.js';

/** What somebody has on disk, by path; null for a file that is removed. */
export type Files = Readonly<Record<string, string | null>>;

/** Files before two people work on them, and what each makes of them. */
export interface Versions {
  readonly base: Files;
  readonly ours: Files;
  readonly theirs: Files;
}

/** Histories have to have a beginning in common, even if it is about something else. */
const ALONE: Files = { 'plans/ALONE/ALONE-001.md': '# ALONE-001: Alone\n\nStatus: PROPOSED\n' };

/** Ben, whose pull of Ada's work has stopped for conflicts; they share a file origin. */
export async function stoppedMerge(
  t: Test,
  { base, ours, theirs }: Versions,
): Promise<{ ada: Developer; ben: Developer }> {
  const [ada, ben] = [new Developer(t, 'ada'), new Developer(t, 'ben')];
  const origin = `file:${join(ada.root, 'origin.db')}`;
  const change = async (who: Developer, files: Files) => {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) rmSync(who.file(path));
      else who.write(path, text);
    }
    await who.run(importArtifacts);
  };
  await ada.init({ origin, project: 'stopped' });
  await change(ada, { ...ALONE, ...base });
  await ada.run(push);
  await ben.init({ origin, project: 'stopped' });
  await ben.run(pull);
  await change(ada, theirs);
  await ada.run(push);
  await change(ben, ours);
  const { merged } = await ben.run(pull);
  if (merged?.status !== 'conflicted') throw new Error(`the pull did not stop: ${merged?.status}`);
  return { ada, ben };
}
