import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { accessOptions, type Connection, connect, noteSecrets, type Surroundings } from './connect.js';
import { KnownSecrets } from './core/known-secrets.js';
import { NO_TELEMETRY } from './core/metrics/no-telemetry.js';
import { Tally } from './core/metrics/tally.js';
import type { Clock, Entropy, Remote, Store, Telemetry } from './core/ports.js';
import { libraries } from './libraries.js';
import type { Caller } from './origin/caller.js';
import { CONFIG_FILE, findUpwards, parseConfig, readConfig, readIfThere, STORE_FILE } from './project.js';
import { actorAtWork } from './repo/actor.js';
import { storeId } from './repo/audit/store-id.js';
import type { Gate } from './repo/privacy/gate.js';
import { openGate } from './repo/privacy/open-gate.js';
import { ScrubbedWorktree } from './repo/privacy/scrubbed-worktree.js';
import type { Repository } from './repo/repository.js';
import { openStore } from './store/open-store.js';
import { storeFiles } from './store/store-files.js';
import { packageVersion } from './version.js';
import { openWorktree } from './worktree/open-worktree.js';

/** What opening depends on besides the folder. */
export interface OpenOptions extends Surroundings {
  /** Who is told what happens; nobody when left out. It stays open. */
  readonly telemetry?: Telemetry;
}

/**
 * Puts the real parts of a project together.
 *
 * @param create whether a store is made where there is none
 */
export async function assemble(root: string, options: OpenOptions, create: boolean): Promise<Repository> {
  const { env = process.env, telemetry: listener = NO_TELEMETRY } = options;
  mkdirSync(join(root, dirname(STORE_FILE)), { recursive: true });
  const store = openStore(join(root, STORE_FILE), { create });
  let connection: Promise<Connection> | undefined;
  const opened: Remote[] = [];
  const tally = new Tally();
  const telemetry = tally.watch(listener);
  const secrets = new KnownSecrets();
  const access = accessOptions(options, secrets);
  const gate = await openGateOf(root, store);
  const disk = openWorktree(join(root, '.agent/cache'));
  const repo: Repository = {
    root,
    store,
    files: storeFiles(join(root, STORE_FILE)),
    worktree: new ScrubbedWorktree(disk, gate),
    readUnscrubbed: (path) => disk.read(path),
    gate,
    clock: systemClock,
    entropy: systemEntropy,
    telemetry,
    tally,
    config: () => readConfig(root),
    worktreeAt: (path) => new ScrubbedWorktree(openWorktree(path), gate),
    identity: async () => {
      const { resolveIdentity } = await import('./git/identity.js');
      return resolveIdentity({ cwd: root, env });
    },
    provenance: async () => {
      if (!findUpwards(root, '.git')) return undefined;
      const { gitProvenance } = await import('./git/provenance.js');
      return gitProvenance(root);
    },
    writeGitRepository: async (request) => {
      const { exportGitRepository } = await import('./git/export-repository.js');
      return exportGitRepository(request);
    },
    secrets: async () => {
      const origin = (await readConfig(root))?.origin;
      if (origin) await noteSecrets(origin, access);
      return secrets.values();
    },
    connect: async () => {
      if (connection && !(await connection).isCurrent()) connection = undefined;
      connection ??= readConfig(root)
        .then((config) => connect(config?.origin, { ...access, root, create, caller: callerOf(repo), telemetry }))
        .then(
          (made) => {
            opened.push(made.remote);
            return made;
          },
          (error) => {
            connection = undefined;
            throw error;
          },
        );
      return (await connection).remote;
    },
    close: async () => {
      await connection?.catch(() => undefined);
      for (const remote of opened) await remote.close();
      store.close();
    },
  };
  return repo;
}

/** What the origin's audit is told of this store. */
function callerOf(repo: Repository): Caller {
  return {
    store: storeId(repo),
    version: packageVersion(),
    actor: () => actorAtWork(repo),
    traceparent: () => repo.telemetry.traceparent(),
  };
}

/** Closes the store where there is no gate to it. */
async function openGateOf(root: string, store: Store): Promise<Gate> {
  try {
    return await openGate(store, readIfThere(join(root, CONFIG_FILE)), parseConfig, libraries);
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => ({ seconds: Math.floor(Date.now() / 1000), offset: -new Date().getTimezoneOffset() }),
};

/** Randomness of the machine. */
export const systemEntropy: Entropy = { uuid: () => crypto.randomUUID() };
