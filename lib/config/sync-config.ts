import { SyncError } from '../core/errors.js';
import type { ArtifactKind } from '../core/ports.js';
import type { PrivacySettings } from '../core/privacy-settings.js';
import { CONFIG_DEFAULTS, ORIGIN_DEFAULTS } from './config-defaults.js';
import { findConfigProblems } from './config-problems.js';
import { syncConfigSchema } from './sync-config-schema.js';

/** What `.agent/etc/sync.yaml` says, with the defaults for what it leaves out. */
export interface SyncConfig {
  readonly version: 1;
  /** Left out by a project that is not shared yet. */
  readonly origin?: OriginConfig;
  readonly merge: MergeConfig;
  readonly kinds: Readonly<Record<ArtifactKind, KindConfig>>;
  readonly sync: {
    /** What becomes of lines that both sides changed: a person is asked, or one side wins. */
    readonly conflict: 'manual' | 'ours' | 'theirs';
    /** What becomes of a push or pull without a connection: it fails, or waits in the queue. */
    readonly offline: 'fail' | 'queue';
  };
  /** What is kept from being stored and sent. */
  readonly privacy: PrivacySettings;
}

/** Where the project is shared, and which environment variables hold the keys to it. */
export interface OriginConfig {
  /** `https://…`, `http://127.0.0.1:PORT` (or another name of this machine), or `file:PATH`. */
  readonly url: string;
  /** The project's name at the origin. */
  readonly project: string;
  /** The database schema that holds agent-sync's tables. */
  readonly schema: string;
  /** The name of the environment variable that holds the publishable (anon) key. */
  readonly keyEnv: string;
  /** The name of the environment variable that holds the user's access token. */
  readonly tokenEnv: string;
  /** Seconds until a request is given up; one that carries a push may take four times as long. */
  readonly timeout: number;
}

/** How conflicts are shown and remembered, by the names that git's configuration has for it. */
export interface MergeConfig {
  /** @see git-rerere(1) */
  readonly rerere: boolean;
  /** @see git-merge(1), `merge.conflictStyle` */
  readonly style: 'merge' | 'diff3' | 'zdiff3';
}

/** How artifacts of a kind are merged. */
export interface KindConfig {
  /** Line by line as git does, or by what an artifact's parts mean. */
  readonly merge: 'text' | 'artifact';
  /** The states that may follow each state, in place of the kind's own state machine. */
  readonly states?: Readonly<Record<string, readonly string[]>>;
}

/** What the schema lets through. */
interface WrittenConfig {
  readonly version: 1;
  readonly origin?: {
    readonly url: string;
    readonly project: string;
    readonly schema?: string;
    readonly key_env?: string;
    readonly token_env?: string;
    readonly timeout?: number;
  };
  readonly merge?: Partial<MergeConfig>;
  readonly kinds?: Partial<Record<ArtifactKind, Partial<KindConfig>>>;
  readonly sync?: Partial<SyncConfig['sync']>;
  readonly privacy?: {
    readonly detectors?: Partial<PrivacySettings['detectors']>;
    readonly country?: string;
    readonly allow?: Partial<PrivacySettings['allow']>;
  };
}

/**
 * Whether an origin may be at this URL: over TLS, on this machine, or in a file. Elsewhere keys and passwords would travel in
 * clear.
 */
export function isOriginUrl(url: string): boolean {
  return new RegExp(syncConfigSchema.properties.origin.properties.url.pattern).test(url);
}

/**
 * Reads sync.yaml.
 *
 * @param fileName as messages are to name the file
 * @throws {SyncError} `CONFIG_INVALID`, with every problem as `file:line:column: …`, and never with a value of the file
 */
export function parseSyncConfig(text: string, fileName: string): SyncConfig {
  const { problems, value } = findConfigProblems(text);
  if (problems.length > 0) {
    const lines = problems.map(({ line, column, message }) => `\n  ${fileName}:${line}:${column}: ${message}`);
    throw new SyncError('CONFIG_INVALID', `${fileName} cannot be used:${lines.join('')}`, {
      hint: `Correct ${fileName}, then run the command again. Nothing was changed.`,
    });
  }
  const { origin, merge, kinds, sync, privacy } = value as WrittenConfig;
  return {
    version: 1,
    ...(origin && {
      origin: {
        url: origin.url,
        project: origin.project,
        schema: origin.schema ?? ORIGIN_DEFAULTS.schema,
        keyEnv: origin.key_env ?? ORIGIN_DEFAULTS.keyEnv,
        tokenEnv: origin.token_env ?? ORIGIN_DEFAULTS.tokenEnv,
        timeout: origin.timeout ?? ORIGIN_DEFAULTS.timeout,
      },
    }),
    merge: { ...CONFIG_DEFAULTS.merge, ...merge },
    kinds: {
      plan: { ...CONFIG_DEFAULTS.kinds.plan, ...kinds?.plan },
      story: { ...CONFIG_DEFAULTS.kinds.story, ...kinds?.story },
      runbook: { ...CONFIG_DEFAULTS.kinds.runbook, ...kinds?.runbook },
    },
    sync: { ...CONFIG_DEFAULTS.sync, ...sync },
    privacy: {
      detectors: { ...CONFIG_DEFAULTS.privacy.detectors, ...privacy?.detectors },
      country: privacy?.country ?? CONFIG_DEFAULTS.privacy.country,
      allow: { ...CONFIG_DEFAULTS.privacy.allow, ...privacy?.allow },
    },
  };
}
