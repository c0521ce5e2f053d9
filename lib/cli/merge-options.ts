import { SyncError } from '../core/errors.js';
import type { MergeOptions } from '../repo/merge/merge.js';
import { oneOf } from './options.js';

/** The options that pull and merge share, as they are given. */
interface GivenMergeOptions {
  readonly strategyOption: string | undefined;
  readonly ffOnly: boolean;
  readonly noFf: boolean;
  readonly allowUnrelated: boolean;
}

/**
 * Reads the options that pull and merge share.
 *
 * @throws {SyncError} `USAGE`
 */
export function mergeOptionsOf({
  strategyOption,
  ffOnly,
  noFf,
  allowUnrelated,
}: GivenMergeOptions): Omit<MergeOptions, 'label'> {
  if (ffOnly && noFf) throw new SyncError('USAGE', "'--ff-only' and '--no-ff' exclude each other");
  return {
    allowUnrelated,
    fastForward: ffOnly ? 'only' : noFf ? 'never' : 'allow',
    ...favorOf(strategyOption),
  };
}

/**
 * Reads `--strategy-option`.
 *
 * @throws {SyncError} `USAGE`
 */
export function favorOf(strategyOption: string | undefined): Pick<MergeOptions, 'favor'> {
  const favor = oneOf('--strategy-option', strategyOption, ['ours', 'theirs'] as const);
  return favor ? { favor } : {};
}
