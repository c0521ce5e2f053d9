import { CONFIG_DEFAULTS } from '../config/config-defaults.js';
import type { SyncConfig } from '../config/sync-config.js';
import type { ConflictStyle } from '../core/merge/conflict-markers.js';
import type { Repository } from './repository.js';

/** How merges are made in a project. */
export interface MergeSettings {
  readonly style: ConflictStyle;
  /** Whose lines win where both sides changed them; undefined asks a person. */
  readonly favor: 'ours' | 'theirs' | undefined;
}

/** Reads off the configuration how merges are made. */
export function mergeSettings({ merge, sync }: SyncConfig): MergeSettings {
  return {
    style: merge.style,
    favor: sync.conflict === 'manual' ? undefined : sync.conflict,
  };
}

/**
 * How merges are made in this project, by sync.yaml or by the defaults.
 *
 * @throws {SyncError} `CONFIG_INVALID`
 */
export async function readMergeSettings(repo: Repository): Promise<MergeSettings> {
  return mergeSettings((await repo.config()) ?? CONFIG_DEFAULTS);
}
