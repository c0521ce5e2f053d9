import type { Pool } from 'pg';
import type { Dependencies } from '../dependencies.js';
import type { Keys } from '../keys.js';

/** What a token says, as PostgreSQL's policies read it. */
export interface Claims {
  readonly role: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly [name: string]: unknown;
}

/** Claims, or the words in which a hosted project refuses the token. */
export type CheckedToken = { readonly claims: Claims } | { readonly refusal: string };

/** Who may listen to what. */
export interface ChannelAccess {
  /** @param token nobody's in particular when left out */
  check(token: unknown): Promise<CheckedToken>;
  /** Asks the policies of `realtime.messages`, as the user. Without a database to ask the answer is no. */
  mayListen(topic: string, claims: Claims): Promise<boolean>;
}

/** Checks tokens as PostgREST does, and asks the same policies as a hosted project. */
export function channelAccess(pool: Pool, jose: Dependencies['jose'], keys: Keys): ChannelAccess {
  const secret = new TextEncoder().encode(keys.jwtSecret);
  return {
    async check(token) {
      // A publishable key is no JWT: who has only that is anonymous.
      const isNobody = token === undefined || token === null || (typeof token === 'string' && token.startsWith('sb_'));
      try {
        const { payload } = await jose.jwtVerify(isNobody ? keys.anonKey : String(token), secret, {
          algorithms: ['HS256'],
        });
        if (typeof payload.role !== 'string' || payload.exp === undefined) {
          return { refusal: 'InvalidJWTToken: Fields `role` and `exp` are required in JWT' };
        }
        return { claims: { ...payload, role: payload.role, exp: payload.exp } };
      } catch (error) {
        if (error instanceof jose.errors.JWTExpired) return { refusal: 'InvalidJWTToken: Token has expired' };
        if (error instanceof jose.errors.JWSSignatureVerificationFailed) {
          return { refusal: 'JwtSignatureError: Failed to validate JWT signature' };
        }
        return { refusal: 'MalformedJWT: The token provided is not a valid JWT' };
      }
    },
    async mayListen(topic, claims) {
      try {
        const { rows } = await pool.query('select realtime.may_listen($1, $2) as allowed', [topic, claims]);
        return rows[0].allowed === true;
      } catch {
        return false;
      }
    },
  };
}
