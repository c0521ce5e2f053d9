import { isActorId } from '../core/object/commit.js';
import { isOid } from '../core/object/oid.js';
import type { Facts } from '../core/ports.js';

/** A fact as it is told, or undefined for what has not the form that it ought to have. */
type Check = (value: unknown) => string | number | undefined;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const word = matching(/^[a-z][a-z -]{0,39}$/);
const code = matching(/^[A-Z][A-Z_]{0,39}$/);
const ref = matching(/^(HEAD|refs\/(heads|remotes)\/[\w./-]{1,100})$/);
const oid: Check = (value) => (typeof value === 'string' && isOid(value) ? value : undefined);
const actor: Check = (value) => (typeof value === 'string' && isActorId(value) ? value : undefined);
const quantity: Check = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

/** The whole list of what may be told; what it does not name is dropped. */
const CHECKS: Readonly<Record<keyof Facts, Check>> = {
  operation: word,
  result: word,
  code,
  exit: quantity,
  commits: quantity,
  objects: quantity,
  conflicts: quantity,
  sentBytes: quantity,
  receivedBytes: quantity,
  method: matching(/^[A-Z]{3,7}$/),
  status: quantity,
  url: publicUrl,
  ref,
  from: oid,
  to: oid,
  actor,
  store: matching(UUID),
};

/**
 * Reduces facts to what may leave the machine or stay in a log file. Types say the same, but not to who has none, nor of values: a
 * title handed in as a result stays here.
 */
export function allowed(facts: Facts): Facts {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(facts)) {
    const told = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof Facts](value) : undefined;
    if (told !== undefined) kept[name] = told;
  }
  return kept;
}

function matching(pattern: RegExp): Check {
  return (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined);
}

/** A file's address may hold the name of a person's folder; one on the network may hold a password. */
function publicUrl(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const { protocol, origin, pathname } = new URL(value);
  return protocol === 'https:' || protocol === 'http:' ? `${origin}${pathname}` : undefined;
}
