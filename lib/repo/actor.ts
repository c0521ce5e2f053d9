import { SyncError } from '../core/errors.js';
import type { Actor } from '../core/ports.js';
import type { Repository } from './repository.js';

/**
 * The actor id that this store gave to the person at work, made on first use.
 *
 * @throws {SyncError} `IDENTITY_MISSING` when neither `SUPABASE_USER` nor git's configuration names anybody
 */
export async function currentActor(repo: Repository): Promise<Actor> {
  const { name, email } = await repo.identity();
  const known = repo.store.actors.findOwn(name, email);
  if (known) return known;
  const actor: Actor = { id: `actor-${repo.entropy.uuid().replaceAll('-', '').slice(0, 20)}`, name, email };
  return repo.store.transact(() => {
    const raced = repo.store.actors.findOwn(name, email);
    if (!raced) repo.store.actors.putOwn(actor);
    return raced ?? actor;
  });
}

/** The name to show for an actor id: the id itself when nobody by it is known (any more). */
export function actorName(repo: Repository, id: string): string {
  const actor = repo.store.actors.get(id);
  return actor ? displayName(actor) : id;
}

/** The name to show for somebody known. */
export function displayName({ name, email }: Actor): string {
  return name || email;
}

/** Who the reflog names for what needs no author, such as a fetch: nobody, where nobody is configured. */
export async function reflogActor(repo: Repository): Promise<string> {
  try {
    return (await currentActor(repo)).id;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'IDENTITY_MISSING') return 'nobody';
    throw error;
  }
}

/** Who an audit names: as `reflogActor`, and nobody as well where the store cannot be written. */
export async function actorAtWork(repo: Repository): Promise<string> {
  try {
    return await reflogActor(repo);
  } catch (error) {
    if (error instanceof SyncError) return 'nobody';
    throw error;
  }
}
