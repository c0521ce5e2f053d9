import { SyncError } from '../../core/errors.js';
import { failureClass } from '../../core/failure-class.js';
import type { Auth, CallOptions, CredentialPlace, OriginAccess, Session, SessionUser } from '../../core/ports.js';

/** How somebody shows who they are. */
export type Proof =
  | { readonly kind: 'password'; readonly email: string; readonly password: string }
  /** `code` is called once a code was sent. */
  | { readonly kind: 'otp'; readonly email: string; readonly code: () => Promise<string> }
  | { readonly kind: 'token'; readonly token: string };

/** A login, without anything that is secret. */
export interface Login {
  readonly origin: string;
  readonly user: SessionUser;
  /** When the access token expires, in seconds since the epoch; null when it does not say. */
  readonly expiresAt: number | null;
  /** False for a token that was brought: when it has expired, another one has to be. */
  readonly renewed: boolean;
  readonly place: CredentialPlace;
}

/**
 * Signs in at an origin, and keeps the session and the key for later commands. A login from before is replaced.
 *
 * @param key the publishable key
 * @throws {SyncError} `LOGIN_FAILED`, and the codes of `Auth` and `CredentialStore`; what was kept stays then
 */
export async function login(access: OriginAccess, key: string, proof: Proof, call: CallOptions = {}): Promise<Login> {
  const { origin, credentials } = access;
  const auth = await access.auth(key);
  const session = await signIn(auth, proof, call);
  try {
    await credentials.change(origin, async () => ({ key, session }));
  } catch (error) {
    // Nobody has its tokens now, but it would go on at the origin.
    if (session.refreshToken !== null) await auth.end(session.accessToken, call).catch(() => {});
    throw error;
  }
  const place = await credentials.find(origin);
  if (!place) throw new SyncError('CREDENTIALS_DAMAGED', 'the login was kept, and is not there');
  const { user, expiresAt, refreshToken } = session;
  return { origin, user, expiresAt, renewed: refreshToken !== null, place };
}

async function signIn(auth: Auth, proof: Proof, call: CallOptions): Promise<Session> {
  switch (proof.kind) {
    case 'password':
      return auth.withPassword(proof.email, proof.password, call);
    case 'otp':
      await auth.sendCode(proof.email, call);
      return auth.withCode(proof.email, await proof.code(), call);
    case 'token':
      return brought(auth, proof.token, call);
  }
}

/** A session of a token that somebody has already. */
async function brought(auth: Auth, token: string, call: CallOptions): Promise<Session> {
  try {
    const { user, expiresAt } = await auth.identify(token, call);
    return { accessToken: token, refreshToken: null, expiresAt, user };
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'LOGIN_EXPIRED') throw error;
    throw new SyncError('LOGIN_FAILED', 'the origin does not accept the access token', {
      hint: 'It may have expired, or be of another project. Nothing was changed.',
    });
  }
}

/** What logging out came to. */
export interface Logout {
  readonly origin: string;
  /** False when nothing was kept. */
  readonly wasLoggedIn: boolean;
  /** Whether the origin ended the session; its refresh token is good for nothing then. */
  readonly ended: boolean;
  /** Why it did not, if it was asked. */
  readonly failure: SyncError | undefined;
}

/**
 * Forgets the login and the key of an origin, and ends the session there. Without a connection it is forgotten all the same.
 *
 * @throws {SyncError} the codes of `CredentialStore`
 */
export async function logout(access: OriginAccess, call: CallOptions = {}): Promise<Logout> {
  const { origin, credentials } = access;
  let kept: { readonly key: string; readonly session: Session | null } | undefined;
  if (await credentials.find(origin)) {
    await credentials.change(origin, async (found) => {
      kept = found;
      return undefined;
    });
  }
  const session = kept?.session;
  let failure: SyncError | undefined;
  if (kept && session?.refreshToken) {
    try {
      await (await access.auth(kept.key)).end(session.accessToken, call);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      failure = error;
    }
  }
  return { origin, wasLoggedIn: kept !== undefined, ended: Boolean(session?.refreshToken) && !failure, failure };
}

/** Who the commands of this folder act as. */
export interface WhoAmI {
  readonly origin: string;
  readonly user: SessionUser;
  /** Where the access token comes from. */
  readonly source: 'environment' | CredentialPlace['kind'];
  /** When the login was looked at without the origin, which may think otherwise. */
  readonly offline: boolean;
  /** In the project; null without one, or without a role in it, or offline. */
  readonly role: string | null;
}

/**
 * Tells who is logged in: as the origin says or, where it cannot be reached, as the login says.
 *
 * @param roleOf asks for the user's role in the project; left out without a project
 * @returns undefined when nobody is
 * @throws {SyncError} `LOGIN_EXPIRED`, and the codes of `Auth` and `CredentialStore`
 */
export async function whoAmI(
  access: OriginAccess,
  roleOf: ((userId: string) => Promise<string | null>) | undefined,
  call: CallOptions = {},
): Promise<WhoAmI | undefined> {
  const { origin, environment, credentials } = access;
  const { key, accessToken, kept } = await access.open();
  if (!accessToken || !key) return undefined;
  const source = environment.token ? 'environment' : ((await credentials.find(origin))?.kind ?? 'file');
  const known = environment.token ? environment.user : kept?.session?.user;
  try {
    const auth = await access.auth(key);
    const { user } = await auth.identify(await accessToken(), call);
    return { origin, user, source, offline: false, role: (await roleOf?.(user.id)) ?? null };
  } catch (error) {
    if (!known || !(error instanceof SyncError) || failureClass(error) !== 'later' || error.code === 'ABORTED')
      throw error;
    return { origin, user: known, source, offline: true, role: null };
  }
}
