import type { WebSocket } from 'ws';
import { isRecord } from '../../../core/is-record.js';
import type { ChannelAccess, Claims } from './channel-access.js';
import type { Broadcast } from './notifications.js';
import { decodeFrame, encodeFrame, type Frame, type FrameVersion } from './phoenix-frame.js';

/** One channel that a socket has joined. */
export interface Channel {
  /** As in frames: `realtime:` and the topic. */
  readonly topic: string;
  readonly claims: Claims;
  send(broadcast: Broadcast): void;
  /** Ends the channel and tells why, in the words of a hosted project. */
  shutDown(reason: string): void;
}

/** One socket and its channels. */
export interface Connection {
  /** In milliseconds since the epoch: when the client last said something. */
  readonly heardAt: number;
  channels(): Iterable<Channel>;
  close(): void;
}

interface JoinedChannel extends Channel {
  readonly joinRef: string | null;
  readonly expiry: NodeJS.Timeout;
}

const PREFIX = 'realtime:';
const MAX_CHANNELS = 100;
/** A client that does not read this much is not waited for. */
const MAX_BUFFERED = 2 ** 20;
/** Frames that wait for the one before them to be answered. */
const MAX_WAITING = 100;
/** A timer cannot wait longer than 24.8 days. */
const LONGEST_MS = 3_600_000;

/**
 * Answers the frames of one socket, one after the other: joins, tokens, leaves and heartbeats. Channels only listen: who
 * broadcasts or tracks presence gets no answer, as one whom no policy allows it.
 *
 * @see https://supabase.com/docs/guides/realtime/protocol
 */
export function serveConnection(socket: WebSocket, version: FrameVersion, access: ChannelAccess): Connection {
  const channels = new Map<string, JoinedChannel>();
  let heardAt = Date.now();
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    for (const { expiry } of channels.values()) clearTimeout(expiry);
    channels.clear();
  });
  socket.on('message', (data, isBinary) => {
    heardAt = Date.now();
    const frame = isBinary ? undefined : decodeFrame(data.toString(), version);
    if (!frame) return;
    waiting += 1;
    if (waiting > MAX_WAITING) socket.terminate();
    last = last
      .then(() => answer(frame))
      .catch(() => socket.terminate())
      .finally(() => {
        waiting -= 1;
      });
  });

  function send(frame: Frame): void {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(encodeFrame(frame, version));
    if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
  }

  function reply({ joinRef, ref, topic }: Frame, status: 'ok' | 'error', response: unknown): void {
    send({ joinRef, ref, topic, event: 'phx_reply', payload: { status, response } });
  }

  async function answer(frame: Frame): Promise<void> {
    if (socket.readyState !== socket.OPEN) return;
    const channel = channels.get(frame.topic);
    if (frame.topic === 'phoenix' && frame.event === 'heartbeat') reply(frame, 'ok', {});
    else if (frame.event === 'phx_join') await join(frame);
    else if (!channel) reply(frame, 'error', { reason: 'unmatched topic' });
    else if (frame.event === 'phx_leave') {
      reply(frame, 'ok', {});
      leave(channel);
    } else if (frame.event === 'access_token') await renew(channel, frame);
  }

  async function join(frame: Frame): Promise<void> {
    const { access_token: token, config } = fields(frame.payload);
    const known = channels.get(frame.topic);
    if (known) leave(known);
    const refuse = (reason: string) => reply(frame, 'error', { reason });
    if (!frame.topic.startsWith(PREFIX) || frame.topic === PREFIX) return refuse('unmatched topic');
    if (fields(config).private !== true) return refuse('PrivateOnly: This project only allows private channels');
    if (channels.size >= MAX_CHANNELS) return refuse('ChannelRateLimitReached: Too many channels');
    const checked = await access.check(token);
    if ('refusal' in checked) return refuse(checked.refusal);
    if (!(await access.mayListen(nameOf(frame.topic), checked.claims))) {
      return refuse(
        `Unauthorized: You do not have permissions to read from this Channel topic: ${nameOf(frame.topic)}`,
      );
    }
    if (socket.readyState !== socket.OPEN) return;
    keep(frame, checked.claims);
    reply(frame, 'ok', { postgres_changes: [] });
  }

  /** A token in place of the one that the channel was joined with. */
  async function renew(channel: JoinedChannel, { payload }: Frame): Promise<void> {
    const token = fields(payload).access_token;
    if (typeof token !== 'string' || token.startsWith('sb_')) return;
    const checked = await access.check(token);
    if ('refusal' in checked) return channel.shutDown(checked.refusal);
    if (!(await access.mayListen(nameOf(channel.topic), checked.claims)))
      return channel.shutDown(revoked(channel.topic));
    if (channels.get(channel.topic) !== channel) return;
    clearTimeout(channel.expiry);
    keep(channel, checked.claims);
  }

  function keep({ topic, joinRef }: { topic: string; joinRef: string | null }, claims: Claims): void {
    const channel: JoinedChannel = {
      topic,
      joinRef,
      claims,
      expiry: setTimeout(() => expire(channel), Math.min(claims.exp * 1000 - Date.now(), LONGEST_MS)).unref(),
      send: ({ event, payload }) =>
        send({ joinRef: null, ref: null, topic, event: 'broadcast', payload: { type: 'broadcast', event, payload } }),
      shutDown: (message) => {
        // A verdict on a channel that was left, or joined anew, meanwhile.
        if (channels.get(topic) !== channel) return;
        const payload = { extension: 'system', status: 'error', message, channel: nameOf(topic) };
        send({ joinRef, ref: null, topic, event: 'system', payload });
        leave(channel);
      },
    };
    channels.set(topic, channel);
  }

  function expire(channel: JoinedChannel): void {
    if (channels.get(channel.topic) !== channel) return;
    if (channel.claims.exp * 1000 <= Date.now()) channel.shutDown('Token has expired');
    else keep(channel, channel.claims);
  }

  function leave(channel: JoinedChannel): void {
    clearTimeout(channel.expiry);
    channels.delete(channel.topic);
    const { topic, joinRef } = channel;
    send({ joinRef, ref: joinRef, topic, event: 'phx_close', payload: {} });
  }

  return {
    get heardAt() {
      return heardAt;
    },
    channels: () => [...channels.values()],
    close: () => socket.terminate(),
  };
}

/** What is told to who may no longer listen. */
export function revoked(topic: string): string {
  return `You no longer have permission to read from this Channel topic: ${nameOf(topic)}`;
}

/** The topic as the database knows it. */
export function nameOf(topic: string): string {
  return topic.slice(PREFIX.length);
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
