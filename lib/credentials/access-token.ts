import { SyncError } from '../core/errors.js';
import { isOffline } from '../core/failure-class.js';
import type { AccessToken, Auth, CredentialStore, Session } from '../core/ports.js';

/** Renewed before it expires, since a request may take a while, and clocks differ. */
const MARGIN_S = 60;

/** What keeping a session good takes. */
export interface SessionParts {
  /** The URL of the origin. */
  readonly origin: string;
  readonly store: CredentialStore;
  /** Loaded when it is needed. */
  readonly auth: () => Promise<Auth>;
  /** Seconds since the epoch. */
  readonly now: () => number;
}

/**
 * The access token of a stored session, renewed when it is about to expire or the origin does not accept it any more. One process
 * at a time renews, and the others take what it got: a refresh token is good once.
 *
 * Without a connection the session stays as it is; when the origin refuses to renew it, it is over.
 */
export function sessionToken(parts: SessionParts, stored: Session): AccessToken {
  let session = stored;
  let renewing: Promise<Session> | undefined;
  return async (refused) => {
    const lasts = session.expiresAt === null ? Number.POSITIVE_INFINITY : session.expiresAt - parts.now();
    if (lasts > MARGIN_S && session.accessToken !== refused) return session.accessToken;
    renewing ??= renew(parts, session).finally(() => {
      renewing = undefined;
    });
    try {
      session = await renewing;
    } catch (error) {
      // It is good for another moment, and the origin may be there for the request itself.
      if (!isOffline(error) || lasts <= 0 || session.accessToken === refused) throw error;
    }
    return session.accessToken;
  };
}

async function renew({ origin, store, auth, now }: SessionParts, known: Session): Promise<Session> {
  let renewed: Session | undefined;
  let over: SyncError | undefined;
  await store.change(origin, async (found) => {
    const current = found?.session;
    if (!current) return found;
    const isNew = current.accessToken !== known.accessToken || current.refreshToken !== known.refreshToken;
    if (isNew && (current.expiresAt === null || current.expiresAt > now())) {
      renewed = current;
      return found;
    }
    if (current.refreshToken === null) return found;
    try {
      renewed = await (await auth()).renew(current.refreshToken);
      return { ...found, session: renewed };
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'LOGIN_EXPIRED') throw error;
      over = error;
      return { ...found, session: null };
    }
  });
  if (renewed) return renewed;
  throw over ?? loginExpired(origin);
}

/** The failure of who was signed in, and is no longer. */
function loginExpired(origin: string): SyncError {
  return new SyncError('LOGIN_EXPIRED', `the login at ${origin} is over`, {
    hint: "Log in again with 'agent sync login'. What waits in the queue is sent then.",
  });
}
