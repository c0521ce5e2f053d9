import type { Client } from 'pg';
import type { Dependencies } from './dependencies.js';

/** How to connect over the socket in `sockets`; explicit, so that no PGHOST or PGSSLMODE leads elsewhere. */
export function databaseConfig(sockets: string, user: string) {
  return { host: sockets, port: 5432, user, database: 'postgres', password: '', ssl: false };
}

/** A connection, to be opened and ended by the caller. */
export function databaseClient(pg: Dependencies['pg'], sockets: string, user: string): Client {
  return new pg.Client(databaseConfig(sockets, user));
}
