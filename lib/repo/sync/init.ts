import { ORIGIN_DEFAULTS } from '../../config/config-defaults.js';
import { addOrigin, renderSyncConfig } from '../../config/render-sync-config.js';
import { parseSyncConfig } from '../../config/sync-config.js';
import { SyncError } from '../../core/errors.js';
import type { CallOptions, Role } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { type FetchResult, fetch } from './fetch.js';

/** What `agent sync init` is asked for. */
export interface InitOptions {
  /** `https://…`, `http://127.0.0.1…` or `file:PATH`. */
  readonly origin?: string;
  /** The project's name at the origin; the folder's name when left out. */
  readonly project?: string;
}

/**
 * Decides what sync.yaml is to say. What it says already stays.
 *
 * @param existing the file's text; undefined without a sync.yaml
 * @param fileName as messages are to name the file
 * @returns undefined when nothing is to be written
 * @throws {SyncError} `CONFIG_INVALID`, also when the file names another origin or project than the options
 */
export function planConfig(
  existing: string | undefined,
  fileName: string,
  { origin, project }: InitOptions,
  folder: string,
): string | undefined {
  const configured = existing === undefined ? undefined : parseSyncConfig(existing, fileName).origin;
  const other = configured && ((origin && origin !== configured.url) || (project && project !== configured.project));
  if (other) {
    throw new SyncError(
      'CONFIG_INVALID',
      `${fileName} already names the origin ${configured.url}, project '${configured.project}'`,
      {
        hint: 'Edit that file to change the origin.',
      },
    );
  }
  if (configured || (existing !== undefined && !origin)) return undefined;
  const asked = origin ? { ...ORIGIN_DEFAULTS, url: origin, project: project ?? projectName(folder) } : undefined;
  return existing !== undefined && asked ? addOrigin(existing, asked) : renderSyncConfig(asked);
}

/** A folder's name as the origin takes names of projects. */
function projectName(folder: string): string {
  return folder.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'project';
}

/** What joining the project at the origin came to. */
export interface JoinedOrigin {
  readonly url: string;
  readonly project: string;
  /** True when the project was made just now. */
  readonly created: boolean;
  readonly role: Role;
  readonly fetched: FetchResult;
}

/**
 * Registers the project at the origin, or joins it as the member that the caller is, and fetches what is there.
 *
 * @returns undefined without a configured origin
 */
export function joinOrigin(repo: Repository, options: CallOptions = {}): Promise<JoinedOrigin | undefined> {
  const join = () => recordOperation(repo, 'sync init', () => registerAndFetch(repo, options));
  return asSyncOperation(repo, 'init', join, (joined) => (joined?.created ? 'created' : joined ? 'joined' : 'done'));
}

async function registerAndFetch(repo: Repository, options: CallOptions): Promise<JoinedOrigin | undefined> {
  const origin = (await repo.config())?.origin;
  if (!origin) return undefined;
  const remote = await repo.connect();
  const { created, role } = await remote.register(options);
  return { url: origin.url, project: origin.project, created, role, fetched: await fetch(repo, options) };
}
