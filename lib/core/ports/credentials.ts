/** Signing in at an origin, and where logins are kept. */
import type { CallOptions } from './remote.js';

/** Who is signed in, as the origin knows them. */
export interface SessionUser {
  /** A UUID. */
  readonly id: string;
  readonly email: string | null;
}

/** What signing in gave. */
export interface Session {
  /** A JWT. */
  readonly accessToken: string;
  /** Good once, for the next session; null for a token that somebody brought, which nothing renews. */
  readonly refreshToken: string | null;
  /** When the access token expires, in seconds since the epoch; null when it does not say. */
  readonly expiresAt: number | null;
  readonly user: SessionUser;
}

/** What is kept of an origin. */
export interface Credentials {
  /** The publishable (anon) key. */
  readonly key: string;
  /** Null after logging out, or when the origin ended the session. */
  readonly session: Session | null;
}

/** Where credentials are: in the keyring of the operating system, or in an encrypted file. */
export type CredentialPlace = { readonly kind: 'keyring' } | { readonly kind: 'file'; readonly path: string };

/** Credentials as one place keeps them, by the URL of the origin. */
export interface CredentialVault {
  readonly place: CredentialPlace;
  /** Whether there are any, without asking anybody for a passphrase. */
  has(origin: string): Promise<boolean>;
  /** @throws {SyncError} `CREDENTIALS_LOCKED`, `CREDENTIALS_DAMAGED`, `CREDENTIALS_UNSAFE` */
  read(origin: string): Promise<Credentials | undefined>;
  /** Replaces them in one step; undefined removes them. Only for who holds the lock. @throws {SyncError} as `read` does */
  write(origin: string, credentials: Credentials | undefined): Promise<void>;
}

/** The credentials of whoever runs this process. */
export interface CredentialStore {
  /** Undefined when there are none. @throws {SyncError} as those of {@link CredentialVault.read} */
  read(origin: string): Promise<Credentials | undefined>;
  /** Where those of an origin are; undefined when there are none. Asks nobody for a passphrase. */
  find(origin: string): Promise<CredentialPlace | undefined>;
  /**
   * Replaces the credentials of an origin by what `change` makes of them, one process at a time: what it found is what is there
   * until it is done. When it throws, nothing has changed.
   *
   * @param change gets and gives undefined for none
   * @returns what is there now
   * @throws {SyncError} `CREDENTIALS_UNAVAILABLE` when there is no place to keep them, `CREDENTIALS_BUSY`, and as `read` does
   */
  change(
    origin: string,
    change: (found: Credentials | undefined) => Promise<Credentials | undefined>,
  ): Promise<Credentials | undefined>;
}

/** Signing in and out at an origin. All may throw `ORIGIN_UNREACHABLE` and its like. */
export interface Auth {
  /** @throws {SyncError} `LOGIN_FAILED` */
  withPassword(email: string, password: string, options?: CallOptions): Promise<Session>;
  /** Has a one-time code sent. @throws {SyncError} `LOGIN_FAILED`, `ORIGIN_BUSY` when it was asked for too often */
  sendCode(email: string, options?: CallOptions): Promise<void>;
  /** @throws {SyncError} `LOGIN_FAILED` */
  withCode(email: string, code: string, options?: CallOptions): Promise<Session>;
  /** Takes a refresh token for the next session. @throws {SyncError} `LOGIN_EXPIRED` when the session is over */
  renew(refreshToken: string, options?: CallOptions): Promise<Session>;
  /** Whose token it is, and when it expires. @throws {SyncError} `LOGIN_EXPIRED` for one that is not accepted, or no longer */
  identify(accessToken: string, options?: CallOptions): Promise<Pick<Session, 'user' | 'expiresAt'>>;
  /** Ends the session of a token; one that is over already is no failure. */
  end(accessToken: string, options?: CallOptions): Promise<void>;
}

/**
 * Gives the access token to send.
 *
 * @param refused one that the origin does not accept any more: another one is wanted
 * @throws {SyncError} `LOGIN_EXPIRED` when there is none to be had
 */
export type AccessToken = (refused?: string) => Promise<string>;

/** How this process gets into an origin. */
export interface OriginAccess {
  /** The origin's URL, in its one form. */
  readonly origin: string;
  readonly credentials: CredentialStore;
  /** What the environment says; it comes before what is kept. */
  readonly environment: {
    /** The name of the variable that the key is in, or could be. */
    readonly keyEnv: string;
    readonly key: string | undefined;
    readonly token: string | undefined;
    /** As the token says, unchecked. */
    readonly user: SessionUser | undefined;
  };
  /** What the environment says and, for what it does not say, what is kept. @throws {SyncError} as {@link CredentialStore.read} */
  open(): Promise<OpenedAccess>;
  auth(key: string): Promise<Auth>;
}

/** What there is to get into an origin with. */
export interface OpenedAccess {
  readonly key: string | undefined;
  readonly accessToken: AccessToken | undefined;
  /** Undefined where nothing was looked for, or nothing is kept. */
  readonly kept: Credentials | undefined;
}
