/** What one of many does at random to a project: one operation, as a command line would do it. */
import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  abortMerge,
  continueMerge,
  fetch,
  importArtifacts,
  listArtifacts,
  newArtifact,
  newDraft,
  openRepository,
  pull,
  push,
  pushWithPull,
  type Repository,
  removeArtifact,
  resolveAll,
  SyncError,
  setState,
} from '../../lib/index.js';

/** Numbers from 0 up to, not including, a limit. */
export type Dice = (limit: number) => number;

/** Where somebody works, and as whom. */
export interface Member {
  readonly name: string;
  readonly root: string;
  readonly env: Record<string, string>;
}

/** What an operation did. */
export interface Done {
  readonly what: string;
  /** The commit that the caller was told of. */
  readonly commit?: string;
  /** What the commit brought, a word that no other operation writes; only where the caller was told of the commit. */
  readonly word?: string;
}

type Operation = (repo: Repository, dice: Dice, word: string) => Promise<Done>;

const STATES = ['DRAFT', 'REVIEW_NEEDED', 'ACCEPTED', 'ICEBOX'];
/** What a person might be told, and would take for an answer. */
const ANSWERS = new Set(['ARTIFACT_UNKNOWN', 'ARTIFACT_AMBIGUOUS', 'ARTIFACT_INVALID', 'MERGE_IN_PROGRESS']);

const edit: Operation = async (repo, dice, word) => {
  const path = pickFile(repo, dice);
  if (path === undefined) return { what: 'edit nothing' };
  const lines = Buffer.from(repo.worktree.read(path)).toString().split('\n');
  // Below the title; the state is for `set-state`.
  const at = Math.min(lines.length - 1, 6 + dice(Math.max(1, lines.length - 7)));
  lines.splice(at, dice(2), `Written as ${word}.`);
  repo.worktree.write(path, Buffer.from(lines.join('\n')));
  return described(`edit ${path}`, await importAll(repo), word);
};

const rename: Operation = async (repo, dice, word) => {
  const path = pickFile(repo, dice);
  const id = path && /^[A-Z]+-\d+/.exec(path.split('/').at(-1)!)?.[0];
  if (!id) return { what: 'rename nothing' };
  const to = `${dirname(path)}/${id}-${word}.md`;
  renameSync(join(repo.worktree.root, path), join(repo.worktree.root, to));
  return described(`rename ${path} to ${to}`, await importAll(repo));
};

const changeState: Operation = async (repo, dice) => {
  const path = pickArtifact(repo, dice);
  if (path === undefined) return { what: 'set no state' };
  const state = STATES[dice(STATES.length)]!;
  const result = await setState(repo, path, state);
  return { what: `set ${path} to ${state}: ${result.status}`, ...('commit' in result && { commit: result.commit }) };
};

const remove: Operation = async (repo, dice) => {
  if (listArtifacts(repo).length < 6) return { what: 'remove nothing' };
  const path = pickArtifact(repo, dice)!;
  const result = await removeArtifact(repo, path);
  return { what: `remove ${path}: ${result.status}`, ...('commit' in result && { commit: result.commit }) };
};

const create: Operation = async (repo, _, word) => {
  const { id, commit, push } = await newArtifact(repo, { kind: 'story', title: `Made as ${word}`, prefix: 'CROWD' });
  return { what: `make ${id}: ${push.status}`, commit };
};

const draft: Operation = async (repo, _, word) => {
  const { id, commit } = await newDraft(repo, { kind: 'story', title: `Drafted as ${word}`, prefix: 'CROWD' });
  return { what: `draft ${id}`, commit };
};

const send: Operation = async (repo) => ({ what: `push: ${(await push(repo)).status}` });
const sendAnyway: Operation = async (repo) => ({ what: `push with pull: ${(await pushWithPull(repo)).status}` });
const receive: Operation = async (repo) => ({ what: `fetch: ${(await fetch(repo)).received} objects` });

const bringIn: Operation = async (repo) => {
  const { merged } = await pull(repo);
  return { what: `pull: ${merged?.status}`, ...(merged?.status === 'merged' && { commit: merged.to }) };
};

/** Each as often as it stands here. */
const OPERATIONS: readonly Operation[] = [
  ...[edit, edit, edit, edit, edit, edit, rename, changeState, changeState, remove],
  ...[create, create, draft, send, send, sendAnyway, bringIn, bringIn, bringIn, receive],
];

/**
 * Does one operation drawn by lot; where a merge waits, it settles that.
 *
 * @param word what this operation writes, if it writes; nobody else ever writes it
 */
export async function operate(member: Member, dice: Dice, word: string): Promise<Done> {
  const operation = OPERATIONS[dice(OPERATIONS.length)]!;
  const repo = await openRepository(member.root, { env: member.env });
  try {
    if (repo.store.merge.get()) return await settle(repo, dice);
    return await operation(repo, dice, word);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    if (error.code === 'LOCAL_CHANGES') return described('import first', await importAll(repo));
    if (!ANSWERS.has(error.code)) throw error;
    return { what: `${operation.name}: ${error.code}` };
  } finally {
    await repo.close();
  }
}

/** Settles the merge that waits, by lot. */
export async function settle(repo: Repository, dice: Dice): Promise<Done> {
  const { kind, conflicts } = repo.store.merge.get()!;
  if (kind === 'pull' && dice(8) === 0) {
    abortMerge(repo);
    return { what: 'abort the merge' };
  }
  // A file on disk that is behind would bring back what was removed since.
  const answer = kind === 'import' ? 'ours' : (['ours', 'theirs', 'union'] as const)[dice(3)]!;
  try {
    resolveAll(repo, answer);
  } catch (error) {
    // Of a removed artifact and an edited one there is no union.
    if (!(error instanceof SyncError && answer === 'union')) throw error;
    resolveAll(repo, 'theirs');
  }
  const { commit } = await continueMerge(repo);
  return { what: `settle ${conflicts.map(({ path, kind }) => `${kind} in ${path}`).join(', ')} by ${answer}`, commit };
}

type Import = Awaited<ReturnType<typeof importArtifacts>>;

function importAll(repo: Repository): Promise<Import> {
  return importArtifacts(repo);
}

function described(what: string, result: Import, word?: string): Done {
  return {
    what: `${what}: ${result.status}`,
    ...(result.status === 'imported' && { commit: result.commit, ...(word !== undefined && { word }) }),
  };
}

function pickFile(repo: Repository, dice: Dice): string | undefined {
  const { files } = repo.worktree.scan();
  return files[dice(Math.max(1, files.length))]?.path;
}

function pickArtifact(repo: Repository, dice: Dice): string | undefined {
  const artifacts = listArtifacts(repo);
  return artifacts[dice(Math.max(1, artifacts.length))]?.path;
}
