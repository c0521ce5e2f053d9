import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { deliver } from './mail.js';
import { RateLimit } from './rate-limit.js';
import { type AuthReply, refusal, tooSoon } from './reply.js';
import { type AuthParts, beginSession, findUser, refreshSession } from './sessions.js';

/** The ways in: each answers with a session, or why not. An address that nobody has gets the answer of one that somebody has. */
export interface SignIn {
  withPassword(email: string, password: string): Promise<AuthReply>;
  withRefreshToken(token: string): Promise<AuthReply>;
  /** Sends a one-time code, good for an hour. */
  sendCode(email: string): Promise<AuthReply>;
  withCode(email: string, code: string): Promise<AuthReply>;
}

/** As hosted projects have it by default, but by address and not by the caller's: here all callers have the same. */
const TRIES = 30;
const TRIES_PERIOD_S = 300;
const BETWEEN_MAILS_S = 60;

const CODE_SECONDS = 3600;
/** Of a million codes. */
const CODE_ATTEMPTS = 10;

/** bcrypt reads no more, so that one that only begins alike would do. */
const LONGEST_PASSWORD = 72;

/** Prepares the ways in. */
export async function openSignIn(parts: AuthParts): Promise<SignIn> {
  const { pool, keys, mailFolder } = parts;
  const tries = new RateLimit(TRIES, TRIES_PERIOD_S);
  const mails = new RateLimit(1, BETWEEN_MAILS_S);
  // Whoever has no password is checked against this one, which nobody knows: how long an answer takes tells nothing.
  const { rows } = await pool.query(
    "select extensions.crypt(gen_random_uuid()::text, extensions.gen_salt('bf', 10)) as hash",
  );
  const nobodysHash: string = rows[0].hash;

  const codeMac = (userId: string, code: string) =>
    createHmac('sha256', keys.jwtSecret).update(`one-time code ${userId} ${code}`).digest();

  return {
    async withPassword(email, password) {
      const wait = tries.take(email);
      if (wait > 0) return tooSoon('over_request_rate_limit', wait);
      const user = await findUser(parts, { email });
      const passable = Buffer.byteLength(password) <= LONGEST_PASSWORD && !password.includes('\0');
      const checked = await pool.query(
        `select extensions.crypt($2, hash) = hash and hash <> $3 as matches
          from (select coalesce((select encrypted_password from auth.users where id = $1), $3) as hash) as theirs`,
        [user?.id ?? null, passable ? password : '', nobodysHash],
      );
      if (user && passable && checked.rows[0].matches) return beginSession(parts, user, 'password');
      return refusal(400, 'invalid_credentials', 'Invalid login credentials');
    },

    withRefreshToken: (token) => refreshSession(parts, token),

    async sendCode(email) {
      const wait = mails.take(email);
      if (wait > 0) return tooSoon('over_email_send_rate_limit', wait);
      const user = await findUser(parts, { email });
      if (user) {
        const code = String(randomInt(1_000_000)).padStart(6, '0');
        await pool.query(
          `insert into auth.one_time_codes (user_id, code_mac) values ($1, $2)
            on conflict (user_id) do update set code_mac = excluded.code_mac, attempts = 0, created_at = now()`,
          [user.id, codeMac(user.id, code)],
        );
        const text = `Your one-time code is ${code}. It is good for an hour.`;
        deliver(mailFolder, { to: user.email, subject: 'Your one-time code', text });
      }
      return { status: 200, body: {} };
    },

    async withCode(email, code) {
      const wait = tries.take(email);
      if (wait > 0) return tooSoon('over_request_rate_limit', wait);
      const user = await findUser(parts, { email });
      // Counting the attempt before looking at the code: of many at once each counts.
      const { rows } = await pool.query(
        `update auth.one_time_codes set attempts = attempts + 1
          where user_id = $1 and attempts < $2 and created_at > now() - make_interval(secs => $3) returning code_mac`,
        [user?.id ?? null, CODE_ATTEMPTS, CODE_SECONDS],
      );
      if (user && rows.length > 0 && timingSafeEqual(rows[0].code_mac, codeMac(user.id, code))) {
        const used = await pool.query('delete from auth.one_time_codes where user_id = $1 and code_mac = $2', [
          user.id,
          rows[0].code_mac,
        ]);
        if (used.rowCount === 1) return beginSession(parts, user, 'otp');
      }
      return refusal(403, 'otp_expired', 'Token has expired or is invalid');
    },
  };
}
