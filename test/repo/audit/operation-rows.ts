import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  abortMerge,
  abortRebase,
  backup,
  continueMerge,
  continueRebase,
  doctor,
  dropIntent,
  editArtifact,
  enqueue,
  exportGit,
  exportMarkdown,
  fetch,
  gc,
  importArtifacts,
  mergeCommit,
  newArtifact,
  newDraft,
  pull,
  pullRebase,
  push,
  pushWithPull,
  type Repository,
  rebase,
  removeArtifact,
  resolveAll,
  restoreOperation,
  runQueue,
  setMember,
  setState,
  undo,
  watch,
} from '../../../lib/index.js';
import { type Developer, storyText } from '../../e2e/developer.js';
import { commit, OTHER, STORY } from '../../e2e/pair.js';

/** Somebody else's commit at the origin, and one of Ada's that conflicts with it. */
async function conflicting(ada: Developer, ben: Developer) {
  await commit(ben, STORY, 'Two.', 'Two by Ben.');
  await ben.run(push);
  await commit(ada, STORY, 'Two.', 'Two by Ada.');
}

const HEAD = 'refs/heads/main';
const ORIGIN = 'refs/remotes/origin/main';

/** An operation, and the entry that it has. */
export interface Row {
  readonly given?: (ada: Developer, ben: Developer) => Promise<unknown>;
  readonly when: (repo: Repository, ada: Developer) => unknown;
  readonly entry: string;
  /** The refs that move. */
  readonly moves?: readonly string[];
}

const ahead = (_: Developer, ben: Developer) => commit(ben, OTHER, 'Two.', 'Two by Ben.').then(() => ben.run(push));
/** A commit of Ada's own. */
export const own = (ada: Developer) => commit(ada, STORY, 'Two.', 'Two by Ada.');
const stopped = async (ada: Developer, ben: Developer) => {
  await conflicting(ada, ben);
  await ada.run(pull);
};
const stoppedRebase = async (ada: Developer, ben: Developer) => {
  await conflicting(ada, ben);
  await ada.run((repo) => pullRebase(repo));
};
const resolved = (given: typeof stopped) => async (ada: Developer, ben: Developer) => {
  await given(ada, ben);
  await ada.run((repo) => resolveAll(repo, 'ours'));
};
const originMain = ({ store }: Repository) => store.refs.get(ORIGIN)!;
const offline = async (ada: Developer) => {
  await own(ada);
  rmSync(join(ada.root, 'origin.db'));
};

/** Every sync operation, well and not. */
export const ROWS: readonly Row[] = [
  {
    given: async (ada) => ada.write(STORY, storyText('SYNC-001', 'Changed')),
    when: (repo) => importArtifacts(repo),
    entry: 'import: imported',
    moves: [HEAD],
  },
  { when: (repo) => importArtifacts(repo), entry: 'import: unchanged' },
  { when: (repo) => exportMarkdown(repo), entry: 'export: exported' },
  { when: (repo, ada) => exportMarkdown(repo, join(ada.root, 'elsewhere')), entry: 'export --to: exported' },
  { when: (repo, ada) => exportGit(repo, join(ada.root, 'git')), entry: 'export --git: exported' },
  { when: (repo) => fetch(repo), entry: 'fetch: up-to-date' },
  { given: ahead, when: (repo) => fetch(repo), entry: 'fetch: fetched', moves: [ORIGIN] },
  { given: ahead, when: (repo) => pull(repo), entry: 'pull: fast-forward', moves: [HEAD, ORIGIN] },
  { given: conflicting, when: (repo) => pull(repo), entry: 'pull: conflicted', moves: [ORIGIN] },
  {
    given: async (ada, ben) => {
      await ahead(ada, ben);
      await own(ada);
    },
    when: (repo) => pullRebase(repo),
    entry: 'pull --rebase: rebased',
    moves: [HEAD, ORIGIN],
  },
  { given: own, when: (repo) => push(repo), entry: 'push: pushed', moves: [ORIGIN] },
  { when: (repo) => push(repo), entry: 'push: up-to-date' },
  {
    given: async (ada, ben) => {
      await ahead(ada, ben);
      await own(ada);
    },
    when: (repo) => push(repo),
    entry: 'push: rejected',
  },
  {
    given: async (ada, ben) => {
      await ahead(ada, ben);
      await own(ada);
    },
    when: (repo) => pushWithPull(repo),
    entry: 'push: pushed',
    moves: [HEAD, ORIGIN],
  },
  { given: offline, when: (repo) => push(repo), entry: 'push: failed ORIGIN_UNREACHABLE' },
  {
    given: async (ada, ben) => {
      await ahead(ada, ben);
      await ada.run((repo) => fetch(repo));
    },
    when: (repo) => mergeCommit(repo, originMain(repo), { label: 'origin/main' }),
    entry: 'merge: fast-forward',
    moves: [HEAD],
  },
  { given: stopped, when: (repo) => pull(repo), entry: 'pull: failed MERGE_IN_PROGRESS' },
  { given: stopped, when: (repo) => resolveAll(repo, 'ours'), entry: 'resolve: done' },
  { given: stopped, when: (repo) => continueMerge(repo), entry: 'merge --continue: failed MERGE_UNRESOLVED' },
  { given: resolved(stopped), when: (repo) => continueMerge(repo), entry: 'merge --continue: done', moves: [HEAD] },
  { given: stopped, when: (repo) => abortMerge(repo), entry: 'merge --abort: done' },
  { when: (repo) => abortMerge(repo), entry: 'merge --abort: failed MERGE_NOT_IN_PROGRESS' },
  {
    given: async (ada, ben) => {
      await ahead(ada, ben);
      await own(ada);
      await ada.run((repo) => fetch(repo));
    },
    when: (repo) => rebase(repo, originMain(repo), { label: 'origin/main' }),
    entry: 'rebase: rebased',
    moves: [HEAD],
  },
  { given: stoppedRebase, when: (repo) => abortRebase(repo), entry: 'rebase --abort: done' },
  {
    given: resolved(stoppedRebase),
    when: (repo) => continueRebase(repo),
    entry: 'rebase --continue: rebased',
    moves: [HEAD],
  },
  { given: own, when: (repo) => undo(repo), entry: 'undo: undone', moves: [HEAD] },
  {
    given: own,
    when: (repo) => restoreOperation(repo, repo.store.operations.list({ limit: 2 })[1]!.id),
    entry: 'op restore: restored',
    moves: [HEAD],
  },
  {
    when: (repo) => newArtifact(repo, { kind: 'story', title: 'Secret title', prefix: 'SYNC' }),
    entry: 'new story: pushed',
    moves: [HEAD, ORIGIN],
  },
  {
    when: (repo) => newDraft(repo, { kind: 'plan', title: 'Secret title', prefix: 'SYNC' }),
    entry: 'new plan --draft: committed',
    moves: [HEAD],
  },
  {
    when: (repo) => editArtifact(repo, 'SYNC-001', Buffer.from(storyText('SYNC-001', 'Secret title'))),
    entry: 'edit: committed',
    moves: [HEAD],
  },
  { when: (repo) => setState(repo, 'SYNC-001', 'READY'), entry: 'set-state: failed ARTIFACT_INVALID' },
  { when: (repo) => setState(repo, 'SYNC-001', 'COMMITTED'), entry: 'set-state: committed', moves: [HEAD] },
  { when: (repo) => removeArtifact(repo, 'SYNC-001'), entry: 'rm: committed', moves: [HEAD] },
  { when: (repo) => setMember(repo, 'somebody', 'reader'), entry: 'set-member: failed ORIGIN_REFUSED' },
  { when: (repo) => gc(repo), entry: 'gc: done' },
  { when: (repo) => doctor(repo, { fix: true }), entry: 'doctor --fix: done' },
  { when: (repo, ada) => backup(repo, join(ada.root, 'copy.db')), entry: 'backup: done' },
  {
    given: (ada) => own(ada).then(() => ada.run((repo) => enqueue(repo, { do: 'push' }))),
    when: (repo) => runQueue(repo, { occasion: 'run' }),
    entry: 'queue run: done',
    moves: [ORIGIN],
  },
  {
    given: (ada) => ada.run((repo) => enqueue(repo, { do: 'push' })),
    when: (repo) => dropIntent(repo, repo.store.queue.list()[0]!.id),
    entry: 'queue drop: done',
  },
  {
    given: ahead,
    when: async (repo) => {
      for await (const _ of watch(repo, { once: true })) break;
    },
    entry: 'watch: fetched',
    moves: [ORIGIN],
  },
];
