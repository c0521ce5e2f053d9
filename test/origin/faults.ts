/** What networks and what stands in them do to requests and answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../lib/index.js';
import { type Exchange, type Fault, pass, send } from './faulty-proxy.js';

/** A kind of fault, and what has to come of it. */
export interface FaultKind {
  /** Completes "a network that". */
  readonly sentence: string;
  readonly fault: Fault;
  /** Whether the origin gets the request: whether a push is carried out, however little the client hears of it. */
  readonly reaches: boolean;
  /** The codes that a command may fail with; none where it has to succeed. */
  readonly codes: readonly ErrorCode[];
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

function drop({ incoming }: Exchange): void {
  incoming.socket.destroy();
}

/** With RST where the other way to close is FIN. */
function reset({ incoming }: Exchange): void {
  incoming.socket.resetAndDestroy();
}

function say(status: number, headers: Record<string, string>, text: string): Fault {
  return async ({ outgoing }) => void outgoing.writeHead(status, headers).end(text);
}

const page = (status: number) => say(status, { 'content-type': 'text/html' }, `<html><h1>${status}</h1></html>`);

/** Nothing, until the client has had enough of it. */
function silence({ outgoing }: Exchange): Promise<void> {
  return new Promise((resolve) => outgoing.once('close', resolve));
}

/** Writes what `next` gives until the client goes. */
async function pour(exchange: Exchange, next: () => Promise<Buffer> | Buffer): Promise<void> {
  const { outgoing } = exchange;
  const gone = silence(exchange);
  while (!outgoing.destroyed) {
    if (!outgoing.write(await next()))
      await Promise.race([new Promise((resolve) => outgoing.once('drain', resolve)), gone]);
  }
}

/** Sends the first half of the origin's answer, and hands over what is left to do. */
async function half(exchange: Exchange, headers: Record<string, string | number> = {}): Promise<void> {
  const { body } = await exchange.forward();
  exchange.outgoing.writeHead(200, { ...JSON_TYPE, ...headers });
  await new Promise((resolve) => exchange.outgoing.write(body.subarray(0, body.length >> 1), resolve));
}

const UNREACHABLE: readonly ErrorCode[] = ['ORIGIN_UNREACHABLE'];
const INVALID: readonly ErrorCode[] = ['ORIGIN_ANSWER_INVALID'];
const ZEROS = Buffer.alloc(1 << 16);

/** All kinds; the last ones end only when the client's patience does. */
export const FAULTS: readonly FaultKind[] = [
  { sentence: 'drops the request', fault: async (e) => drop(e), reaches: false, codes: UNREACHABLE },
  {
    sentence: 'resets the connection at the request',
    fault: async (e) => reset(e),
    reaches: false,
    codes: UNREACHABLE,
  },
  {
    sentence: 'drops the answer',
    fault: async (e) => {
      await e.forward();
      drop(e);
    },
    reaches: true,
    codes: UNREACHABLE,
  },
  {
    sentence: 'resets the connection at the answer',
    fault: async (e) => {
      await e.forward();
      reset(e);
    },
    reaches: true,
    codes: UNREACHABLE,
  },
  {
    sentence: 'drops the connection in the middle of the answer',
    fault: async (e) => {
      await half(e, { 'content-length': 1_000_000 });
      drop(e);
    },
    reaches: true,
    codes: UNREACHABLE,
  },
  {
    sentence: 'resets the connection in the middle of an answer of unknown length',
    fault: async (e) => {
      await half(e);
      reset(e);
    },
    reaches: true,
    codes: UNREACHABLE,
  },
  {
    sentence: 'cuts the answer short and corrects its length',
    fault: async ({ outgoing, forward }) => {
      const answer = await forward();
      send(outgoing, { ...answer, body: answer.body.subarray(0, answer.body.length >> 1) });
    },
    reaches: true,
    codes: INVALID,
  },
  {
    sentence: 'cuts the answer short by closing the connection, which is how answers of HTTP/1.0 end',
    fault: async ({ incoming, forward }) => {
      const { body } = await forward();
      incoming.socket.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), body.subarray(0, body.length >> 1)]));
    },
    reaches: true,
    codes: INVALID,
  },
  {
    sentence: 'cuts the request short on its way to the origin',
    fault: async ({ body, outgoing, forward }) => send(outgoing, await forward(body.subarray(0, body.length >> 1))),
    reaches: false,
    codes: ['ORIGIN_FAILED', 'ORIGIN_REFUSED', 'ORIGIN_MISCONFIGURED', 'REQUEST_INVALID', 'OBJECT_MALFORMED'],
  },
  {
    sentence: 'is slow',
    fault: async (e) => {
      await delay(100);
      await pass(e);
    },
    reaches: true,
    codes: [],
  },
  {
    sentence: 'sends each request twice, one after the other',
    fault: async (e) => {
      await e.forward();
      await pass(e);
    },
    reaches: true,
    codes: [],
  },
  {
    sentence: 'sends each request twice at once, and brings the answer that comes last',
    fault: async ({ outgoing, forward }) => {
      const answers = await Promise.all([forward(), forward()]);
      send(outgoing, answers[1]);
    },
    reaches: true,
    codes: [],
  },
  { sentence: 'answers with a page of status 500', fault: page(500), reaches: false, codes: ['ORIGIN_FAILED'] },
  { sentence: 'answers with a page of status 502', fault: page(502), reaches: false, codes: ['ORIGIN_FAILED'] },
  {
    sentence: 'answers with status 502 after the origin has done it',
    fault: async (e) => {
      await e.forward();
      await page(502)(e);
    },
    reaches: true,
    codes: ['ORIGIN_FAILED'],
  },
  {
    sentence: 'answers with status 503',
    fault: say(503, JSON_TYPE, '{"message":"no server is available"}'),
    reaches: false,
    codes: ['ORIGIN_BUSY'],
  },
  {
    sentence: 'answers with status 429 and Retry-After',
    fault: say(429, { 'retry-after': '7' }, 'slow down'),
    reaches: false,
    codes: ['ORIGIN_BUSY'],
  },
  {
    sentence: 'answers with its own page and status 200',
    fault: page(200),
    reaches: false,
    codes: INVALID,
  },
  {
    sentence: 'answers with its own page and status 200 after the origin has done it',
    fault: async (e) => {
      await e.forward();
      await page(200)(e);
    },
    reaches: true,
    codes: INVALID,
  },
  { sentence: 'answers with nothing and status 200', fault: say(200, JSON_TYPE, ''), reaches: false, codes: INVALID },
  { sentence: 'answers with status 204', fault: say(204, {}, ''), reaches: false, codes: ['ORIGIN_FAILED'] },
  { sentence: 'answers with other JSON', fault: say(200, JSON_TYPE, '{"ok":true}'), reaches: false, codes: INVALID },
  { sentence: 'answers with null', fault: say(200, JSON_TYPE, 'null'), reaches: false, codes: INVALID },
  {
    sentence: 'answers with what is not HTTP',
    fault: async ({ incoming }) => void incoming.socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
    reaches: false,
    codes: UNREACHABLE,
  },
  {
    sentence: 'says that the answer is compressed, and it is not',
    fault: async ({ outgoing, forward }) => {
      const answer = await forward();
      send(outgoing, { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' } });
    },
    reaches: true,
    codes: UNREACHABLE,
  },
  {
    sentence: 'damages the last byte of the answer',
    fault: async ({ outgoing, forward }) => {
      const answer = await forward();
      answer.body[answer.body.length - 1]! ^= 0x41;
      send(outgoing, answer);
    },
    reaches: true,
    codes: ['ORIGIN_ANSWER_INVALID', 'OBJECT_HASH_MISMATCH'],
  },
  {
    sentence: 'sends the client elsewhere',
    fault: say(307, { location: 'https://login.example.org/' }, ''),
    reaches: false,
    codes: ['ORIGIN_MISCONFIGURED'],
  },
  {
    sentence: 'answers without end',
    fault: async (e) => {
      e.outgoing.writeHead(200, JSON_TYPE);
      await pour(e, () => ZEROS);
    },
    reaches: false,
    codes: [...INVALID, ...UNREACHABLE],
  },
  {
    sentence: 'announces an answer of 10 GB',
    fault: async (e) => {
      e.outgoing.writeHead(200, { ...JSON_TYPE, 'content-length': 10_000_000_000 }).flushHeaders();
      await silence(e);
    },
    reaches: false,
    codes: INVALID,
  },
  {
    sentence: 'answers with 100 kB that are 100 MB when uncompressed',
    fault: async ({ outgoing }) =>
      void outgoing.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(bomb()),
    reaches: false,
    codes: [...INVALID, ...UNREACHABLE],
  },
  { sentence: 'never answers', fault: silence, reaches: false, codes: UNREACHABLE },
  {
    sentence: 'never answers, but hands the request on',
    fault: async (e) => {
      await e.forward();
      await silence(e);
    },
    reaches: true,
    codes: UNREACHABLE,
  },
  {
    sentence: 'is silent after the header of the answer',
    fault: async (e) => {
      const { body } = await e.forward();
      e.outgoing.writeHead(200, { ...JSON_TYPE, 'content-length': body.length }).flushHeaders();
      await silence(e);
    },
    reaches: true,
    codes: UNREACHABLE,
  },
  {
    sentence: 'brings the answer byte by byte, and never its end',
    fault: async (e) => {
      e.outgoing.writeHead(200, JSON_TYPE);
      await pour(e, () => delay(100, Buffer.from(' ')));
    },
    reaches: false,
    codes: UNREACHABLE,
  },
];

let compressed: Buffer | undefined;

function bomb(): Buffer {
  compressed ??= gzipSync(Buffer.alloc(100_000_000));
  return compressed;
}
