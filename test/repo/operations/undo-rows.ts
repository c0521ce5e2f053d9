import { rmSync } from 'node:fs';
import {
  abortMerge,
  abortRebase,
  continueMerge,
  continueRebase,
  editArtifact,
  exportMarkdown,
  fetch,
  importArtifacts,
  mergeCommit,
  pull,
  pullRebase,
  push,
  type Repository,
  removeArtifact,
  resolveAll,
  resolveConflict,
  restoreOperation,
  setState,
  skipCommit,
  undo,
} from '../../../lib/index.js';
import { type Developer, storyText } from '../../e2e/developer.js';
import { commit, OTHER, STORY } from '../../e2e/pair.js';

/** A kind of command that changes something. */
export interface Row {
  readonly name: string;
  /** What has to be there before. */
  readonly given?: (ben: Developer, ada: Developer) => Promise<unknown>;
  readonly command: (repo: Repository) => unknown;
}

const LINES = ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', 'Seven.', 'Eight.', 'Nine.'];
/** Two places far from each other. */
export const LONG = storyText('SYNC-001', 'One', LINES);

/** Both work on the same Story, which has two places far from each other. */
async function long(ben: Developer, ada: Developer): Promise<void> {
  ada.write(STORY, LONG);
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run(pull);
}

/** What Ada changes and pushes. */
export async function theirs(
  ada: Developer,
  ...edits: (readonly [path: string, from: string, to: string])[]
): Promise<void> {
  for (const [path, from, to] of edits) await commit(ada, path, from, to);
  await ada.run(push);
}

/** Both changed the same lines, in two places. */
export async function conflicting(ben: Developer, ada: Developer): Promise<void> {
  await long(ben, ada);
  await theirs(
    ada,
    [STORY, 'One.', 'One, by Ada.'],
    [STORY, 'Nine.', 'Nine, by Ada.'],
    [OTHER, 'Two.', 'Two, by Ada.'],
  );
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  await commit(ben, STORY, 'Nine.', 'Nine, by Ben.');
}

async function stopped(ben: Developer, ada: Developer): Promise<void> {
  await conflicting(ben, ada);
  await ben.run(pull);
}

async function settled(ben: Developer, ada: Developer): Promise<void> {
  await stopped(ben, ada);
  await ben.run((repo) => resolveAll(repo, 'union'));
}

async function stoppedRebase(ben: Developer, ada: Developer): Promise<void> {
  await conflicting(ben, ada);
  await ben.run(pullRebase);
}

async function settledStep(ben: Developer, ada: Developer): Promise<void> {
  await stoppedRebase(ben, ada);
  await ben.run((repo) => resolveAll(repo, 'union'));
}

/** One for each kind of command. */
export const ROWS: readonly Row[] = [
  {
    name: 'an import of an edit, a new and a removed file',
    given: async (ben) => {
      ben.edit(STORY, 'One.', 'One, by Ben.');
      ben.write('plans/SYNC/SYNC-003-three.md', '# SYNC-003: Three\n');
      rmSync(ben.file(OTHER));
    },
    command: (repo) => importArtifacts(repo),
  },
  {
    name: 'an import of one file of two',
    given: async (ben) => {
      ben.edit(STORY, 'One.', 'One, by Ben.');
      ben.edit(OTHER, 'One.', 'One, by Ben.');
    },
    command: (repo) => importArtifacts(repo, { paths: [STORY] }),
  },
  {
    name: 'an import of a document that is not on disk',
    command: (repo) =>
      importArtifacts(repo, {
        document: { path: 'plans/SYNC/SYNC-009-nine.md', bytes: Buffer.from('# SYNC-009: Nine\n') },
      }),
  },
  {
    name: 'an import that merges',
    given: async (ben) => {
      const before = ben.read(STORY);
      const base = ben.read('.agent-sync-base');
      await commit(ben, OTHER, 'One.', 'One, by Ben.');
      ben.write(OTHER, storyText('SYNC-002', 'Two'));
      ben.write(STORY, before.replace('Five.', 'Five, by Ben.'));
      ben.write('.agent-sync-base', base);
    },
    command: (repo) => importArtifacts(repo),
  },
  {
    name: 'an import that stops for conflicts',
    given: async (ben) => {
      const base = ben.read('.agent-sync-base');
      await commit(ben, STORY, 'One.', 'One, by Ben.');
      ben.edit(STORY, 'One, by Ben.', 'One, otherwise.');
      ben.write('.agent-sync-base', base);
    },
    command: (repo) => importArtifacts(repo),
  },
  { name: 'an edit', command: (repo) => editArtifact(repo, 'SYNC-001', Buffer.from(LONG)) },
  { name: 'a state', command: (repo) => setState(repo, 'SYNC-001', 'COMMITTED') },
  { name: 'a removal', command: (repo) => removeArtifact(repo, 'SYNC-002') },
  { name: 'a fetch', given: (_, ada) => theirs(ada, [STORY, 'One.', 'One, by Ada.']), command: (repo) => fetch(repo) },
  {
    name: 'a pull that moves forward',
    given: (_, ada) => theirs(ada, [STORY, 'One.', 'One, by Ada.']),
    command: (repo) => pull(repo),
  },
  {
    name: 'a merge that moves forward after a fetch',
    given: async (ben, ada) => {
      await theirs(ada, [STORY, 'One.', 'One, by Ada.']);
      await ben.run(fetch);
    },
    command: (repo) => mergeCommit(repo, repo.store.refs.get('refs/remotes/origin/main')!, { label: 'origin/main' }),
  },
  {
    name: 'a pull that merges',
    given: async (ben, ada) => {
      await theirs(ada, [STORY, 'One.', 'One, by Ada.']);
      await commit(ben, OTHER, 'One.', 'One, by Ben.');
    },
    command: (repo) => pull(repo),
  },
  { name: 'a pull that stops for conflicts', given: conflicting, command: (repo) => pull(repo) },
  {
    name: 'an answer to one hunk',
    given: stopped,
    command: (repo) => resolveConflict(repo, 'SYNC-001', { hunks: new Map([[1, 'ours']]) }),
  },
  {
    name: 'an answer to a whole conflict',
    given: stopped,
    command: (repo) => resolveConflict(repo, 'SYNC-001', 'theirs'),
  },
  {
    name: 'an answer that was given by hand',
    given: async (ben, ada) => {
      await stopped(ben, ada);
      ben.write(STORY, LONG.replace('One.', 'One, by both.'));
    },
    command: (repo) => resolveConflict(repo, 'SYNC-001', 'disk'),
  },
  { name: 'the end of a merge', given: settled, command: (repo) => continueMerge(repo) },
  { name: 'an abort', given: settled, command: (repo) => abortMerge(repo) },
  {
    name: 'a rebase that goes through',
    given: async (ben, ada) => {
      await theirs(ada, [STORY, 'One.', 'One, by Ada.']);
      await commit(ben, OTHER, 'One.', 'One, by Ben.');
      await commit(ben, OTHER, 'Two.', 'Two, by Ben.');
    },
    command: (repo) => pullRebase(repo),
  },
  { name: 'a rebase that stops', given: conflicting, command: (repo) => pullRebase(repo) },
  { name: 'a step of a rebase, on to the next stop', given: settledStep, command: (repo) => continueRebase(repo) },
  {
    name: 'the last step of a rebase',
    given: async (ben, ada) => {
      await settledStep(ben, ada);
      await ben.run(continueRebase);
      await ben.run((repo) => resolveAll(repo, 'theirs'));
    },
    command: (repo) => continueRebase(repo),
  },
  { name: 'a skipped step', given: stoppedRebase, command: (repo) => skipCommit(repo) },
  { name: 'an aborted rebase', given: settledStep, command: (repo) => abortRebase(repo) },
  {
    name: 'an export of a file that was removed',
    given: async (ben) => rmSync(ben.file(STORY)),
    command: (repo) => exportMarkdown(repo),
  },
  {
    name: 'an undo',
    given: (ben) => ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED')),
    command: (repo) => undo(repo),
  },
  {
    name: 'an op restore over a pull, an answer and the end of the merge',
    given: async (ben, ada) => {
      await settled(ben, ada);
      await ben.run(continueMerge);
    },
    command: (repo) => restoreOperation(repo, 2),
  },
];
