import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { assemble, type OpenOptions, systemClock, systemEntropy } from './assemble.js';
import { SyncError } from './core/errors.js';
import { NO_TELEMETRY } from './core/metrics/no-telemetry.js';
import type { DaemonOptions, OriginStatus, RunningOrigin } from './origin/embedded/control.js';
import type { OriginUser, UserOptions } from './origin/embedded/users.js';
import { CONFIG_FILE, findUpwards, notARepository, readConfig, readIfThere, STORE_FILE } from './project.js';
import { headCommit } from './repo/history/head.js';
import type { DoctorOptions, DoctorResult } from './repo/maintenance/doctor.js';
import type { OriginOnThisMachine } from './repo/maintenance/examine.js';
import type { RestoreResult } from './repo/maintenance/restore.js';
import type { Repository } from './repo/repository.js';
import type { InitOptions, JoinedOrigin } from './repo/sync/init.js';
import { openStore } from './store/open-store.js';
import { storeFiles } from './store/store-files.js';
import { askedOf } from './telemetry/asked.js';
import type { Started } from './telemetry/start.js';
import { packageVersion } from './version.js';
import { openWorktree } from './worktree/open-worktree.js';

export type { OpenOptions } from './assemble.js';

/** The process's environment variables, or a stand-in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Starts what the environment asks to be told: a log, traces, metrics. Nothing is loaded when it asks for nothing.
 *
 * @returns with remarks for people on what is missing of it; it is the caller who closes it
 */
export async function openTelemetry({
  env = process.env,
  cwd = process.cwd(),
}: Pick<OpenOptions, 'env'> & { readonly cwd?: string } = {}): Promise<Started> {
  const asked = askedOf(env);
  if (!asked) return { telemetry: NO_TELEMETRY, notes: [] };
  const { startTelemetry } = await import('./telemetry/start.js');
  const { SECRET } = await import('./config/secret.js');
  return startTelemetry(asked, { cwd, env, version: packageVersion(), secret: SECRET });
}

/**
 * Opens the project that a folder belongs to: the nearest one, going up, with a store.
 *
 * @throws {SyncError} `NOT_A_REPOSITORY`, `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_BUSY`
 */
export async function openRepository(directory: string, options: OpenOptions = {}): Promise<Repository> {
  const root = findUpwards(resolve(directory), STORE_FILE);
  if (!root) {
    throw notARepository(resolve(directory));
  }
  const repo = await assemble(root, options, false);
  if (repo.store.index.at() !== headCommit(repo.store)) {
    const { refreshIndex } = await import('./repo/history/move-head.js');
    refreshIndex(repo.store);
  }
  if (repo.store.merge.get()?.unfollowed.length) await followStopped(repo);
  if (repo.store.erasures.unfinished()) await finishErasing(repo);
  if (!repo.store.operations.unfollowed()) return repo;
  const { followUndo } = await import('./repo/operations/follow-undo.js');
  const resumed = followUndo(repo);
  return resumed ? { ...repo, resumed } : repo;
}

/** Whoever stopped at conflicts, or answered them, was killed before the disk showed it. */
async function followStopped(repo: Repository): Promise<void> {
  const { followMerge } = await import('./repo/merge/merge-state.js');
  try {
    followMerge(repo);
  } catch (error) {
    // Commands that need it try again and say what is in the way; others go without.
    if (!(error instanceof SyncError)) throw error;
  }
}

/** Whoever erased was killed before the bytes were gone from every file, or somebody was in the way. */
async function finishErasing(repo: Repository): Promise<void> {
  const { finishErasure } = await import('./repo/erasure/erase-here.js');
  try {
    finishErasure(repo);
  } catch (error) {
    // It stays to be done; a file that cannot be read now keeps nobody from working.
    if (!(error instanceof SyncError)) throw error;
  }
}

/** What `agent sync init` made or found. */
export interface InitResult {
  readonly root: string;
  /** Files that were made or changed; empty when everything was there already. */
  readonly written: readonly string[];
  /** Undefined without an origin. */
  readonly joined: JoinedOrigin | undefined;
}

/**
 * Makes a project's store and configuration, and joins its origin. What is there already is left as it is.
 *
 * @param directory the project: an `.agent` folder above it wins, then the root of the git repository around it
 * @throws {SyncError} `CONFIG_INVALID`, and the codes of `Remote`; what was made locally stays, and works
 */
export async function initRepository(
  directory: string,
  options: InitOptions & OpenOptions & { readonly signal?: AbortSignal } = {},
): Promise<InitResult> {
  const start = resolve(directory);
  const root = findUpwards(start, '.agent') ?? findUpwards(start, '.git') ?? start;
  const written: string[] = [];
  const write = (path: string, text: string | undefined) => {
    if (text === undefined) return;
    try {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      replaceTextFile(join(root, path), text);
    } catch (cause) {
      throw new SyncError('FILE_UNWRITABLE', `cannot write ${join(root, path)}: ${(cause as Error).message}`, {
        cause,
      });
    }
    written.push(path);
  };
  const { joinOrigin, planConfig } = await import('./repo/sync/init.js');
  const { planGitignore } = await import('./worktree/gitignore.js');
  const { replaceTextFile } = await import('./worktree/replace-text-file.js');
  const configText = readIfThere(join(root, CONFIG_FILE));
  write(CONFIG_FILE, planConfig(configText, CONFIG_FILE, options, basename(root)));
  write('.gitignore', planGitignore(readIfThere(join(root, '.gitignore')), [`${STORE_FILE}*`]));
  if (!existsSync(join(root, STORE_FILE))) written.push(STORE_FILE);

  const repo = await assemble(root, options, true);
  try {
    return { root, written, joined: await joinOrigin(repo, options.signal ? { signal: options.signal } : {}) };
  } finally {
    await repo.close();
  }
}

/**
 * Gives a project's store the contents of a backup; the project need not have a store that can be opened.
 *
 * @param file absolute
 * @throws {SyncError} `NOT_A_REPOSITORY`, and the codes of `restore`
 */
export async function restoreRepository(
  directory: string,
  file: string,
  { telemetry = NO_TELEMETRY }: Pick<OpenOptions, 'telemetry'> = {},
): Promise<RestoreResult> {
  const start = resolve(directory);
  const root = findUpwards(start, STORE_FILE) ?? findUpwards(start, '.agent');
  if (!root) throw notARepository(start);
  const { restore } = await import('./repo/maintenance/restore.js');
  const path = join(root, STORE_FILE);
  const work = () =>
    restore({
      files: storeFiles(path),
      worktree: openWorktree(dirname(path)),
      openStore: () => openStore(path),
      file,
      clock: systemClock,
      entropy: systemEntropy,
    });
  return telemetry.span('operation', 'restore', { operation: 'restore' }, work);
}

/**
 * Looks for what is wrong in a project, also in one whose store cannot be opened.
 *
 * @throws {SyncError} `NOT_A_REPOSITORY`, `ABORTED`
 */
export async function doctorRepository(
  directory: string,
  options: OpenOptions & Omit<DoctorOptions, 'origin'> = {},
): Promise<DoctorResult> {
  const start = resolve(directory);
  const root = findUpwards(start, STORE_FILE) ?? findUpwards(start, '.agent');
  if (!root) throw notARepository(start);
  const { doctor } = await import('./repo/maintenance/doctor.js');
  let repo: Repository;
  try {
    repo = await assemble(root, options, false);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    const { message, hint = '' } = error;
    const finding = {
      check: 'store',
      subject: join(root, STORE_FILE),
      message,
      hint,
      repair: null,
      fixed: false,
    } as const;
    return { findings: [finding], failures: [] };
  }
  try {
    return await doctor(repo, { ...options, origin: await originOf(root, options.env ?? process.env) });
  } finally {
    await repo.close();
  }
}

/** The origin on this machine that a project uses, as far as that can be told. */
async function originOf(root: string, env: Environment): Promise<OriginOnThisMachine | undefined> {
  const url = await readConfig(root).then(
    (config) => config?.origin?.url,
    () => undefined,
  );
  if (!url?.startsWith('http://')) return undefined;
  const { directory, status, stop } = await localOrigin(root, undefined, { env });
  return { directory, isStale: existsSync(directory) && status().state === 'stale', stop };
}

/** An origin that runs on this machine, or can. */
export interface LocalOrigin {
  /** Absolute; where its data and keys are. */
  readonly directory: string;
  /** Where the messages are that it would have sent, such as one-time codes: a file each. */
  readonly mail: string;
  start(options?: DaemonOptions): Promise<RunningOrigin>;
  stop(): Promise<boolean>;
  status(): OriginStatus;
  addUser(name: string, user?: UserOptions): Promise<OriginUser>;
}

/**
 * The origin on this machine that lives in a folder.
 *
 * @param cwd what `directory` is relative to
 * @param directory this user's own one when left out
 */
export async function localOrigin(
  cwd: string,
  directory: string | undefined,
  { env = process.env }: OpenOptions = {},
): Promise<LocalOrigin> {
  const { addUser, daemonStatus, startDaemon, stopDaemon } = await import('./origin/embedded/control.js');
  const { defaultOriginDirectory, layoutOf } = await import('./origin/embedded/layout.js');
  const place = directory === undefined ? defaultOriginDirectory(env) : resolve(cwd, directory);
  return {
    directory: place,
    mail: layoutOf(place).mail,
    start: (options) => startDaemon(place, options),
    stop: () => stopDaemon(place),
    status: () => daemonStatus(place),
    addUser: (name, user) => addUser(place, name, user),
  };
}
