import type { ClientBase } from 'pg';
import { SyncError } from '../../core/errors.js';
import type { Role } from '../../core/ports.js';
import type { Dependencies } from './dependencies.js';
import { type Keys, signToken } from './keys.js';

/** A user of the origin and the access token that proves it. */
export interface OriginUser {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
}

/** What a user gets besides a name. */
export interface UserOptions extends Membership {
  /** What tokens say in the claim `email`; made from the name unless given or known already. */
  readonly email?: string;
  /** To sign in with; replaces the one from before. */
  readonly password?: string;
}

/** Makes the user a member of a project at once. */
export interface Membership {
  readonly project?: string;
  /** `writer` unless given. */
  readonly role?: Role;
}

/** bcrypt reads no more, and Supabase takes none that is longer. */
const LONGEST_PASSWORD = 72;
const SHORTEST_PASSWORD = 8;

/**
 * Makes the user, or finds it by name, and signs a token good for a year.
 *
 * @throws {SyncError} `ORIGIN_REFUSED` when there is no such project (only its first owner makes one), or the address is another
 *   user's; `USAGE` for an address or password that cannot be one
 */
export async function addOriginUser(
  database: Pick<ClientBase, 'query'>,
  jose: Dependencies['jose'],
  keys: Keys,
  name: string,
  { project, role = 'writer', email, password }: UserOptions = {},
): Promise<OriginUser> {
  const user = await ensureUser(database, name, email, password);
  if (project !== undefined) {
    await database.query('select auth.ensure_member($1, $2, $3)', [project, user.id, role]).catch((cause) => {
      if (cause.code !== 'PT404') throw cause;
      const hint = 'Its first user registers it with `agent sync init`, or is added with the role owner.';
      throw new SyncError('ORIGIN_REFUSED', cause.message, { hint, cause });
    });
  }
  const token = await signToken(jose, keys.jwtSecret, userClaims(user), '1y');
  return { userId: user.id, email: user.email, token };
}

/** A row of `auth.users`, as far as tokens tell of it. */
export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly raw_user_meta_data: Readonly<Record<string, unknown>>;
}

/** What every token of a user says. @see https://supabase.com/docs/guides/auth/jwt-fields */
export function userClaims({ id, email, raw_user_meta_data }: UserRow): Record<string, unknown> {
  return {
    sub: id,
    email,
    role: 'authenticated',
    aud: 'authenticated',
    iss: 'agent-sync',
    user_metadata: raw_user_meta_data,
  };
}

async function ensureUser(
  database: Pick<ClientBase, 'query'>,
  name: string,
  email: string | undefined,
  password: string | undefined,
): Promise<UserRow> {
  if (email !== undefined && !/^[^\s@]{1,64}@[^\s@]{1,255}$/.test(email)) {
    throw new SyncError('USAGE', `'${email}' is not an e-mail address`);
  }
  const bytes = password === undefined ? SHORTEST_PASSWORD : Buffer.byteLength(password);
  if (bytes < SHORTEST_PASSWORD || bytes > LONGEST_PASSWORD) {
    throw new SyncError('USAGE', `a password has from ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} bytes`);
  }
  try {
    const { rows } = await database.query(
      'select id, email, raw_user_meta_data from auth.ensure_user($1, $2, $3, $4)',
      [name, email?.toLowerCase() ?? null, addressFor(name), password ?? null],
    );
    return rows[0];
  } catch (cause) {
    if ((cause as { code?: string }).code !== UNIQUE_VIOLATION) throw cause;
    const message = `another user has the address ${email ?? addressFor(name)}`;
    throw new SyncError('ORIGIN_REFUSED', message, { hint: 'Name one with --email ADDRESS.', cause });
  }
}

/** https://www.postgresql.org/docs/17/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';

/** An address for who was given none: the name, if it is one, or else one that nobody receives mail at (RFC 2606, section 2). */
function addressFor(name: string): string {
  const lower = name.toLowerCase();
  if (/^[^\s@]+@[^\s@]+$/.test(lower)) return lower;
  const local = lower.replace(/[^\p{L}\p{N}._+-]+/gu, '-').replace(/^-+|-+$/g, '');
  return `${local || 'user'}@example.invalid`;
}
