import { SyncError } from '../../core/errors.js';
import type { AgentContext } from '../context.js';
import type { Key, KeyChoice } from './ask-key.js';

/**
 * Asks for one of several keys.
 *
 * @param interrupted what Ctrl-C leaves behind, and what to do next
 * @throws {SyncError} `ABORTED` when the person interrupts it
 */
export async function ask(
  context: AgentContext,
  message: string,
  choices: readonly KeyChoice<Key>[],
  interrupted: { readonly message: string; readonly hint: string },
): Promise<Key> {
  const { askKey } = await import('./ask-key.js');
  const key = await askKey(context, message, choices);
  if (key === undefined) throw new SyncError('ABORTED', interrupted.message, { hint: interrupted.hint });
  return key;
}
