import { Document, type YAMLMap } from 'yaml';
import { SyncError } from '../core/errors.js';
import { findConfigProblems } from './config-problems.js';

/** What `.agent/etc/sync.yaml` says. */
export interface SyncConfig {
  readonly version: 1;
  /** Left out by a project that is not shared yet. */
  readonly origin?: OriginConfig;
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
}

/** What stands for a setting that sync.yaml leaves out. */
export const ORIGIN_DEFAULTS = {
  schema: 'agent_sync',
  keyEnv: 'SUPABASE_ANON_KEY',
  tokenEnv: 'SUPABASE_ACCESS_TOKEN',
} as const;

interface WrittenConfig {
  readonly version: 1;
  readonly origin?: {
    readonly url: string;
    readonly project: string;
    readonly schema?: string;
    readonly key_env?: string;
    readonly token_env?: string;
  };
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
  const { origin } = value as WrittenConfig;
  if (!origin) return { version: 1 };
  return {
    version: 1,
    origin: {
      url: origin.url,
      project: origin.project,
      schema: origin.schema ?? ORIGIN_DEFAULTS.schema,
      keyEnv: origin.key_env ?? ORIGIN_DEFAULTS.keyEnv,
      tokenEnv: origin.token_env ?? ORIGIN_DEFAULTS.tokenEnv,
    },
  };
}

/**
 * Writes sync.yaml for people to read and edit.
 *
 * @throws {SyncError} `CONFIG_INVALID` for what `parseSyncConfig` would not take back
 */
export function renderSyncConfig(config: SyncConfig): string {
  const written: WrittenConfig = {
    version: 1,
    ...(config.origin && {
      origin: {
        url: config.origin.url,
        project: config.origin.project,
        schema: config.origin.schema,
        key_env: config.origin.keyEnv,
        token_env: config.origin.tokenEnv,
      },
    }),
  };
  const document = new Document(written);
  document.commentBefore = config.origin ? HEADER : `${HEADER}\n${UNSHARED}`;
  const origin = document.get('origin') as YAMLMap | undefined;
  if (origin) {
    commentOn(origin, 'url', ' https://…, http://127.0.0.1:PORT for an origin on this machine, or file:PATH');
    commentOn(origin, 'key_env', ' Names of environment variables, never the keys themselves');
  }
  const text = document.toString({ lineWidth: 0 }).replace(/\n{3,}/, '\n\n');
  parseSyncConfig(text, 'sync.yaml');
  return text;
}

const HEADER =
  " Where this project's Plans, Stories and Runbooks are shared (agent-sync).\n" +
  ' It holds no secret and belongs in git, so that everyone who clones the project finds the origin.';
const UNSHARED = " Without an origin everything works on this machine only; 'agent sync init --origin URL' adds one.\n";

function commentOn(map: YAMLMap, key: string, comment: string): void {
  const pair = map.items.find((item) => String(item.key) === key);
  if (pair) (pair.key as { commentBefore?: string }).commentBefore = comment;
}
