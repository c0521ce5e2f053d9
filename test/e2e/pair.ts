import { join } from 'node:path';
import type { Test } from 'tap';
import { importArtifacts, pull, push } from '../../lib/index.js';
import { Developer, storyText } from './developer.js';

/** The two Stories that both have. */
export const STORY = 'stories/SYNC/SYNC-001-one.md';
export const OTHER = 'stories/SYNC/SYNC-002-two.md';

/** Two people who have the same two Stories from a file origin. */
export async function pair(t: Test): Promise<{ ada: Developer; ben: Developer }> {
  const ada = new Developer(t, 'ada');
  const ben = new Developer(t, 'ben');
  const origin = `file:${join(ada.root, 'origin.db')}`;
  await ada.init({ origin, project: 'pair' });
  ada.write(STORY, storyText('SYNC-001', 'One'));
  ada.write(OTHER, storyText('SYNC-002', 'Two'));
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.init({ origin, project: 'pair' });
  await ben.run(pull);
  return { ada, ben };
}

/** Edits a file and imports it: one commit. */
export async function commit(who: Developer, path: string, from: string, to: string): Promise<void> {
  who.edit(path, from, to);
  await who.run(importArtifacts);
}
