import type { Actor, ActorStore } from '../core/ports.js';
import type { Connection } from './connection.js';

/** The people and agents a store knows, in the table `actors`. */
export class SqliteActors implements ActorStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  get(id: string): Actor | undefined {
    return this.#db.get('select id, name, email from actors where id = ?', id);
  }

  list(): Actor[] {
    return this.#db.all('select id, name, email from actors order by id');
  }

  put(actor: Actor): void {
    this.#upsert(actor, false);
  }

  lastOwn(): string | undefined {
    return lastOwnActor(this.#db);
  }

  findOwn(name: string, email: string): Actor | undefined {
    return this.#db.get(
      'select id, name, email from actors where own and name = ? and email = ? order by id',
      name,
      email,
    );
  }

  putOwn(actor: Actor): void {
    this.#upsert(actor, true);
  }

  /** An own actor stays own when the origin sends it back. */
  #upsert({ id, name, email }: Actor, own: boolean): void {
    this.#db.run(
      `insert into actors (id, name, email, own)
       select @id, @name, @email, @own where @id not in (select id from erased_actors)
       on conflict do update set name = excluded.name, email = excluded.email, own = max(own, excluded.own)`,
      { id, name, email, own: own ? 1 : 0 },
    );
  }
}

/** The actor of a store that moved a ref last. */
export function lastOwnActor(db: Connection): string | undefined {
  const sql = 'select actor from reflog join actors on actors.id = actor where own order by entry desc limit 1';
  return db.get<{ actor: string }>(sql)?.actor;
}
