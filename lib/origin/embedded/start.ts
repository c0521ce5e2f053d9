import { SyncError } from '../../core/errors.js';
import { stepDownAccount } from './account.js';
import { startAuth } from './auth/service.js';
import type { Child } from './child.js';
import { databaseClient, databaseConfig } from './database.js';
import { loadDependencies } from './dependencies.js';
import { type Services, startGateway } from './gateway.js';
import { type Keys, loadKeys, saveKeys } from './keys.js';
import { type Layout, layoutOf, prepareDirectory, withSockets } from './layout.js';
import { takeLock } from './lock.js';
import { migrate } from './migrate.js';
import { SUPERUSER, startPostgres } from './postgres.js';
import { postgrestSocket, startPostgrest } from './postgrest.js';
import { placePrograms } from './programs.js';
import { startRealtime } from './realtime/service.js';
import { reapPrograms } from './reap.js';
import { writeRecord } from './record.js';
import { addOriginUser, type OriginUser, type UserOptions } from './users.js';
import { vacuumErased } from './vacuum-erased.js';

/** How to start an origin. */
export interface EmbeddedOriginOptions {
  /** Where the origin lives: a folder of its own, made when missing. */
  readonly directory: string;
  /** The gateway's port; the one of last time, or any, unless given. */
  readonly port?: number;
  /** False gives up on surviving a power failure, for speed in tests. */
  readonly durable?: boolean;
  /** True when a process of its own runs it, which others may end. */
  readonly daemon?: boolean;
  /** How long the access token of a login is good for; an hour unless given, as at hosted projects. */
  readonly accessSeconds?: number;
  /** Interrupts the start. */
  readonly signal?: AbortSignal;
}

const ACCESS_SECONDS = 3600;

/** A running origin on this machine. */
export interface EmbeddedOrigin {
  /** As of a hosted project: `/rest/v1`, `/auth/v1` and `/realtime/v1` are below it. */
  readonly url: string;
  /** The publishable key, `sb_publishable_…`. */
  readonly key: string;
  /** The key as projects had it before: a JWT of the role `anon`. */
  readonly legacyKey: string;
  /** Where the messages are that it would have sent, a file each. */
  readonly mail: string;
  /** Resolves when a program of the origin ended without being asked to. */
  readonly broken: Promise<void>;
  /** Makes a user, or finds it by name, and an access token for it. */
  addUser(name: string, user?: UserOptions): Promise<OriginUser>;
  /** Runs a statement as the superuser, past every policy; for tests. */
  sql<Row extends Record<string, unknown> = Record<string, unknown>>(text: string, params?: unknown[]): Promise<Row[]>;
  /** Ends everything that was started; calling it again does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL, PostgREST and the gateway as children of this process, on loopback, with the migrations applied.
 *
 * @throws {SyncError} `DEPENDENCY_MISSING`, `ORIGIN_FAILED`, `ABORTED`
 */
export async function startEmbeddedOrigin(options: EmbeddedOriginOptions): Promise<EmbeddedOrigin> {
  const { durable = true, signal } = options;
  const dependencies = await loadDependencies();
  const account = stepDownAccount(layoutOf(options.directory).data);
  const prepared = prepareDirectory(options.directory, account);
  const cleanup: (() => unknown)[] = [];
  const stop = async () => {
    for (let step = cleanup.pop(); step; step = cleanup.pop()) await step();
  };
  try {
    const lock = takeLock(prepared.lockFile);
    if (!lock) {
      throw new SyncError('ORIGIN_FAILED', `the origin in ${prepared.directory} is running already`, {
        hint: 'See `agent origin status`.',
      });
    }
    cleanup.push(() => lock.release());
    await reapPrograms(prepared);
    const layout = withSockets(prepared, account);
    const keys = await loadKeys(layout, dependencies.jose);
    const programs = placePrograms(dependencies, layout.programs, account);
    const record = { pid: process.pid, sockets: layout.sockets, daemon: options.daemon ?? false };
    writeRecord(layout, { ...record, url: null });
    cleanup.push(() => reapPrograms(layout));

    const postgres = await startPostgres({ layout, programs, account, durable, signal });
    cleanup.push(() => postgres.stop());
    await migrate(dependencies.pg, layout.sockets);
    const postgrest = await startPostgrest({ layout, programs, account, jwtSecret: keys.jwtSecret, signal });
    cleanup.push(() => postgrest.stop());

    const pool = new dependencies.pg.Pool(databaseConfig(layout.sockets, SUPERUSER));
    pool.on('error', () => {});
    cleanup.push(() => pool.end());
    const { jose, pg } = dependencies;
    const connect = () => databaseClient(pg, layout.sockets, SUPERUSER);
    const vacuuming = await vacuumErased(connect);
    cleanup.push(() => vacuuming.close());
    const realtime = await startRealtime({ pool, connect, jose, keys });
    cleanup.push(() => realtime.close());
    const { accessSeconds = ACCESS_SECONDS } = options;
    const auth = await startAuth({ pool, jose, keys, accessSeconds, mailFolder: layout.mail });
    const services = { restSocket: postgrestSocket(layout), auth, realtime };
    const gateway = await openGateway(keys, layout, services, options.port);
    // Its WebSockets are the service's: it is closed when both are.
    cleanup.push(() => Promise.all([gateway.close(), realtime.close()]));
    writeRecord(layout, { ...record, url: gateway.url });
    return {
      url: gateway.url,
      key: keys.publishableKey,
      legacyKey: keys.anonKey,
      mail: layout.mail,
      broken: endOfAny([postgres, postgrest]),
      addUser: (name, user) => addOriginUser(pool, dependencies.jose, keys, name, user),
      sql: async (text, params) => (await pool.query(text, params)).rows,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The port of last time is a wish, one that was asked for a condition. */
async function openGateway(keys: Keys, layout: Layout, services: Services, port: number | undefined) {
  const gateway = await startGateway(keys, services, port ?? keys.port).catch((error) => {
    if (port !== undefined) throw error;
    return startGateway(keys, services, 0);
  });
  if (gateway.port !== keys.port) saveKeys(layout, { ...keys, port: gateway.port });
  return gateway;
}

async function endOfAny(children: readonly Child[]): Promise<void> {
  await Promise.race(children.map((child) => child.exited));
}
