import { KINDS } from '../../artifact/path.js';
import { TRANSITIONS } from '../../artifact/states.js';
import { CONFIG_DEFAULTS } from '../../config/config-defaults.js';
import type { VersionOptions } from '../../core/merge/merge-versions.js';
import type { Repository } from '../repository.js';

/** How merges are made in a project. `favor` is whose lines win where both sides changed them; undefined asks a person. */
export type MergeSettings = Pick<VersionOptions, 'style' | 'favor' | 'driver'>;

/**
 * How merges are made in this project, by sync.yaml or by the defaults.
 *
 * @throws {SyncError} `CONFIG_INVALID`
 */
export async function readMergeSettings(repo: Repository): Promise<MergeSettings> {
  const { merge, kinds, sync } = (await repo.config()) ?? CONFIG_DEFAULTS;
  const { style } = merge;
  const favor = sync.conflict === 'manual' ? undefined : sync.conflict;
  const byParts = KINDS.filter((kind) => kinds[kind].merge === 'artifact');
  if (byParts.length === 0) return { style, favor };
  // Only a project that wants it pays for loading it.
  const { artifactDriver } = await import('../../artifact/merge/artifact-driver.js');
  const machines = byParts.map((kind) => [kind, kinds[kind].states ?? TRANSITIONS[kind]] as const);
  return { style, favor, driver: artifactDriver(Object.fromEntries(machines)) };
}
