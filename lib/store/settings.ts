import type { SettingStore } from '../core/ports.js';
import type { Connection } from './connection.js';

/** The settings of a store, in the table `settings`. */
export class SqliteSettings implements SettingStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  get(key: string): string | undefined {
    return this.#db.get<{ value: string }>('select value from settings where key = ?', key)?.value;
  }

  set(key: string, value: string): void {
    this.#db.run('insert into settings values (?, ?) on conflict do update set value = excluded.value', key, value);
  }

  unset(key: string): void {
    this.#db.run('delete from settings where key = ?', key);
  }
}
