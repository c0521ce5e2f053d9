import { readTombstone } from '../../core/erasure/tombstone.js';
import { SyncError } from '../../core/errors.js';
import { commitGraph } from '../../core/graph/commit-graph.js';
import { brokenLinks } from '../../core/graph/reachable.js';
import type { Oid } from '../../core/object/oid.js';
import { verifyStored } from '../../core/object/verify.js';
import type { ArtifactChange, ArtifactEntry, HandleFact, Store } from '../../core/ports.js';
import { verifyStoreAudit } from '../audit/verify-audit.js';
import { headCommit } from '../history/head.js';
import { planIndexStep } from '../history/index-step.js';

/** Something that is not as it must be. */
export interface FsckProblem {
  /** `store`: SQLite. `object`: hash or form. `link`: something named is missing. `ref`: points nowhere. `operation`: cannot be undone. `audit`: its chain is broken. `index`: derived rows differ. */
  readonly area: 'store' | 'object' | 'link' | 'ref' | 'operation' | 'audit' | 'index';
  /** An oid, a ref name, a path, an operation or an entry of the audit. */
  readonly subject: string;
  readonly message: string;
}

/** What was looked at and what was found. */
export interface FsckResult {
  readonly objects: number;
  readonly refs: number;
  readonly problems: readonly FsckProblem[];
}

/**
 * Checks a store from end to end: SQLite's own structure, every object's hash and form, that everything reachable is
 * there, that refs name commits, that every operation can be undone, that the audit is a whole chain, and that the derived tables say what the objects say.
 *
 * @see git-fsck(1)
 */
export function fsck(store: Store): FsckResult {
  return store.snapshot(() => check(store));
}

function check(store: Store): FsckResult {
  const problems: FsckProblem[] = store
    .integrityProblems()
    .map((message) => ({ area: 'store', subject: 'agent.db', message }));
  let objects = 0;
  for (const oid of store.objects.list()) {
    objects++;
    problems.push(...attempt('object', oid, () => checkStored(store, oid)));
  }
  problems.push(...store.erasures.problems().map((problem) => ({ area: 'object' as const, ...problem })));
  const refs = store.refs.list();
  const tips: Oid[] = [];
  for (const [name, oid] of refs) {
    const found = checkRef(store, name, oid);
    if (found.length === 0) tips.push(oid);
    problems.push(...found);
  }
  problems.push(
    ...attempt('link', 'history', () => {
      for (const { from, to } of brokenLinks(store.objects, tips)) {
        problems.push({ area: 'link', subject: from, message: `names ${to.type} ${to.oid}, which is missing` });
      }
    }),
  );
  problems.push(
    ...operationProblems(store),
    ...attempt('audit', 'chain', () => problems.push(...auditProblems(store))),
  );
  if (problems.length === 0)
    problems.push(...attempt('index', 'artifacts', () => problems.push(...indexProblems(store))));
  return { objects, refs: refs.size, problems };
}

/**
 * Checks an object in a store. The tombstone of an erased blob is sound as long as a signed record says that it was erased.
 *
 * @throws {SyncError} as `verifyStored`; `OBJECT_ERASED` for contents that should be gone
 */
export function checkStored({ objects, erasures }: Pick<Store, 'objects' | 'erasures'>, oid: Oid): void {
  const object = { oid, ...objects.read(oid) };
  verifyStored(object, (type, body) => objects.hash(type, body));
  if (erasures.has(oid) && readTombstone(object.body) !== oid) {
    throw new SyncError('OBJECT_ERASED', `object ${oid} was erased, and is still there`);
  }
}

function checkRef(store: Store, name: string, oid: Oid): FsckProblem[] {
  return attempt('ref', name, () => {
    const { type } = store.objects.read(oid);
    if (type !== 'commit') throw new SyncError('OBJECT_MALFORMED', `points at a ${type}, not a commit`);
  });
}

/** Operations that name what is not there. */
export function operationProblems(store: Store): FsckProblem[] {
  const problems = new Map<string, FsckProblem>();
  for (const { operation, oid } of store.operations.oids()) {
    if (problems.has(`${operation} ${oid}`) || store.objects.has(oid)) continue;
    const message = `names object ${oid}, which is missing`;
    problems.set(`${operation} ${oid}`, { area: 'operation', subject: `operation ${operation}`, message });
  }
  return [...problems.values()];
}

/** Where the chain of the store's audit is broken, if it is. */
export function auditProblems(store: Store): FsckProblem[] {
  const { problem } = verifyStoreAudit(store);
  return problem ? [{ area: 'audit', subject: `entry ${problem.number}`, message: problem.message }] : [];
}

/** Rebuilds the index in memory from nothing and compares. */
export function indexProblems(store: Store): FsckProblem[] {
  const { objects, index } = store;
  const head = headCommit(store);
  if (index.at() !== head)
    return [{ area: 'index', subject: 'artifacts', message: `describes ${index.at()}, HEAD is ${head}` }];
  const step = planIndexStep(objects, commitGraph(objects), null, head);
  const expected = new Map(step.written.map((row) => [row.path, row]));
  const histories = new Map<string, ArtifactChange[]>();
  for (const change of step.changes) {
    const name = `${change.kind}/${change.id}`;
    const history = histories.get(name);
    if (history) history.push(change);
    else histories.set(name, [change]);
  }
  const problems: FsckProblem[] = [];
  for (const { oid, generation } of step.commits) {
    const known = index.generation(oid) ?? generation;
    if (known !== generation) {
      problems.push({ area: 'index', subject: oid, message: `has generation ${generation}, not ${known}` });
    }
  }
  for (const row of index.list()) {
    const wanted = expected.get(row.path);
    expected.delete(row.path);
    const same = wanted && wanted.oid === row.oid && wanted.title === row.title && wanted.state === row.state;
    const problem = same
      ? historyProblem(row, histories.get(`${row.kind}/${row.id}`))
      : 'differs from the file in HEAD';
    if (problem) problems.push({ area: 'index', subject: row.path, message: problem });
  }
  for (const path of expected.keys()) problems.push({ area: 'index', subject: path, message: 'is missing' });
  for (const { kind, handle, id } of latestHandles(step.handles)) {
    if (index.handlesOf(kind, id).includes(handle)) continue;
    problems.push({ area: 'index', subject: handle, message: `does not name ${kind} ${id}` });
  }
  return problems;
}

/** Of each handle the fact that is latest in history. */
function latestHandles(facts: readonly HandleFact[]): Iterable<HandleFact> {
  const latest = new Map<string, HandleFact>();
  for (const fact of facts) {
    const known = latest.get(`${fact.kind} ${fact.handle}`);
    const isLater = !known || (fact.generation - known.generation || (fact.commit > known.commit ? 1 : -1)) > 0;
    if (isLater) latest.set(`${fact.kind} ${fact.handle}`, fact);
  }
  return latest.values();
}

/** Why an index row is not what the commits that changed the artifact say. */
function historyProblem(row: ArtifactEntry, changes: readonly ArtifactChange[] = []): string | undefined {
  if (row.version !== changes.length) return `is version ${changes.length}, not ${row.version}`;
  const last = changes.reduce((a, b) => ((b.generation - a.generation || (b.commit > a.commit ? 1 : -1)) > 0 ? b : a));
  const same = row.commit === last.commit && row.author === last.author && row.modified === last.modified;
  return same ? undefined : `was last changed by ${last.commit}, not ${row.commit}`;
}

function attempt(area: FsckProblem['area'], subject: string, check: () => void): FsckProblem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return [{ area, subject, message: error.message }];
  }
}
