import { isRecord } from '../core/is-record.js';
import type { Credentials, Session, SessionUser } from '../core/ports.js';

/** Reads what was kept as JSON; undefined for what cannot have been written by us. */
export function readCredentials(text: string): Credentials | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value.key !== 'string') return undefined;
  if (value.session === null) return { key: value.key, session: null };
  const session = readSession(value.session);
  return session && { key: value.key, session };
}

function readSession(value: unknown): Session | undefined {
  if (!isRecord(value)) return undefined;
  const { accessToken, refreshToken, expiresAt } = value;
  const user = readUser(value.user);
  if (typeof accessToken !== 'string' || !user) return undefined;
  if (typeof refreshToken !== 'string' && refreshToken !== null) return undefined;
  if (typeof expiresAt !== 'number' && expiresAt !== null) return undefined;
  return { accessToken, refreshToken, expiresAt, user };
}

function readUser(value: unknown): SessionUser | undefined {
  if (!isRecord(value) || typeof value.id !== 'string') return undefined;
  const { id, email } = value;
  return typeof email === 'string' || email === null ? { id, email } : undefined;
}
