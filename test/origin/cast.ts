/** Everybody who may come to an origin, and a project of theirs with a row in every table. */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { IdentifiedObject, Remote } from '../../lib/core/ports.js';
import { commitOf, pushOf } from '../../lib/origin/contract/specimens.js';
import { databaseClient } from '../../lib/origin/embedded/database.js';
import { loadDependencies } from '../../lib/origin/embedded/dependencies.js';
import { layoutOf } from '../../lib/origin/embedded/layout.js';
import { SUPERUSER } from '../../lib/origin/embedded/postgres.js';
import { readRecord } from '../../lib/origin/embedded/record.js';
import type { EmbeddedOrigin } from '../../lib/origin/embedded/start.js';
import { supabaseRemote } from '../../lib/origin/supabase/client.js';
import { encodePack } from '../../lib/origin/supabase/pack.js';
import { originDirectory, withEmbeddedOrigin } from './with-origin.js';

/** Who asks: nobody (the publishable key alone), people by what they are to the project, and the key of the operator's programs. */
export const PEOPLE = ['anon', 'stranger', 'elsewhere', 'former', 'reader', 'writer', 'owner', 'service_role'] as const;
export type Person = (typeof PEOPLE)[number];

/** What PostgREST said. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The SQLSTATE or PostgREST's own code; empty when it did as asked. */
  readonly code: string;
}

export interface Cast {
  readonly origin: EmbeddedOrigin;
  /** The project of `owner`, `writer`, `reader` and once `former`. */
  readonly project: string;
  /** The project of `elsewhere`. */
  readonly otherProject: string;
  readonly userIds: Readonly<Record<Person, string>>;
  readonly tokens: Readonly<Record<Person, string | undefined>>;
  /** A part of a push that `writer` has under way. */
  readonly staged: string;
  /** The push of `writer` that was accepted, with its objects. */
  readonly pushed: { readonly id: string; readonly oid: string; readonly objects: readonly IdentifiedObject[] };
  remoteOf(person: Person, project?: string): Remote;
  /** Asks PostgREST through the gateway, past the client; with a token of its own where one is given. */
  ask(who: Person | { readonly token: string }, path: string, init?: RequestInit): Promise<Answer>;
  /** Sends a pack to a function. */
  upload(
    who: Person | { readonly token: string },
    name: string,
    header: Readonly<Record<string, unknown>>,
    objects?: readonly IdentifiedObject[],
  ): Promise<Answer>;
  /** A token with these claims, signed by the origin's own secret unless another is given. */
  sign(claims: Readonly<Record<string, unknown>>, secret?: string): string;
  /** Runs a script of SQL as the superuser in a session of its own, and answers the first column of all rows. */
  runScript(sql: string): Promise<string[]>;
  /** What each table of the schema holds, as a hash by name. */
  digest(): Promise<Record<string, string>>;
}

/** Starts an origin and lets everybody do there what they came for. */
export async function withCast(t: Test): Promise<Cast> {
  const directory = originDirectory(t);
  const origin = await withEmbeddedOrigin(t, { directory });
  const { url, key } = origin;
  const { jwtSecret } = JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8'));
  const sign = (claims: Readonly<Record<string, unknown>>, secret: string = jwtSecret): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const content = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
    return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
  };

  const userIds = {} as Record<Person, string>;
  const tokens = {} as Record<Person, string | undefined>;
  for (const person of PEOPLE) {
    const user = await origin.addUser(person, { email: `${person}@people.example` });
    userIds[person] = user.userId;
    tokens[person] = user.token;
  }
  tokens.anon = undefined;
  tokens.service_role = sign({ role: 'service_role', exp: Math.floor(Date.now() / 1000) + 3600 });

  const ask: Cast['ask'] = async (who, path, init = {}) => {
    const token = typeof who === 'string' ? tokens[who] : who.token;
    const response = await fetch(`${url}/rest/v1/${path}`, {
      ...init,
      headers: {
        'Accept-Profile': 'agent_sync',
        'Content-Profile': 'agent_sync',
        'Content-Type': 'application/json',
        ...(init.headers as object),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        apikey: key,
      },
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const body = isJson && text !== '' ? JSON.parse(text) : text;
    return { status: response.status, body, code: response.ok ? '' : String((body as { code?: string }).code ?? '') };
  };

  const project = 'handbook';
  const otherProject = 'elsewhere';
  const remoteOf = (person: Person, name = project) =>
    supabaseRemote({ url, key, accessToken: tokens[person] ?? key, project: name });
  const cast: Cast = {
    origin,
    project,
    otherProject,
    userIds,
    tokens,
    staged: randomUUID(),
    pushed: { id: randomUUID(), ...commitOf({ 'INFRA-001-first.md': 'one\n' }) },
    remoteOf,
    ask,
    upload: (who, name, header, objects = []) =>
      ask(who, `rpc/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/octet-stream' },
        body: encodePack(header, objects) as never,
      }),
    sign,
    async runScript(sql) {
      const { pg } = await loadDependencies();
      const client = databaseClient(pg, readRecord(layoutOf(directory))!.sockets, SUPERUSER);
      await client.connect();
      try {
        const results = [await client.query(sql)].flat();
        return results.flatMap(({ rows }) => rows.map((row) => String(Object.values(row)[0])));
      } finally {
        await client.end();
      }
    },
    async digest() {
      const tables = await origin.sql<{ name: string }>(
        `select c.oid::regclass::text as name from pg_class c
          where c.relnamespace in ('agent_sync'::regnamespace, 'auth'::regnamespace) and c.relkind = 'r' order by 1`,
      );
      const hashes = tables.map(async ({ name }) => {
        const [row] = await origin.sql<{ hash: string }>(
          `select md5(coalesce(string_agg(r::text, '|' order by r::text), '')) as hash from ${name} r`,
        );
        return [name, row!.hash] as const;
      });
      return Object.fromEntries(await Promise.all(hashes));
    },
  };
  await populate(cast);
  return cast;
}

/** The origin on this machine cleans its files after the answer, and notes that it has. */
export async function vacuumed(origin: EmbeddedOrigin): Promise<void> {
  while ((await origin.sql('select from agent_sync.erasures where not vacuumed')).length > 0);
}

async function populate({ origin, project, otherProject, userIds, staged, pushed, remoteOf, upload }: Cast) {
  const [owner, writer, elsewhere] = [remoteOf('owner'), remoteOf('writer'), remoteOf('elsewhere', otherProject)];
  await owner.register();
  await elsewhere.register();
  await elsewhere.push(pushOf(commitOf({ 'INFRA-001-secret.md': 'of another project\n' }), null));
  await owner.setMember(userIds.reader, 'reader');
  await owner.setMember(userIds.writer, 'writer');
  await owner.setMember(userIds.former, 'writer');
  await writer.push({ ...pushOf(pushed, null), id: pushed.id });
  await writer.issueId({ id: randomUUID(), kind: 'story', want: { next: 'INFRA', floor: 0 } });
  await owner.purge({ actors: ['actor-gone'], blobs: [] });
  await vacuumed(origin);
  await upload('writer', 'push_chunk', { project, push: staged, chunk: 0 }, pushed.objects.slice(0, 1));
  await owner.setMember(userIds.former, null);
  await owner.setMember('invited@people.example', 'reader');
  await origin.sql(`insert into agent_sync.quotas select 'ids', id, 5000 from agent_sync.projects where name = $1`, [
    project,
  ]);
}
