import type { SyncConfig } from '../config/sync-config.js';
import type { Tally } from '../core/metrics/tally.js';
import type {
  Clock,
  Entropy,
  GitExport,
  GitExportReport,
  Operation,
  Remote,
  Store,
  StoreFiles,
  Telemetry,
  Worktree,
} from '../core/ports.js';
import type { Gate } from './privacy/gate.js';

/** A person or agent as they call themselves. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** The git repository around the worktree, if there is one. */
export interface Provenance {
  /** The commit that git's `HEAD` names; undefined on an unborn branch. */
  readonly head: string | undefined;
}

/** Everything a use case may touch. `lib/open.ts` puts the real parts in. */
export interface Repository {
  /** The folder that holds `.agent`. */
  readonly root: string;
  readonly store: Store;
  /** The file that the store is in, and copies of it. */
  readonly files: StoreFiles;
  /** Scrubs what is read of the files. */
  readonly worktree: Worktree;
  /** What is really on disk: to be compared, and to be written there again; never to be stored. */
  readUnscrubbed(path: string): Uint8Array;
  /** What passes it may be stored: all texts that come from elsewhere than from the files and the origin. */
  readonly gate: Gate;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  /** What was measured and the store does not know yet. */
  readonly tally: Tally;
  /** The undo that a killed process had left for the disk to follow, and that opening the store finished. */
  readonly resumed?: Operation;
  /** Undefined without `.agent/etc/sync.yaml`. @throws {SyncError} `CONFIG_INVALID` */
  config(): Promise<SyncConfig | undefined>;
  /** Another folder with the layout of `.agent/cache`, for `export --to`. */
  worktreeAt(root: string): Worktree;
  /** `SUPABASE_USER`, else what git's configuration says. @throws {SyncError} `IDENTITY_MISSING` */
  identity(): Promise<Identity>;
  provenance(): Promise<Provenance | undefined>;
  /**
   * The key, tokens and passphrase that the project's origin is used with, as far as they can be known without asking anybody:
   * to look for them in what is about to leave this machine, and never to be printed. Each has at least eight characters.
   *
   * @throws {SyncError} `CONFIG_INVALID`
   */
  secrets(): Promise<readonly string[]>;
  /** @throws {SyncError} `LOCAL_CHANGES` when something else is in the folder, or it was worked in */
  writeGitRepository(request: GitExport): Promise<GitExportReport>;
  /** @throws {SyncError} `CONFIG_INVALID`, `ORIGIN_NOT_CONFIGURED`, `ORIGIN_KEY_MISSING` */
  connect(): Promise<Remote>;
  close(): Promise<void>;
}
