import { randomBytes } from 'node:crypto';
import type { Dependencies } from './dependencies.js';
import { readJsonFile, writeJsonFile } from './json-file.js';
import type { Layout } from './layout.js';

/** What an origin keeps between starts so that its clients' settings stay good. */
export interface Keys {
  /** Signs every token; known to PostgREST and never to a client. */
  readonly jwtSecret: string;
  /** `sb_publishable_…`, the kind of key that hosted projects give out now. */
  readonly publishableKey: string;
  /** The same right as a JWT of the role `anon`, as hosted projects gave out before. */
  readonly anonKey: string;
  /** The gateway's port last time; 0 before the first. */
  readonly port: number;
}

/** Reads the origin's keys, or makes them. */
export async function loadKeys(layout: Layout, jose: Dependencies['jose']): Promise<Keys> {
  const known = readJsonFile<Keys>(layout.keysFile);
  if (known) return known;
  const jwtSecret = randomBytes(32).toString('base64url');
  const anonKey = await signToken(jose, jwtSecret, { role: 'anon', iss: 'agent-sync' }, '10y');
  const publishableKey = `sb_publishable_${randomBytes(16).toString('base64url')}`;
  const keys = { jwtSecret, publishableKey, anonKey, port: 0 };
  saveKeys(layout, keys);
  return keys;
}

/** Replaces the keys in one step, readable by this account only. */
export function saveKeys(layout: Layout, keys: Keys): void {
  writeJsonFile(layout.keysFile, keys);
}

/** A signed access token; `lifetime` as jose reads it, such as `1y`. */
export function signToken(
  jose: Dependencies['jose'],
  jwtSecret: string,
  claims: Readonly<Record<string, unknown>>,
  lifetime: string,
): Promise<string> {
  return new jose.SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime(lifetime)
    .sign(new TextEncoder().encode(jwtSecret));
}
