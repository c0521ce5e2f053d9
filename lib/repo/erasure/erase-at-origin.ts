import { parseErasure } from '../../core/erasure/erasure-record.js';
import type { Oid } from '../../core/object/oid.js';
import type { CallOptions, Remote } from '../../core/ports.js';
import { ORIGIN_ERASURES } from '../../core/setting-names.js';
import type { Repository } from '../repository.js';
import { learnErasures } from './learn-erasures.js';

/**
 * Has the origin erase what this store erased by itself, before it had an origin: else the origin would miss contents that a
 * commit names, and take names back from other clones.
 *
 * @param blobs erased ones that are about to be named at the origin
 * @throws {SyncError} `ORIGIN_REFUSED` unless the caller is an owner
 */
export async function eraseAtOrigin(
  repo: Repository,
  remote: Remote,
  blobs: readonly Oid[],
  options: CallOptions,
): Promise<void> {
  const { erasures, settings } = repo.store;
  const origin = settings.get(ORIGIN_ERASURES);
  const recordsOf = (anchor: string) => erasures.list(anchor).map(({ text }) => parseErasure(text));
  const chains = erasures.chains().filter(({ count }) => count > 0);
  const others = chains.filter(({ anchor }) => anchor !== origin).flatMap(({ anchor }) => recordsOf(anchor));
  if (others.length === 0) return;
  const known = origin === undefined ? [] : recordsOf(origin);
  const there = new Set(known.flatMap((record) => [...record.actors, ...record.blobs]));
  const missing = {
    actors: others.flatMap(({ actors }) => actors.filter((id) => !there.has(id))),
    blobs: blobs.filter((oid) => !there.has(oid)),
  };
  if (missing.actors.length + missing.blobs.length === 0) return;
  await remote.purge(missing, options);
  await learnErasures(repo, remote, await remote.describe(options), options);
}
