import { RealtimeClient } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import type { AccessToken, LiveNews, Subscription } from '../../core/ports.js';
import { tokenSource } from './calls.js';

/** The channel of a project, and what lets one in. */
export interface LiveOptions {
  readonly url: string;
  readonly key: string;
  readonly accessToken?: string | AccessToken;
  readonly project: string;
}

/** A message is a few hundred bytes. */
const MAX_FRAME_BYTES = 2 ** 20;
const HANDSHAKE_MS = 10_000;
const REJOIN_MS = 5_000;
/** By number of attempts. */
const RECONNECT_MS = [500, 1_000, 2_000];
const SLOWEST_RECONNECT_MS = 5_000;

/** Ends at once: `close` would wait up to 30 s for the other side to agree. */
class Transport extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols, {
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
  }

  override close(): void {
    this.terminate();
  }
}

/**
 * Joins the private channel of a project in Supabase Realtime, and joins it again whenever it breaks.
 *
 * @param tell each change between `joined` and `lost`, and each message
 * @see https://supabase.com/docs/guides/realtime/broadcast
 */
export function subscribeToProject(
  { url, key, accessToken, project }: LiveOptions,
  tell: (news: LiveNews) => void,
): Subscription {
  const source = tokenSource(accessToken);
  const realtime = new RealtimeClient(`${url.replace(/^http/, 'ws')}/realtime/v1`, {
    params: { apikey: key },
    transport: Transport as never,
    // Asked at each heartbeat: a channel that is told the next token in time goes on.
    accessToken: async () => (await source?.()) ?? key,
    // Jitter keeps all who lost the same origin from coming back at the same moment.
    reconnectAfterMs: (tries) => (RECONNECT_MS[tries - 1] ?? SLOWEST_RECONNECT_MS) * (0.5 + Math.random() / 2),
  });
  let last: LiveNews | undefined;
  let closed = false;
  let rejoin: NodeJS.Timeout | undefined;
  let channel = openChannel();
  void signIn();

  function openChannel() {
    const opened = realtime.channel(`agent_sync:${project}`, { config: { private: true } });
    return opened.on('broadcast', { event: 'ref_moved' }, () => say('moved'));
  }

  /** The token may be another one by now. When there is none to be had, the origin says so. */
  async function signIn(): Promise<void> {
    await realtime.setAuth().catch(() => {});
    join();
  }

  function join(): void {
    if (closed) return;
    channel.subscribe((status) => {
      if (closed) return;
      say(status === 'SUBSCRIBED' ? 'joined' : 'lost');
      if (status !== 'CLOSED') return;
      // The origin ended it, as when a token expires; realtime-js joins again only what broke.
      channel = openChannel();
      rejoin = setTimeout(() => void signIn(), REJOIN_MS);
    });
  }

  function say(news: LiveNews): void {
    if (news !== 'moved' && news === last) return;
    if (news !== 'moved') last = news;
    tell(news);
  }

  return {
    close: async () => {
      closed = true;
      clearTimeout(rejoin);
      channel.teardown();
      await disconnectRealtime(realtime);
    },
  };
}

/** Its own `disconnect` leaves a timer of ten seconds behind, for which a process would wait; that of the socket within does not. */
export function disconnectRealtime(realtime: RealtimeClient): Promise<void> {
  const { socketAdapter } = realtime as unknown as {
    readonly socketAdapter: { getSocket(): { disconnect(done: () => void): void } };
  };
  return new Promise((resolve) => socketAdapter.getSocket().disconnect(resolve));
}
