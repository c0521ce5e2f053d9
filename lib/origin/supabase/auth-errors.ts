import { SyncError } from '../../core/errors.js';
import { explainFailure, type Failure } from './errors.js';

/** What people can do something about, in our words: what the origin says may repeat what it was sent. */
const REFUSALS: Readonly<Record<string, string>> = {
  invalid_credentials: 'does not accept this e-mail address with this password',
  invalid_grant: 'does not accept this e-mail address with this password',
  otp_expired: 'does not accept the code: it is wrong, used, or too old',
  otp_disabled: 'sends no codes to this e-mail address',
  signup_disabled: 'knows no such user',
  email_not_confirmed: 'wants the e-mail address to be confirmed first; follow the link in the message that it sent',
  email_address_invalid: 'does not take this e-mail address',
  email_provider_disabled: 'does not let people sign in by e-mail',
  validation_failed: 'does not take this e-mail address, or this code',
  captcha_failed: 'wants a captcha to be solved, which a command line cannot; bring a token with --token-stdin',
  user_banned: 'has locked this user out',
};

/** The session is over, whatever the client does. */
const ENDED = new Set([
  'refresh_token_not_found',
  'refresh_token_already_used',
  'session_not_found',
  'session_expired',
  'user_not_found',
  'user_banned',
  'bad_jwt',
  'invalid_grant',
]);

/**
 * Explains what Supabase Auth refused.
 *
 * @param url for the message
 * @param refused what it is to be called: signing in failed, or a session is over
 * @see https://supabase.com/docs/guides/auth/debugging/error-codes
 */
export function explainAuthFailure(
  url: string,
  failure: Failure,
  refused: 'LOGIN_FAILED' | 'LOGIN_EXPIRED',
): SyncError {
  const { status, code, retryAfter } = failure;
  if (status === 429 || /^over_\w+_rate_limit$/.test(code)) {
    return new SyncError('ORIGIN_BUSY', `the origin at ${url} was asked too often`, {
      hint: 'Wait a minute or two, then try again.',
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  }
  if (refused === 'LOGIN_EXPIRED' && ENDED.has(code)) {
    return new SyncError('LOGIN_EXPIRED', `the login at ${url} is over (${code})`, {
      hint: "Log in again with 'agent sync login'. What waits in the queue is sent then.",
    });
  }
  const says = refused === 'LOGIN_FAILED' && Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (says)
    return new SyncError('LOGIN_FAILED', `the origin at ${url} ${says}`, { hint: 'Nothing was changed. Try again.' });
  return explainFailure(url, failure);
}
