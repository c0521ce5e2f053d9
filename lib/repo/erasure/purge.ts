import { SyncError } from '../../core/errors.js';
import { listFiles } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { decodeUtf8 } from '../../core/object/text.js';
import type { Actor, CallOptions, ErasedTraces, ErasureRequest, OriginTraces, Store } from '../../core/ports.js';
import { actorAtWork } from '../actor.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { graphOf, headCommit, treeOf } from '../history/head.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import { fetch } from '../sync/fetch.js';
import { type Erased, eraseHere } from './erase-here.js';
import { blobsWrittenBy, changedBlobs, type FoundBlob, findRemains, type Remains } from './find-traces.js';
import { learnErasures } from './learn-erasures.js';

/** Who and what is to be erased. */
export interface PurgeOptions extends CallOptions {
  /** A name, an e-mail address or an actor id. */
  readonly actor?: string;
  /** Erases the versions of artifacts that only this person wrote, too. */
  readonly content?: boolean;
  /** Erases all versions with this text in them, whoever wrote them. */
  readonly matching?: string;
  /** Says what would go, and erases nothing. */
  readonly dryRun?: boolean;
}

/** What a purge did, or would do. */
export interface PurgeResult {
  readonly dryRun: boolean;
  readonly actors: readonly Actor[];
  readonly blobs: readonly FoundBlob[];
  readonly here: ErasedTraces;
  /** Null where the project has no origin. */
  readonly origin: OriginTraces | null;
  readonly remains: Remains;
  /** Left out by a dry run. */
  readonly erased?: Omit<Erased, 'traces'>;
}

/** A shorter text is in nearly every artifact. */
const SHORTEST_MATCH = 4;

/**
 * Erases a person's name, and on request contents, at the origin and here; other clones follow when they next ask the origin. Fetches
 * first, also for a dry run.
 *
 * The origin comes first, in one transaction, and signs a record of it; what is done here is what every other clone does on the
 * word of that record. A purge that was killed in between is finished by the next fetch. It cannot be undone, nor can what was done
 * here before it when contents were erased.
 *
 * @throws {SyncError} `ACTOR_UNKNOWN`, `USAGE`, `MERGE_IN_PROGRESS`, `ORIGIN_REFUSED` for the names of others and for contents,
 *   unless the caller is an owner; the codes of `fetch`
 */
export function purge(repo: Repository, options: PurgeOptions): Promise<PurgeResult> {
  let by = 'nobody';
  const erase = async () => {
    // Whoever has just been erased is not to be written down again for having done it.
    by = await actorAtWork(repo);
    return eraseEverywhere(repo, options);
  };
  // The ids say nothing about anybody, and the audit keeps them.
  return asSyncOperation(repo, 'purge', erase, ({ dryRun, actors, blobs }) =>
    dryRun
      ? null
      : { result: 'purged', detail: { actors: actors.map(({ id }) => id), blobs: blobs.length }, actor: by },
  );
}

async function eraseEverywhere(repo: Repository, options: PurgeOptions): Promise<PurgeResult> {
  const { store } = repo;
  const { dryRun = false, signal } = options;
  const call = signal ? { signal } : {};
  refuseDuringMerge(store);
  const hasOrigin = (await repo.config())?.origin !== undefined;
  // Whoever erases only what happens to be here already has not erased it; a dry run tells of all of it as well.
  if (hasOrigin) await fetch(repo, call);
  const { actors, blobs, remains } = planPurge(store, options);
  const request: ErasureRequest = { actors: actors.map(({ id }) => id), blobs: blobs.map(({ oid }) => oid) };
  const result = { dryRun, actors, blobs, remains };
  const remote = hasOrigin ? await repo.connect() : undefined;
  if (dryRun) {
    const origin = (await remote?.purge(request, { ...call, dryRun })) ?? null;
    return { ...result, here: store.erasures.preview(request), origin };
  }
  const origin = (await remote?.purge(request, call)) ?? null;
  const done = remote
    ? await learnErasures(repo, remote, await remote.describe(call), call)
    : eraseHere(repo, () => store.erasures.sign(request));
  const { traces, ...erased } = done ?? { traces: NOTHING };
  return { ...result, here: traces, origin, ...('finished' in erased ? { erased } : {}) };
}

const NOTHING: ErasedTraces = { names: 0, blobs: 0, texts: 0, operations: 0, resolutions: 0 };

/** Finds what a purge is to erase, and what it cannot. */
function planPurge(
  store: Store,
  { actor, content = false, matching }: PurgeOptions,
): { actors: Actor[]; blobs: FoundBlob[]; remains: Remains } {
  if (actor === undefined && (content || matching === undefined))
    throw new SyncError('USAGE', "name whom to erase with '--actor', or a text with '--matching'", {
      hint: "'agent sync log' shows the names.",
    });
  if (matching !== undefined && matching.length < SHORTEST_MATCH) {
    throw new SyncError('USAGE', `a text to erase has ${SHORTEST_MATCH} characters or more`);
  }
  const { objects } = store;
  const graph = graphOf(store);
  const all = [...objects.list()];
  const commits = all
    .filter((oid) => objects.typeOf(oid) === 'commit')
    .sort((a, b) => graph.generation(a) - graph.generation(b));
  const actors = actor === undefined ? [] : findActors(store, actor);
  const blobs = new Map<Oid, FoundBlob>();
  const add = (found: FoundBlob) =>
    store.erasures.has(found.oid) || blobs.has(found.oid) || blobs.set(found.oid, found);
  if (content) {
    blobsWrittenBy(objects, graph, commits, new Set(actors.map(({ id }) => id))).forEach(add);
  }
  const others = all.filter((oid) => objects.typeOf(oid) === 'blob');
  if (matching !== undefined) {
    const paths = pathsOf(store, commits);
    for (const oid of others) {
      if (decodeUtf8(objects.read(oid).body).includes(matching)) add({ oid, path: paths.get(oid) ?? null });
    }
  }
  const words = [...new Set([...actors.flatMap(({ name, email }) => [name, email]), matching ?? ''])];
  const remains = findRemains(
    objects,
    words.filter((word) => word !== ''),
    {
      paths: filesAtHead(store),
      commits,
      blobs: others.filter((oid) => !blobs.has(oid) && !store.erasures.has(oid)),
    },
  );
  return { actors, blobs: [...blobs.values()], remains };
}

/** Everybody who goes by a name, an address or an id; one whose name is gone already by the id. */
function findActors({ actors, erasures }: Store, asked: string): Actor[] {
  const wanted = asked.toLowerCase();
  const found = actors
    .list()
    .filter(({ id, name, email }) => id === asked || name === asked || email.toLowerCase() === wanted);
  if (found.length > 0) return found;
  if (erasures.hasActor(asked)) return [{ id: asked, name: '', email: '' }];
  throw new SyncError('ACTOR_UNKNOWN', 'nobody in this project goes by that name, address or id', {
    hint: "'agent sync log' shows the names. After a purge an author is known by the id only.",
  });
}

/** A path of each blob that a commit changed something to. */
function pathsOf({ objects }: Store, commits: readonly Oid[]): ReadonlyMap<Oid, string> {
  const paths = new Map<Oid, string>();
  for (const commit of commits) for (const { oid, path } of changedBlobs(objects, commit)) paths.set(oid, path);
  return paths;
}

function filesAtHead(store: Store): string[] {
  const tree = treeOf(store, headCommit(store));
  return tree ? [...listFiles(store.objects, tree)].map(({ path }) => path) : [];
}
