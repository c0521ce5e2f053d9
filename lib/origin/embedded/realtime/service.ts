import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Client, Pool } from 'pg';
import { WebSocketServer } from 'ws';
import type { Dependencies } from '../dependencies.js';
import type { Keys } from '../keys.js';
import { channelAccess } from './channel-access.js';
import { type Channel, type Connection, nameOf, revoked, serveConnection } from './connection.js';
import { type Broadcast, listenToDatabase } from './notifications.js';
import { isFrameVersion } from './phoenix-frame.js';

/** The part of a hosted project that tells of changes as they happen. */
export interface RealtimeService {
  /** Takes over a request to become a WebSocket, whose key was found to be right. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

/** What the service stands on. */
export interface RealtimeOptions {
  /** Connections of the superuser. */
  readonly pool: Pool;
  /** One more of them, not connected yet. */
  readonly connect: () => Client;
  readonly jose: Dependencies['jose'];
  readonly keys: Keys;
}

/** More than a join with a token takes, and no more than a small machine can have of each connection. */
const MAX_FRAME_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 500;
/** Broadcasts that wait for the ones before them to be delivered; what comes on top is lost, as hints may be. */
const MAX_WAITING = 1_000;
/** Clients send a heartbeat every 25 to 30 seconds. */
const SILENCE_MS = 75_000;

/**
 * Serves private channels to the clients of Supabase Realtime, of the same protocol, and hands on what `realtime.send` says.
 *
 * The policies are asked when a channel is joined, and again before each message: who is no longer a member hears nothing
 * more. When the connection to the database breaks, all clients are sent away: they come back, and look for what they missed.
 *
 * @throws {Error} when the database cannot be listened to
 */
export async function startRealtime({ pool, connect, jose, keys }: RealtimeOptions): Promise<RealtimeService> {
  const access = channelAccess(pool, jose, keys);
  const connections = new Set<Connection>();
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  const closeAll = () => {
    for (const connection of connections) connection.close();
  };
  const notifications = await listenToDatabase(connect, {
    heard: (broadcast) => {
      if (waiting >= MAX_WAITING) return;
      waiting += 1;
      last = last
        .then(() => deliver(broadcast))
        .catch(closeAll)
        .finally(() => {
          waiting -= 1;
        });
    },
    lost: closeAll,
  });
  const sweep = setInterval(() => {
    const since = Date.now() - SILENCE_MS;
    for (const connection of connections) if (connection.heardAt < since) connection.close();
  }, SILENCE_MS / 3).unref();

  async function deliver(broadcast: Broadcast): Promise<void> {
    const channels = [...connections].flatMap((connection) => [...connection.channels()]);
    const people = new Map<string, Channel[]>();
    for (const channel of channels) {
      if (nameOf(channel.topic) !== broadcast.topic || !broadcast.private) continue;
      const person = JSON.stringify(channel.claims);
      people.set(person, [...(people.get(person) ?? []), channel]);
    }
    await Promise.all(
      [...people.values()].map(async (theirs) => {
        const allowed = await access.mayListen(broadcast.topic, theirs[0]!.claims);
        for (const channel of theirs) {
          if (allowed) channel.send(broadcast);
          else channel.shutDown(revoked(channel.topic));
        }
      }),
    );
  }

  return {
    accept(request, socket, head) {
      const version = new URLSearchParams(request.url?.split('?')[1]).get('vsn') ?? '1.0.0';
      if (!isFrameVersion(version)) return refuseUpgrade(socket, '400 Bad Request');
      if (!notifications.listening || connections.size >= MAX_CONNECTIONS) {
        return refuseUpgrade(socket, '503 Service Unavailable');
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = serveConnection(webSocket, version, access);
        connections.add(connection);
        webSocket.once('close', () => connections.delete(connection));
      });
    },
    async close() {
      clearInterval(sweep);
      closeAll();
      server.close();
      await notifications.close();
    },
  };
}

/** Answers a request to become a WebSocket that cannot be granted. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
