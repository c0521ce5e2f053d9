import type { ClientBase } from 'pg';
import { SyncError } from '../../core/errors.js';
import type { Role } from '../../core/ports.js';
import type { Dependencies } from './dependencies.js';
import { type Keys, signToken } from './keys.js';

/** A user of the origin and the access token that proves it. */
export interface OriginUser {
  readonly userId: string;
  readonly token: string;
}

/** Makes the user a member of a project at once. */
export interface Membership {
  readonly project?: string;
  /** `writer` unless given. */
  readonly role?: Role;
}

/**
 * Makes the user, or finds it by name, and signs a token good for a year.
 *
 * @throws {SyncError} `ORIGIN_REFUSED` when there is no such project; only its first owner makes one
 */
export async function addOriginUser(
  database: Pick<ClientBase, 'query'>,
  jose: Dependencies['jose'],
  keys: Keys,
  name: string,
  { project, role = 'writer' }: Membership = {},
): Promise<OriginUser> {
  const { rows } = await database.query('select auth.ensure_user($1) as id', [name]);
  const userId: string = rows[0].id;
  if (project !== undefined) {
    await database.query('select auth.ensure_member($1, $2, $3)', [project, userId, role]).catch((cause) => {
      if (cause.code !== 'PT404') throw cause;
      const hint = 'Its first user registers it with `agent sync init`, or is added with the role owner.';
      throw new SyncError('ORIGIN_REFUSED', cause.message, { hint, cause });
    });
  }
  const claims = { sub: userId, role: 'authenticated', aud: 'authenticated', iss: 'agent-sync' };
  return { userId, token: await signToken(jose, keys.jwtSecret, claims, '1y') };
}
