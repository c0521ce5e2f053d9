import { SyncError } from '../../core/errors.js';

/**
 * The one form of an origin's URL: without a slash at the end, and without a user or password in it, and so fit for messages.
 *
 * @throws {SyncError} `CONFIG_INVALID`
 */
export function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new SyncError('CONFIG_INVALID', "the origin's URL is not of the form https://PROJECT.supabase.co");
  }
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}`;
}
