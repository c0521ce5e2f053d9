import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';

/** What `realtime.send` was given. */
export interface Broadcast {
  /** Without `realtime:` before it. */
  readonly topic: string;
  readonly event: string;
  readonly payload: unknown;
  readonly private: boolean;
}

/** A connection on which PostgreSQL tells of broadcasts. */
export interface Notifications {
  /** False while the connection is being made anew: what is sent meanwhile is heard by nobody. */
  readonly listening: boolean;
  close(): Promise<void>;
}

/** What becomes of broadcasts. */
export interface NotificationHandlers {
  heard(broadcast: Broadcast): void;
  /** The connection broke, and something may have been missed. */
  lost(): void;
}

const RETRY_MS = 500;

/**
 * Listens to what `realtime.send` notifies of, and goes on after the connection broke.
 *
 * @param connect a client that is not connected yet
 * @throws {Error} when not even the first connection is made
 */
export async function listenToDatabase(connect: () => Client, handlers: NotificationHandlers): Promise<Notifications> {
  const ending = new AbortController();
  let client: Client | undefined;

  async function listen(): Promise<void> {
    const next = connect();
    // Nobody else notifies of this name: what comes is what `realtime.send` wrote.
    next.on('notification', ({ payload = '' }) => handlers.heard(JSON.parse(payload) as Broadcast));
    // Comes before 'end', which decides what happens.
    next.on('error', () => {});
    try {
      await next.connect();
      await next.query('listen realtime');
    } catch (error) {
      await end(next);
      throw error;
    }
    next.once('end', () => void listenAgain());
    client = next;
    if (ending.signal.aborted) await end(next);
  }

  async function listenAgain(): Promise<void> {
    client = undefined;
    if (!ending.signal.aborted) handlers.lost();
    while (!client && !ending.signal.aborted) {
      await listen().catch(() => wait(RETRY_MS, undefined, { signal: ending.signal, ref: false }).catch(() => {}));
    }
  }

  await listen();
  return {
    get listening() {
      return client !== undefined;
    },
    close: async () => {
      ending.abort();
      if (client) await end(client);
    },
  };
}

async function end(client: Client): Promise<void> {
  await client.end().catch(() => {});
}
