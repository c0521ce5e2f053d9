import type { Pool } from 'pg';
import type { Dependencies } from '../dependencies.js';
import { type Keys, signToken } from '../keys.js';
import { type UserRow, userClaims } from '../users.js';
import { readRefreshToken, refreshToken } from './refresh-token.js';
import { type AuthReply, refusal } from './reply.js';

/** A user as its row has it. */
export interface AuthUser extends UserRow {
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** How somebody showed who they are. */
export type SignInMethod = 'password' | 'otp';

/** What signing in stands on. */
export interface AuthParts {
  readonly pool: Pool;
  readonly jose: Dependencies['jose'];
  readonly keys: Keys;
  /** How long an access token is good for. */
  readonly accessSeconds: number;
  /** Where messages go. */
  readonly mailFolder: string;
}

interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly method: SignInMethod;
  readonly refresh_count: number;
  readonly created_at: Date;
}

const USER_COLUMNS = 'id, email, raw_user_meta_data, created_at, updated_at';
const SESSION_COLUMNS = 'id, user_id, method, refresh_count, created_at';

/** The user with an address or id; undefined when there is none. */
export async function findUser(
  { pool }: AuthParts,
  by: { readonly email: string } | { readonly id: string },
): Promise<AuthUser | undefined> {
  const [column, value] = Object.entries(by)[0]!;
  const { rows } = await pool.query(`select ${USER_COLUMNS} from auth.users where ${column} = $1`, [value]);
  return rows[0];
}

/** Begins a session for somebody who showed who they are. */
export async function beginSession(parts: AuthParts, user: AuthUser, method: SignInMethod): Promise<AuthReply> {
  const { rows } = await parts.pool.query(
    `insert into auth.sessions (user_id, method) values ($1, $2) returning ${SESSION_COLUMNS}`,
    [user.id, method],
  );
  return sessionReply(parts, user, rows[0]);
}

/**
 * Takes a refresh token for the next one. Whoever did not get the answer may ask again with the same token; an older one was
 * stolen, from them or by them, and ends the session.
 *
 * @see https://supabase.com/docs/guides/auth/sessions#what-is-refresh-token-reuse-detection-and-what-does-it-protect-from
 */
export async function refreshSession(parts: AuthParts, token: string): Promise<AuthReply> {
  const known = readRefreshToken(parts.keys.jwtSecret, token);
  const notFound = refusal(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
  if (!known) return notFound;
  const { pool } = parts;
  const moved = await pool.query(
    `update auth.sessions set refresh_count = refresh_count + 1, refreshed_at = now()
      where id = $1 and refresh_count = $2 returning ${SESSION_COLUMNS}`,
    [known.session, known.count],
  );
  const session: SessionRow | undefined = moved.rows[0] ?? (await findSession(parts, known.session));
  const user = session && (await findUser(parts, { id: session.user_id }));
  if (!user) return notFound;
  if (session.refresh_count !== known.count + 1) {
    await pool.query('delete from auth.sessions where id = $1', [session.id]);
    return refusal(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used');
  }
  return sessionReply(parts, user, session);
}

/** @returns undefined when it has ended */
export async function findSession({ pool }: AuthParts, id: string): Promise<SessionRow | undefined> {
  const { rows } = await pool.query(`select ${SESSION_COLUMNS} from auth.sessions where id = $1`, [id]);
  return rows[0];
}

/** Ends a user's sessions: this one, all but this one, or all. Their access tokens are good until they expire. */
export async function endSessions(
  { pool }: AuthParts,
  userId: string,
  session: string | undefined,
  scope: 'local' | 'others' | 'global',
): Promise<void> {
  await pool.query(
    `delete from auth.sessions
      where user_id = $1 and case $3 when 'local' then id = $2 when 'others' then id is distinct from $2 else true end`,
    [userId, session ?? null, scope],
  );
}

/** A user as clients of Supabase Auth get it. */
export function describeUser(user: AuthUser): Record<string, unknown> {
  const created = user.created_at.toISOString();
  return {
    id: user.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: user.email,
    email_confirmed_at: created,
    phone: '',
    app_metadata: APP_METADATA,
    user_metadata: user.raw_user_meta_data,
    identities: [],
    created_at: created,
    updated_at: user.updated_at.toISOString(),
    is_anonymous: false,
  };
}

const APP_METADATA = { provider: 'email', providers: ['email'] };

async function sessionReply(parts: AuthParts, user: AuthUser, session: SessionRow): Promise<AuthReply> {
  const { jose, keys, accessSeconds } = parts;
  const claims = {
    ...userClaims(user),
    app_metadata: APP_METADATA,
    session_id: session.id,
    aal: 'aal1',
    amr: [{ method: session.method, timestamp: Math.floor(session.created_at.getTime() / 1000) }],
    is_anonymous: false,
  };
  return {
    status: 200,
    body: {
      access_token: await signToken(jose, keys.jwtSecret, claims, `${accessSeconds}s`),
      token_type: 'bearer',
      expires_in: accessSeconds,
      expires_at: Math.floor(Date.now() / 1000) + accessSeconds,
      refresh_token: refreshToken(keys.jwtSecret, session.id, session.refresh_count),
      user: describeUser(user),
    },
  };
}
