import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import { EMPTY_TREE, readTree, references } from '../../core/object/read.js';
import { isTree } from '../../core/object/tree.js';
import type { Store } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { headCommit, treeOf } from '../history/head.js';
import type { Repository } from '../repository.js';
import { checkStored } from './fsck.js';
import type { Finding } from './plan-repairs.js';

/** Objects that are damaged or missing, and refs that name no commit. */
export function examineObjects({ store }: Repository): Finding[] {
  const damaged = findDamaged(store);
  const missing = findMissing(store, damaged);
  const paths = pathsOf(store, new Set([...damaged, ...missing]));
  const told = (oid: Oid, what: string): Finding => {
    const where = paths.get(oid);
    return {
      check: 'object',
      subject: oid,
      message: `${what}; ${where ? `it is '${where}' in HEAD` : 'HEAD itself does not show it, but its history may'}`,
      repair: 'get-objects',
      hint: "If neither the files on disk nor the origin have it, restore a backup with 'agent sync restore'.",
    };
  };
  return [
    ...damaged.map((oid) => told(oid, 'is not what was stored')),
    ...missing.map((oid) => told(oid, 'is missing')),
    ...brokenRefs(store),
  ];
}

function findDamaged(store: Store): Oid[] {
  return [...store.objects.list()].filter((oid) => !isWhole(store, oid));
}

const NOTHING_IS_OLD = { logs: 0, resolutions: 0 };

/** What something needs and is not there, as far as what is there tells: the same that a gc needs to know. */
function findMissing({ objects, garbage }: Store, damaged: readonly Oid[]): Oid[] {
  const missing: Oid[] = [];
  const seen = new Set<Oid>([EMPTY_TREE, ...damaged]);
  const pending: Oid[] = [];
  const visit = (oid: Oid, isBlob: boolean) => {
    if (seen.has(oid)) return;
    seen.add(oid);
    if (!objects.has(oid)) missing.push(oid);
    else if (!isBlob) pending.push(oid);
  };
  const { live, remembered } = garbage.roots(NOTHING_IS_OLD);
  // What logs name may be gone; but what is there has to be whole.
  const there = remembered.filter((oid) => objects.has(oid));
  for (const oid of [...live, ...there]) visit(oid, objects.typeOf(oid) === 'blob');
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    for (const { oid: to, type } of references(objects.read(oid))) visit(to, type === 'blob');
  }
  return missing;
}

/** Where in `HEAD` certain objects are, as far as it can be read. */
function pathsOf(store: Store, wanted: ReadonlySet<Oid>): ReadonlyMap<Oid, string> {
  const found = new Map<Oid, string>();
  const walk = (tree: Oid, above: string) => {
    if (wanted.has(tree)) found.set(tree, above === '' ? '/' : above);
    isSound(() => {
      for (const entry of readTree(store.objects, tree)) {
        const path = above === '' ? entry.name : `${above}/${entry.name}`;
        if (isTree(entry)) walk(entry.oid, path);
        else if (wanted.has(entry.oid)) found.set(entry.oid, path);
      }
    });
  };
  if (wanted.size > 0) {
    isSound(() => {
      const tree = treeOf(store, headCommit(store));
      if (tree) walk(tree, '');
    });
  }
  return found;
}

function brokenRefs(store: Store): Finding[] {
  const broken = [...store.refs.list()].filter(([, oid]) => store.objects.typeOf(oid) !== 'commit');
  return broken.map(([name, oid]) => {
    if (name === ORIGIN_MAIN) {
      return {
        check: 'tracking',
        subject: name,
        message: `names ${oid}, which is no commit here`,
        repair: 'drop-tracking',
        hint: 'A fetch sets it again.',
      };
    }
    const good = lastGood(store, name);
    return {
      check: 'ref',
      subject: name,
      message: `names ${oid}, which is no commit here${good ? `; the last one of its log that is here is ${good}` : ''}`,
      repair: 'get-objects',
      hint: "If the commit cannot be got from the origin, restore a backup with 'agent sync restore'.",
    };
  });
}

function lastGood({ refs, objects }: Store, name: string): Oid | undefined {
  const isCommit = (oid: Oid | null): oid is Oid => oid !== null && objects.typeOf(oid) === 'commit';
  return refs.reflog(name).flatMap(({ to, from }) => [to, from].filter(isCommit))[0];
}

/** Whether something can be read; what lies behind it is unknown where it cannot. */
function isSound(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof SyncError) return false;
    throw error;
  }
}

/** Tells whether an object is there, and is what its id says. */
export function isWhole(store: Pick<Store, 'objects' | 'erasures'>, oid: Oid): boolean {
  return isSound(() => checkStored(store, oid));
}
