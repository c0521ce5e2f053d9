import { SyncError } from '../../core/errors.js';
import { verifyStored } from '../../core/object/verify.js';
import type { CallOptions, IdentifiedObject, Worktree } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { ORIGIN_SEQUENCE } from '../../core/setting-names.js';
import { reflogActor } from '../actor.js';
import { followHead } from '../disk/base.js';
import { learnErasures } from '../erasure/learn-erasures.js';
import { refreshIndex } from '../history/move-head.js';
import { followMerge } from '../merge/merge-state.js';
import { followUndo } from '../operations/follow-undo.js';
import type { Repository } from '../repository.js';
import { fetch } from '../sync/fetch.js';
import type { OriginOnThisMachine } from './examine.js';
import { examineObjects, isWhole } from './examine-objects.js';
import { operationProblems } from './fsck.js';
import type { Finding, RepairName } from './plan-repairs.js';

/**
 * Does one repair, for all findings that ask for it.
 *
 * @throws {SyncError} where it cannot be done; nothing is lost then
 */
export async function repair(
  repo: Repository,
  name: RepairName,
  findings: readonly Finding[],
  origin: OriginOnThisMachine | undefined,
  options: CallOptions,
): Promise<void> {
  const { store } = repo;
  const subjects = findings.filter((finding) => finding.repair === name).map(({ subject }) => subject);
  switch (name) {
    case 'remove-leftovers':
      for (const path of subjects) repo.files.remove(path);
      return;
    case 'stop-origin':
      await origin?.stop();
      return;
    case 'get-objects':
      await getObjects(repo, options);
      return;
    case 'drop-tracking':
      await dropTracking(repo);
      return;
    case 'fetch':
      await fetch(repo, options);
      return;
    case 'rebuild-index':
      store.transact(() => {
        store.index.clear();
        refreshIndex(store);
      });
      return;
    case 'forget-stats':
      store.stats.save(new Map(subjects.map((path) => [path, null])));
      return;
    case 'show-merge':
      followMerge(repo);
      return;
    case 'follow-undo':
      followUndo(repo);
      return;
    case 'follow-head':
      followHead(repo);
  }
}

/** Takes from the files on disk, and then from the origin, what the store lacks or has damaged. */
async function getObjects(repo: Repository, options: CallOptions): Promise<void> {
  const { store, worktree } = repo;
  const mend = (objects: readonly IdentifiedObject[]) => {
    store.transact(() => {
      for (const object of objects) if (!isWhole(store, object.oid)) store.objects.replace(object);
    });
  };
  const damaged = new Set([...store.objects.list()].filter((oid) => !isWhole(store, oid)));
  const missing = new Set(damaged);
  for (const { oid } of store.operations.oids()) if (!store.objects.has(oid)) missing.add(oid);
  for (const row of store.index.list()) if (!store.objects.has(row.oid)) missing.add(row.oid);
  for (const { path } of worktree.scan().files) {
    const body = readIfSound(worktree, path);
    const oid = body && store.objects.hash('blob', body);
    if (oid && missing.has(oid)) mend([{ oid, type: 'blob', body }]);
  }
  if (examineObjects(repo).length === 0 && operationProblems(store).length === 0) return;
  const remote = await repo.connect();
  const state = await remote.describe(options);
  await learnErasures(repo, remote, state, options);
  const { sequence } = state;
  for (let after = 0, more = sequence > 0; more; ) {
    const page = await remote.fetch(after, options);
    for (const object of page.objects) verifyStored(object, (type, body) => store.objects.hash(type, body));
    mend(page.objects);
    more = page.more && page.sequence > after;
    after = page.sequence;
  }
}

/** One that cannot be read keeps nothing else from being repaired. */
function readIfSound(worktree: Worktree, path: string): Uint8Array | undefined {
  try {
    return worktree.read(path);
  } catch (error) {
    if (error instanceof SyncError) return undefined;
    throw error;
  }
}

/** What the origin had last is known again after a fetch. */
async function dropTracking(repo: Repository): Promise<void> {
  const { store } = repo;
  const actor = await reflogActor(repo);
  store.transact(() => {
    const expected = store.refs.get(ORIGIN_MAIN) ?? null;
    if (expected === null || store.objects.typeOf(expected) === 'commit') return;
    const note = { actor, time: repo.clock.now().seconds, message: 'doctor: names no commit here' };
    store.refs.update([{ name: ORIGIN_MAIN, expected, target: null }], note);
    store.settings.unset(ORIGIN_SEQUENCE);
  });
}
