import { artifactDriver } from '../artifact/merge/artifact-driver.js';
import { KINDS } from '../artifact/path.js';
import { TRANSITIONS } from '../artifact/states.js';
import { CONFIG_DEFAULTS } from '../config/config-defaults.js';
import type { SyncConfig } from '../config/sync-config.js';
import type { VersionOptions } from '../core/merge/merge-versions.js';
import type { Repository } from './repository.js';

/** How merges are made in a project. `favor` is whose lines win where both sides changed them; undefined asks a person. */
export type MergeSettings = Pick<VersionOptions, 'style' | 'favor' | 'driver'>;

/** Reads off the configuration how merges are made. */
export function mergeSettings({ merge, kinds, sync }: SyncConfig): MergeSettings {
  const byParts = KINDS.filter((kind) => kinds[kind].merge === 'artifact');
  const machines = Object.fromEntries(byParts.map((kind) => [kind, kinds[kind].states ?? TRANSITIONS[kind]]));
  return {
    style: merge.style,
    favor: sync.conflict === 'manual' ? undefined : sync.conflict,
    ...(byParts.length > 0 && { driver: artifactDriver(machines) }),
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
