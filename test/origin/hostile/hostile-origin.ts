import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import type { Oid } from '../../../lib/core/object/oid.js';
import type { Actor, IdentifiedObject } from '../../../lib/core/ports.js';
import { ACTOR } from '../../../lib/origin/contract/specimens.js';
import { decodePack, encodePack } from '../../../lib/origin/supabase/pack.js';

/** What an origin has, and says to whoever asks. */
export interface Stock {
  readonly refs: Readonly<Record<string, Oid>>;
  /** In the order of their numbers. */
  readonly objects: readonly IdentifiedObject[];
  readonly actors?: readonly Actor[];
}

/** An answer: a value as JSON, bytes as they are, or whatever is done to the response. */
export type Reply = (request: { readonly body: Buffer; readonly after: number }, response: ServerResponse) => unknown;

/** The functions of an origin that answer otherwise than an honest one. */
export type Replies = Readonly<Record<string, Reply>>;

/** An origin that speaks the protocol, honestly but for what a test has it say. */
export interface HostileOrigin {
  readonly url: string;
  /** From now on it has this, and answers so. */
  serve(stock: Stock, replies?: Replies): void;
}

/** A server that ends with the test. */
export async function withHostileOrigin(t: Test): Promise<HostileOrigin> {
  let stock: Stock = { refs: {}, objects: [] };
  let replies: Replies = {};
  const server = createServer(async (incoming, response) => {
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const name = incoming.url!.split('/').at(-1)!;
    const after = name === 'fetch' ? Number(JSON.parse(body.toString()).after) : 0;
    const reply = replies[name] ?? honest(stock)[name];
    if (!reply) return void response.writeHead(404).end();
    const value = reply({ body, after }, response);
    if (value === undefined || response.writableEnded) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(value instanceof Uint8Array ? value : JSON.stringify(value));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(next, others = {}) {
      stock = next;
      replies = others;
    },
  };
}

function honest({ refs, objects, actors = [ACTOR] }: Stock): Replies {
  const sequence = objects.length;
  return {
    register_project: () => ({ created: false, role: 'writer' }),
    describe: () => ({ refs, sequence, actors }),
    fetch: ({ after }) => page(objects.slice(after), { sequence }),
    push: ({ body }) => {
      const { edits } = decodePack(body).header as { edits: { name: string; target: Oid }[] };
      const moved = Object.fromEntries(edits.map(({ name, target }) => [name, target]));
      return { status: 'accepted', refs: moved, sequence: { from: sequence, to: sequence + 1 } };
    },
    issue_id: ({ body }) => ({ status: 'issued', id: `${JSON.parse(body.toString()).prefix}-007` }),
    list_members: () => [],
  };
}

/** A page as an origin sends it. */
export function page(objects: readonly IdentifiedObject[], header: Readonly<Record<string, unknown>>): Uint8Array {
  return encodePack({ more: false, ...header }, objects);
}
