import { SyncError } from '../../core/errors.js';
import { newObjects } from '../../core/graph/reachable.js';
import type { Oid } from '../../core/object/oid.js';
import type { GitExportReport, Store } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { graphOf } from '../history/head.js';
import type { Repository } from '../repository.js';

/**
 * Writes the store as a real git repository with the same object ids, or brings an earlier export up to date.
 *
 * @param directory absolute; new, empty, or an earlier export
 * @throws {SyncError} `LOCAL_CHANGES` when something else is there, or it was worked in; `OBJECT_ERASED` when something in history was
 *   erased
 */
export function exportGit(repo: Repository, directory: string): Promise<GitExportReport> {
  const { objects, refs, actors } = repo.store;
  refuseErased(repo.store);
  const write = () =>
    repo.writeGitRepository({
      directory,
      objects,
      oids: reachable(repo.store),
      refs: refs.list(),
      head: refs.head(),
      actors: actors.list(),
    });
  return asSyncOperation(repo, 'export --git', write, ({ objects }) => ({ result: 'exported', detail: { objects } }));
}

/** Git holds an object to its id and knows of no tombstones: it would find the repository damaged. */
function refuseErased(store: Store): void {
  const isErased = (oid: Oid) => store.erasures.has(oid);
  if (store.erasures.chains().every(({ count }) => count === 0) || ![...reachable(store)].some(isErased)) return;
  throw new SyncError(
    'OBJECT_ERASED',
    'history has versions that were erased, and git has no place for what they left',
    {
      hint: "'agent sync export --to FOLDER' writes the files as they are now. An export that was made before holds what was erased.",
    },
  );
}

function* reachable(store: Store): Generator<Oid> {
  const graph = graphOf(store);
  const listed: Oid[] = [];
  for (const tip of store.refs.list().values()) {
    for (const { oid } of newObjects(store.objects, graph, tip, listed)) yield oid;
    listed.push(tip);
  }
}
