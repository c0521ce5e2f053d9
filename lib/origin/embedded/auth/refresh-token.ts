import { createHmac, timingSafeEqual } from 'node:crypto';

const MAC_BYTES = 24;

/** The `count`th refresh token of a session; it can be made again, so that none has to be stored. */
export function refreshToken(secret: string, session: string, count: number): string {
  return `${session}.${count}.${mac(secret, session, count).toString('base64url')}`;
}

/** Which token of which session this is; undefined for one that was never given out. */
export function readRefreshToken(secret: string, token: string): { session: string; count: number } | undefined {
  const [, session, digits, signature] = /^([0-9a-f-]{36})\.(\d{1,9})\.([\w-]{32})$/.exec(token) ?? [];
  if (!session || !digits || !signature) return undefined;
  const count = Number(digits);
  const given = Buffer.from(signature, 'base64url');
  return timingSafeEqual(given, mac(secret, session, count)) ? { session, count } : undefined;
}

function mac(secret: string, session: string, count: number): Buffer {
  return createHmac('sha256', secret).update(`refresh token ${session} ${count}`).digest().subarray(0, MAC_BYTES);
}
