/** What the rows do and look at, again and again. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { type ErrorCode, SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import type { IdentifiedObject, Remote } from '../../core/ports.js';
import type { ContractOrigin } from './row.js';

/** The owner of a project that is registered now. */
export async function registered(origin: ContractOrigin): Promise<Remote> {
  const owner = await origin.remote('owner');
  await owner.register();
  return owner;
}

/** Expects a project in which nothing was pushed. */
export async function isEmpty(remote: Remote): Promise<void> {
  const { refs, sequence, actors } = await remote.describe();
  deepEqual({ refs, sequence, actors }, { refs: new Map(), sequence: 0, actors: [] });
}

/** Expects a call to fail with `code`. */
export async function refused(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  await rejects(call, (error: unknown) => {
    ok(error instanceof SyncError, `a SyncError and not ${String(error)}`);
    equal(error.code, code, error.message);
    return true;
  });
}

/** All pages after a sequence number. */
export async function fetchAll(remote: Remote, after: number): Promise<IdentifiedObject[]> {
  const objects: IdentifiedObject[] = [];
  let page = await remote.fetch(after);
  objects.push(...page.objects);
  while (page.more) {
    page = await remote.fetch(page.sequence);
    objects.push(...page.objects);
  }
  return objects;
}

/** Sorted, for comparison. */
export function oids(objects: readonly IdentifiedObject[]): Oid[] {
  return objects.map((object) => object.oid).sort();
}

/** Objects as comparable text, in an order of their own. */
export function byOid(objects: readonly IdentifiedObject[]): string[] {
  return objects.map(({ oid, type, body }) => `${oid} ${type} ${Buffer.from(body).toString('latin1')}`).sort();
}
