/** Two people, their conflicts, and what somebody at a terminal sees and types; the origin is a file unless said otherwise. */
import { join } from 'node:path';
import type { Test } from 'tap';
import { importArtifacts, pull, push, removeArtifact } from '../../lib/index.js';
import { Terminal } from '../cli/terminal.js';
import { Developer, storyText } from './developer.js';

export const STORY = 'stories/SHOP/SHOP-001-cart.md';
export const GONE = 'stories/SHOP/SHOP-002-old.md';
export const LINES = ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', 'Seven.'];

/** Two people who share an origin. */
export interface Team {
  readonly ada: Developer;
  readonly bob: Developer;
}

/**
 * Ada and Bob, who is about to meet two hunks in one Story, and another Story that Ada removed and he changed.
 *
 * @param yaml what Bob adds to his sync.yaml
 */
export async function aboutToConflict(t: Test, yaml = ''): Promise<Team> {
  const [ada, bob] = ['ada', 'bob'].map((name) => new Developer(t, name)) as [Developer, Developer];
  return prepareConflicts({ ada, bob }, `file:${join(ada.root, 'origin.db')}`, yaml);
}

/** The same for a team and an origin of one's own. */
export async function prepareConflicts({ ada, bob }: Team, origin: string, yaml = ''): Promise<Team> {
  await ada.init({ origin, project: 'shop' });
  ada.write(STORY, storyText('SHOP-001', 'Cart', LINES));
  ada.write(GONE, storyText('SHOP-002', 'Old'));
  await ada.run(importArtifacts);
  await ada.run(push);
  await bob.init({ origin, project: 'shop' });
  bob.configure(yaml);
  await bob.run(pull);

  changeStory(ada, STORY, 'Ada');
  await ada.run(importArtifacts);
  await ada.run((repo) => removeArtifact(repo, 'SHOP-002'));
  await ada.run(push);
  changeStory(bob, STORY, 'Bob');
  bob.edit(GONE, 'Three.', 'Three, by Bob.');
  await bob.run(importArtifacts);
  return { ada, bob };
}

export function changeStory(who: Developer, path: string, name: string): void {
  who.edit(path, 'One.', `One, by ${name}.`);
  who.edit(path, 'Seven.', `Seven, by ${name}.`);
}

export function terminal(t: Test, who: Developer, line: string, env: Record<string, string> = {}): Terminal {
  return new Terminal(t, line, { cwd: who.root, env: { ...who.env, ...env } });
}

/** A question by what is shown of it, and what is typed, with Enter. */
export type Row = readonly [question: string, key: string];

export const FIRST = 'story/SHOP-001 Cart: hunk 1 of 2, conflict 1 of 2';
export const SECOND = 'story/SHOP-001 Cart: hunk 2 of 2, conflict 1 of 2';
export const THIRD = 'story/SHOP-002 Old: conflict 2 of 2';
export const COMMIT = 'Commit the merge?';
export const GO_ON = 'Go on with the rebase?';

/** What Ctrl-C types. */
export const CTRL_C = '\x03';

/** What Ctrl-D types: the end of all input. */
export const CTRL_D = '\x04';

export async function answer(at: Terminal, rows: readonly Row[]): Promise<void> {
  for (const [question, key] of rows) {
    await at.sees(question);
    await at.answers(promptOf(question), [CTRL_C, CTRL_D].includes(key) ? key : `${key}\r`);
  }
}

/** The prompt is shown again with each key, so that waiting for it alone would find the last one. */
function promptOf(question: string): string {
  if (question === COMMIT || question === GO_ON) return '(ynp';
  return question.includes('hunk') ? 'Which lines?' : question.includes('conflict') ? 'Which version?' : '';
}
