import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** A request that came in whole, and what can be done about it. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly outgoing: ServerResponse;
  /** Hands the request on, with another body if one is given, and answers what the origin said. */
  forward(body?: Buffer): Promise<OriginAnswer>;
}

/** What the origin said. */
export interface OriginAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a network does to an exchange. */
export type Fault = (exchange: Exchange) => Promise<void>;

/** A network between a client and an origin that is well until it is told to break. */
export interface FaultyProxy {
  readonly url: string;
  /** The functions asked for so far, in order; the second of a kind since the last `breakAt` or `heal` as `describe 2`. */
  readonly asked: readonly string[];
  /** From the first request for `at` on, every exchange has the fault; resolves when it has come. */
  breakAt(at: string, fault: Fault): Promise<void>;
  heal(): void;
  /** Resolves when `at` has come, as `asked` would have it. */
  hasAsked(at: string): Promise<void>;
}

/** A proxy before an origin, over real connections, that ends with the test. */
export async function withFaultyProxy(t: Pick<Test, 'teardown'>, originUrl: string): Promise<FaultyProxy> {
  let broken: { readonly at: string; readonly fault: Fault; readonly begin: () => void } | undefined;
  let isBroken = false;
  let asked: string[] = [];
  const arrivals = new EventEmitter();

  const server = createServer((incoming, outgoing) => {
    outgoing.on('error', () => {});
    receive(incoming)
      .then((body) => {
        const name = incoming.url!.split('/').at(-1)!;
        const times = asked.filter((one) => one.split(' ')[0] === name).length + 1;
        asked.push(times > 1 ? `${name} ${times}` : name);
        arrivals.emit(asked.at(-1)!);
        if (broken?.at === asked.at(-1)) {
          isBroken = true;
          broken?.begin();
        }
        const forward = (sent = body) => ask(originUrl, incoming, sent);
        return (isBroken && broken ? broken.fault : pass)({ incoming, body, outgoing, forward });
      })
      // Either side may have gone away.
      .catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const reset = (next: typeof broken) => {
    broken = next;
    isBroken = false;
    asked = [];
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    breakAt: (at, fault) => new Promise((begin) => reset({ at, fault, begin })),
    heal: () => reset(undefined),
    hasAsked: async (at) => void (asked.includes(at) || (await once(arrivals, at))),
  };
}

/** What a network does that is well. */
export const pass: Fault = async ({ outgoing, forward }) => send(outgoing, await forward());

/** Sends an answer on. */
export function send(outgoing: ServerResponse, { status, headers, body }: OriginAnswer): void {
  const { 'transfer-encoding': _, ...others } = headers;
  outgoing.writeHead(status, { ...others, 'content-length': body.length }).end(body);
}

function ask(originUrl: string, { url, method, headers }: IncomingMessage, body: Buffer): Promise<OriginAnswer> {
  return new Promise((resolve, reject) => {
    const { host: _, 'transfer-encoding': __, connection: ___, ...others } = headers;
    const options = { method, headers: { ...others, 'content-length': body.length }, agent: false };
    const outgoing = request(`${originUrl}${url}`, options, (response) => {
      receive(response).then(
        (answered) => resolve({ status: response.statusCode!, headers: response.headers, body: answered }),
        reject,
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function receive(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
