/**
 * A process that works in a project at random until its time is over, for `gc-race.test.ts`: `ROOT NAME SEED MILLISECONDS`.
 *
 * Prints a line for each commit that it was told is made. What may happen among people who work at once is passed over; that
 * something is missing is not.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  abortMerge,
  continueMerge,
  continueRebase,
  editArtifact,
  exportMarkdown,
  fetch,
  importArtifacts,
  listArtifacts,
  openRepository,
  pull,
  pullRebase,
  push,
  type Repository,
  readArtifact,
  resolveAll,
  SyncError,
  skipCommit,
  undo,
} from '../../lib/index.js';
import { random } from '../fuzz.js';
import { storyText } from './developer.js';

const [root, name, seed, milliseconds] = process.argv.slice(2) as [string, string, string, string];
const env = { SUPABASE_USER: `${name} <${name}@example.org>` };
const upTo = random(Number(seed));
const made: string[] = [];

/** What people who work at once have to live with. */
const EXPECTED = [
  'STORE_BUSY',
  'REF_CHANGED',
  'MERGE_IN_PROGRESS',
  'MERGE_NOT_IN_PROGRESS',
  'MERGE_UNRESOLVED',
  'LOCAL_CHANGES',
  'CONFLICT_CHANGED',
  'ORIGIN_UNREACHABLE',
  'FILE_NOT_FOUND',
  'UNDO_IMPOSSIBLE',
  'OPERATION_UNKNOWN',
  'UNRELATED_HISTORIES',
];

const noteCommit = (result: object) => {
  for (const key of ['commit', 'to']) {
    const oid = (result as Record<string, unknown>)[key];
    if (typeof oid === 'string') made.push(oid);
  }
};
const editAny = async (repo: Repository) => {
  const artifacts = listArtifacts(repo);
  const picked = artifacts[upTo(Math.max(1, artifacts.length))];
  if (!picked) return;
  const { bytes } = readArtifact(repo, picked.path);
  const text = Buffer.from(bytes)
    .toString()
    .replace(/Three.*/, `Three, ${name} ${upTo(1000)}.`);
  noteCommit(await editArtifact(repo, picked.path, Buffer.from(text)));
};
const settle = async (repo: Repository) => {
  const state = repo.store.merge.get();
  if (!state) return;
  if (upTo(4) === 0) return void (state.rebase ? await skipCommit(repo) : abortMerge(repo));
  resolveAll(repo, upTo(2) === 0 ? 'ours' : 'theirs');
  noteCommit(state.rebase ? await continueRebase(repo) : await continueMerge(repo));
};

const STEPS: readonly ((repo: Repository) => unknown)[] = [
  async (repo) => {
    const id = `GC-${100 + upTo(30)}`;
    const file = join(root, `.agent/cache/stories/GC/${id}-${name}.md`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, storyText(id, `By ${name}`, ['One.', 'Two.', `Three, ${upTo(1000)}.`, 'Four.', 'Five.']));
    noteCommit(await importArtifacts(repo));
  },
  async (repo) => noteCommit(await importArtifacts(repo)),
  editAny,
  editAny,
  (repo) => fetch(repo),
  async (repo) => noteCommit((await pull(repo)).merged ?? {}),
  async (repo) => noteCommit((await pullRebase(repo)).rebased ?? {}),
  (repo) => push(repo),
  settle,
  settle,
  (repo) => exportMarkdown(repo),
  (repo) => undo(repo),
  // As a command does that is killed.
  (repo) => repo.store.objects.write({ type: 'blob', body: Buffer.from(`${name} ${upTo(50)}`) }),
];

const end = Date.now() + Number(milliseconds);
while (Date.now() < end) {
  const repo = await openRepository(root, { env });
  try {
    await STEPS[upTo(STEPS.length)]!(repo);
  } catch (error) {
    if (!(error instanceof SyncError && EXPECTED.includes(error.code))) throw error;
  } finally {
    await repo.close();
  }
}
appendFileSync(1, made.map((oid) => `${oid}\n`).join(''));
