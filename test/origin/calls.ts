/** How the people of a cast speak to the origin past our client, and what came of it. */
import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '../../lib/core/errors.js';
import type { IdentifiedObject } from '../../lib/core/ports.js';
import { explainFailure } from '../../lib/origin/supabase/errors.js';
import type { Answer, Cast, Person } from './cast.js';

export type Who = Person | { readonly token: string };

/** What is tried, the code that it is refused with, and how it is tried. */
export type Case = readonly [sentence: string, code: ErrorCode, send: () => Promise<Answer>];

export interface Calls {
  /** Calls a function of the project with JSON, or with a body as it is. */
  call(who: Who, name: string, args: Readonly<Record<string, unknown>>, raw?: string): Promise<Answer>;
  /** A push as the client would write it, but for what is given; or a part of one. */
  push(
    who: Who,
    changes?: Readonly<Record<string, unknown>>,
    objects?: readonly IdentifiedObject[],
    name?: string,
  ): Promise<Answer>;
  /** Bytes as a pack. */
  raw(who: Who, bytes: string | Uint8Array, name?: string): Promise<Answer>;
  table(who: Who, method: string, path: string, row?: object): Promise<Answer>;
  /** The code that our client makes of an answer; of one that is no failure, its text. */
  explained(answer: Answer): string;
  /** Which tables `work` changes. */
  changes(work: () => Promise<unknown>): Promise<string[]>;
}

export function callsOf({ origin, project, ask, upload, digest }: Cast): Calls {
  return {
    call: (who, name, args, raw) =>
      ask(who, `rpc/${name}`, { method: 'POST', body: raw ?? JSON.stringify({ project_name: project, ...args }) }),
    push(who, changes = {}, objects = [], name = 'push') {
      const header = { project, push: randomUUID(), chunk: 7, chunks: 0, edits: [], actors: [], ...changes };
      return upload(who, name, header, objects);
    },
    raw: (who, bytes, name = 'push') =>
      ask(who, `rpc/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/octet-stream' },
        body: bytes as never,
      }),
    table: (who, method, path, row) => ask(who, path, { method, ...(row ? { body: JSON.stringify(row) } : {}) }),
    explained({ status, code, body }) {
      const { message = '', details = '' } = (typeof body === 'object' && body !== null ? body : {}) as {
        message?: string;
        details?: string;
      };
      const failure = { status, code, message: String(message), detail: String(details ?? '') };
      return status >= 400
        ? explainFailure(origin.url, failure).code
        : `${status} ${JSON.stringify(body).slice(0, 80)}`;
    },
    async changes(work) {
      const before = await digest();
      await work();
      const after = await digest();
      return Object.keys(after).filter((name) => after[name] !== before[name]);
    },
  };
}
