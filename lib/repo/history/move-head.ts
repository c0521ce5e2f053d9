import { encodeCommit, type Signature } from '../../core/object/commit.js';
import type { Oid } from '../../core/object/oid.js';
import { OverlayObjects } from '../../core/object/overlay-objects.js';
import type { Actor, IdentifiedObject, Store } from '../../core/ports.js';
import type { Repository } from '../repository.js';
import { graphOf, headCommit } from './head.js';
import { planIndexStep } from './index-step.js';

/** A commit to be made. */
export interface NewCommit {
  readonly tree: Oid;
  /** The first is `HEAD`; none for the first commit of all. */
  readonly parents: readonly Oid[];
  /** Subject, and a body after an empty line; without the final newline. */
  readonly message: string;
  /** Objects written for it just now, which the index then need not read again. */
  readonly written?: readonly IdentifiedObject[];
  readonly actor: Actor;
}

/** Who commits, and that it is now. */
export function signatureOf(repo: Repository, actor: Actor): Signature {
  const { seconds, offset } = repo.clock.now();
  return { actor: actor.id, time: seconds, offset };
}

/**
 * Stores a commit, moves `HEAD`'s branch to it and brings the artifact index along: all or nothing.
 *
 * @throws {SyncError} `REF_CHANGED` when somebody else moved the branch meanwhile
 */
export function writeCommit(repo: Repository, { tree, parents, message, written, actor }: NewCommit): Oid {
  const signature = signatureOf(repo, actor);
  const text = repo.gate.admitText(message);
  const body = encodeCommit({ tree, parents, author: signature, committer: signature, message: `${text}\n` });
  return repo.store.transact(() => {
    const commit = repo.store.objects.write({ type: 'commit', body });
    moveHead(repo, parents[0] ?? null, commit, actor, `commit: ${text.split('\n', 1)[0]}`, written);
    return commit;
  });
}

/**
 * Moves `HEAD`'s branch from one commit to another, with its reflog entry and the artifact index.
 *
 * @throws {SyncError} `REF_CHANGED` when the branch is not at `from` any more
 */
export function moveHead(
  repo: Repository,
  from: Oid | null,
  to: Oid,
  actor: Actor,
  reason: string,
  written: readonly IdentifiedObject[] = [],
): void {
  const { store } = repo;
  store.transact(() => {
    const edit = { name: store.refs.head(), expected: from, target: to };
    store.refs.update([edit], { actor: actor.id, time: repo.clock.now().seconds, message: reason });
    refreshIndex(store, written);
  });
}

/** Brings the artifact index to `HEAD`, step by step where it can and from nothing where it must. */
export function refreshIndex(store: Store, written: readonly IdentifiedObject[] = []): void {
  const head = headCommit(store);
  const at = store.index.at();
  if (at === head) return;
  store.transact(() => {
    const step = planIndexStep(new OverlayObjects(store.objects, written), graphOf(store), at, head);
    if (step.from === null) store.index.clear();
    store.index.apply(step);
  });
}
