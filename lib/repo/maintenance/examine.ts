import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import { isUnchanged } from '../../core/racy.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { ORIGIN_SEQUENCE } from '../../core/setting-names.js';
import { hashOnDisk } from '../disk/disk.js';
import { headCommit } from '../history/head.js';
import type { Repository } from '../repository.js';
import { examineObjects } from './examine-objects.js';
import { auditProblems, indexProblems, operationProblems } from './fsck.js';
import type { Finding } from './plan-repairs.js';

/** The origin on this machine that the project uses; undefined where it uses none. */
export interface OriginOnThisMachine {
  /** True when a killed one left processes or locks behind. */
  readonly isStale: boolean;
  readonly directory: string;
  stop(): Promise<unknown>;
}

/** Looks at everything that can go wrong in a project, and changes nothing. */
export async function examine(repo: Repository, origin?: OriginOnThisMachine): Promise<Finding[]> {
  const { store } = repo;
  const structure = examineStore(repo);
  const findings = [...(await examineSettings(repo)), ...structure, ...examineLeftovers(repo)];
  if (origin?.isStale) {
    findings.push({
      check: 'origin',
      subject: origin.directory,
      message: 'an origin that was killed has left processes or files behind',
      repair: 'stop-origin',
      hint: "'agent origin start' clears them away as well.",
    });
  }
  if (structure.length > 0) return findings;
  return store.snapshot(() => {
    const objects = examineObjects(repo);
    const tracking = objects.length === 0 ? examineTracking(repo) : [];
    // What an operation lacks is told with the objects, if any of those are wrong.
    const operations = objects.length === 0 ? examineOperations(repo) : [];
    const audit = examineAudit(repo);
    return [
      ...findings,
      ...objects,
      ...tracking,
      ...operations,
      ...audit,
      ...examineIndex(repo, objects),
      ...examineDisk(repo),
    ];
  });
}

async function examineSettings(repo: Repository): Promise<Finding[]> {
  const config = await attempt(() => repo.config());
  const identity = await attempt(() => repo.identity());
  return [
    ...told(config, { check: 'config', subject: '.agent/etc/sync.yaml', repair: null }),
    ...told(identity, { check: 'identity', subject: 'author', repair: null }),
  ];
}

function examineStore({ store, files }: Repository): Finding[] {
  const about = { check: 'store', subject: files.path, repair: null } as const;
  const hint = "Restore a backup with 'agent sync restore'; what was pushed comes back with 'agent sync pull'.";
  try {
    const problems = store.integrityProblems().slice(0, 5);
    if (problems.length > 0) return problems.map((message) => ({ ...about, message, hint }));
    store.transact(() => {});
    return [];
  } catch (error) {
    return told(asSyncError(error), about);
  }
}

function examineLeftovers({ files }: Repository): Finding[] {
  return files.leftovers().map((subject) => ({
    check: 'leftovers',
    subject,
    message: 'was left by a command that was killed',
    repair: 'remove-leftovers',
    hint: 'It can be removed.',
  }));
}

/** A fetch that brought something has moved the ref: without it nobody knows what the origin has. */
function examineTracking({ store }: Repository): Finding[] {
  const fetched = Number(store.settings.get(ORIGIN_SEQUENCE) ?? 0) > 0;
  if (!fetched || store.refs.get(ORIGIN_MAIN)) return [];
  return [
    {
      check: 'tracking',
      subject: ORIGIN_MAIN,
      message: 'is missing, though something was fetched',
      repair: 'fetch',
      hint: "'agent sync fetch' sets it again.",
    },
  ];
}

function examineOperations({ store }: Repository): Finding[] {
  return operationProblems(store).map(({ subject, message }) => ({
    check: 'operation',
    subject,
    message: `${message}: it cannot be undone`,
    repair: 'get-objects',
    hint: 'Nothing else needs it; the operation is forgotten after 90 days.',
  }));
}

function examineAudit({ store }: Repository): Finding[] {
  return auditProblems(store).map(({ subject, message }) => ({
    check: 'audit',
    subject,
    message: `the audit of this store is no whole chain: ${message}`,
    repair: null,
    hint: "Somebody changed the database past agent-sync. 'agent sync audit' lists what there is; everything else works.",
  }));
}

function examineIndex({ store }: Repository, objects: readonly Finding[]): Finding[] {
  if (objects.length > 0) return [];
  return indexProblems(store).map(({ subject, message }) => ({
    check: 'index',
    subject,
    message: `the row of the artifact index ${message}`,
    repair: 'rebuild-index',
    hint: 'It is made from the commits again.',
  }));
}

function examineDisk(repo: Repository): Finding[] {
  return [...examineStats(repo), ...examineMerge(repo), ...(examineUndo(repo) ?? examineBase(repo))];
}

/** A cached stat that is still the file's promises the file's bytes. */
function examineStats({ store, worktree }: Repository): Finding[] {
  const wrong = [...store.stats.load()].filter(([path, known]) => {
    try {
      const file = worktree.stat(path);
      return file && isUnchanged(known, file) && hashOnDisk(worktree, path) !== known.oid;
    } catch (error) {
      // What cannot be read is not taken for granted by anybody.
      if (error instanceof SyncError) return false;
      throw error;
    }
  });
  return wrong.map(([path]) => ({
    check: 'stats',
    subject: path,
    message: 'has other bytes than the stat cache remembers: an edit would not be seen',
    repair: 'forget-stats',
    hint: 'What the cache says is forgotten.',
  }));
}

function examineMerge({ store }: Repository): Finding[] {
  const state = store.merge.get();
  if (!state) return [];
  const named = [state.tree, state.ours, state.theirs, ...state.before.map(({ oid }) => oid)];
  const missing = named.filter((oid): oid is Oid => oid !== null && !store.objects.has(oid));
  if (missing.length > 0) {
    return missing.map((oid) => ({
      check: 'merge',
      subject: oid,
      message: 'is missing, though the merge in progress needs it',
      repair: 'get-objects',
      hint: "If it cannot be got, copy what you need from the files on disk and restore a backup with 'agent sync restore'.",
    }));
  }
  return state.unfollowed.map(({ path }) => ({
    check: 'merge',
    subject: path,
    message: 'does not show yet what the merge in progress came to',
    repair: 'show-merge',
    hint: 'A file that was edited since is left alone.',
  }));
}

/** Where an undo is not done, the files and their base are on the way. */
function examineUndo({ store }: Repository): Finding[] | undefined {
  const operation = store.operations.unfollowed();
  return (
    operation && [
      {
        check: 'disk',
        subject: '.agent/cache',
        message: `does not show yet what operation ${operation.id} (${operation.command}) went back to: it was killed`,
        repair: 'follow-undo',
        hint: "'agent sync undo' finishes it first as well.",
      },
    ]
  );
}

function examineBase({ store, worktree }: Repository): Finding[] {
  const about = { check: 'base', subject: '.agent/cache/.agent-sync-base', repair: null } as const;
  let base: ReturnType<typeof worktree.readBase>;
  try {
    base = worktree.readBase();
  } catch (error) {
    return told(asSyncError(error), about);
  }
  const head = headCommit(store);
  if (!base || !head) return [];
  if (!store.objects.has(base.tree)) {
    return [
      {
        ...about,
        message: `says that the files come from commit ${base.commit}, which this store does not have`,
        hint: "'agent sync fetch' gets it if it was pushed; if not, 'agent sync import --base REV' names the revision to compare with.",
      },
    ];
  }
  if (base.commit === head || store.merge.get()) return [];
  return [
    {
      check: 'disk',
      subject: '.agent/cache',
      message: `shows commit ${base.commit} and not HEAD: a command was killed before the files could follow, or git brought older ones`,
      repair: 'follow-head',
      hint: 'Files with changes that were not imported are left alone.',
    },
  ];
}

type About = Pick<Finding, 'check' | 'subject' | 'repair'>;

function told(error: SyncError | undefined, about: About): Finding[] {
  return error ? [{ ...about, message: error.message, hint: error.hint ?? '' }] : [];
}

async function attempt(work: () => Promise<unknown>): Promise<SyncError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return asSyncError(error);
  }
}

function asSyncError(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  throw error;
}
