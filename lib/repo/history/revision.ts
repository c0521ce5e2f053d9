import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { Store } from '../../core/ports.js';

const SUFFIX = /([~^])(\d*)$|@\{(\d+)\}$/;
const ABBREVIATION = /^[0-9a-f]{4,40}$/i;

/**
 * Finds the commit that a revision names: `HEAD` or `@`, `main`, `origin/main`, a ref, an object id or its beginning, each with
 * any number of `~N` and `^N`, or `@{N}` for an earlier value of a ref.
 *
 * @throws {SyncError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`
 * @see gitrevisions(7)
 */
export function resolveRevision(store: Store, revision: string): Oid {
  const suffix = SUFFIX.exec(revision);
  if (!suffix) return resolveName(store, revision);
  const [text, operator, count, logged] = suffix;
  const name = revision.slice(0, -text.length) || 'HEAD';
  if (logged !== undefined) return resolveLogged(store, name, Number(logged), revision);
  const start = resolveRevision(store, name);
  const found =
    operator === '~'
      ? ancestor(store, start, count === '' ? 1 : Number(count))
      : parent(store, start, count === '' ? 1 : Number(count));
  if (!found) throw unknown(revision, 'history does not go back that far');
  return found;
}

/** The full name of the ref that a short name stands for, by git's order; undefined when there is none. */
function findRef(store: Store, name: string): string | undefined {
  const candidates = [name, `refs/${name}`, `refs/heads/${name}`, `refs/remotes/${name}`];
  return candidates.find(
    (candidate) => (candidate === 'HEAD' || candidate.startsWith('refs/')) && store.refs.get(candidate),
  );
}

function resolveName(store: Store, name: string): Oid {
  const ref = findRef(store, name === '@' ? 'HEAD' : name);
  if (ref) return store.refs.get(ref)!;
  if (name === 'HEAD' || name === '@' || name === 'main') throw unknown(name, 'nothing has been committed yet');
  if (name === 'origin/main')
    throw unknown(name, "nothing has been fetched from the origin yet; run 'agent sync fetch'");
  if (!ABBREVIATION.test(name)) throw unknown(name, 'no ref or commit has that name');
  const commits = store.objects
    .findByPrefix(name.toLowerCase(), 50)
    .filter((oid) => store.objects.typeOf(oid) === 'commit');
  if (commits.length === 0) throw unknown(name, 'no commit id begins like that');
  if (commits.length > 1) {
    throw new SyncError('REVISION_AMBIGUOUS', `'${name}' could be ${commits.slice(0, 5).join(' or ')}`, {
      hint: 'Write more of the id.',
    });
  }
  return commits[0]!;
}

function resolveLogged(store: Store, name: string, n: number, revision: string): Oid {
  const ref = findRef(store, name);
  const found = ref && store.refs.reflog(ref === 'HEAD' ? store.refs.head() : ref)[n]?.to;
  if (!found) throw unknown(revision, 'the log of that ref does not go back that far');
  return found;
}

function parent(store: Store, oid: Oid, n: number): Oid | undefined {
  return n === 0 ? oid : readCommit(store.objects, oid).parents[n - 1];
}

function ancestor(store: Store, oid: Oid, n: number): Oid | undefined {
  let found: Oid | undefined = oid;
  for (let i = 0; i < n && found; i++) found = parent(store, found, 1);
  return found;
}

function unknown(revision: string, why: string): SyncError {
  return new SyncError('REVISION_UNKNOWN', `unknown revision '${revision}': ${why}`, {
    hint: "'agent sync log' lists the commits.",
  });
}
