/** What somebody tries who speaks to the origin past our client: each is refused with a code of ours, and changes nothing. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { ERROR_CODES, type ErrorCode } from '../../lib/core/errors.js';
import { encodeCommit } from '../../lib/core/object/commit.js';
import { LIMITS } from '../../lib/core/object/limits.js';
import { EMPTY_TREE } from '../../lib/core/object/read.js';
import { encodeUtf8 } from '../../lib/core/object/text.js';
import { encodeTree } from '../../lib/core/object/tree.js';
import type { IdentifiedObject } from '../../lib/core/ports.js';
import {
  ACTOR,
  commitBody,
  commitOf,
  identified,
  MAIN,
  malformedObjects,
} from '../../lib/origin/contract/specimens.js';
import { explainFailure } from '../../lib/origin/supabase/errors.js';
import { type Answer, type Person, withCast } from './cast.js';

const cast = await withCast(t);
const { origin, project, otherProject, userIds, tokens, staged, pushed, ask, upload, sign } = cast;
const [{ id: ours, theirs } = { id: '', theirs: '' }] = await origin.sql<{ id: string; theirs: string }>(
  `select a.id, b.id as theirs from agent_sync.projects a, agent_sync.projects b where a.name = $1 and b.name = $2`,
  [project, otherProject],
);
const [{ secret } = { secret: '' }] = await origin.sql<{ secret: string }>(
  `select encode(oid, 'hex') as secret from agent_sync.objects where project = $1 and type = 'blob'`,
  [theirs],
);
// The writer's actor is bound to the writer from here on; a name of a teammate who has not pushed yet is not.
await cast.remoteOf('owner').protectRef('refs/heads/release/*', true);
const release = { name: 'refs/heads/release/1', expected: null, target: pushed.oid };
await cast.remoteOf('writer').push({ id: randomUUID(), edits: [release], objects: [], actors: [] });

type Who = Person | { readonly token: string };
type Case = readonly [sentence: string, code: ErrorCode, send: () => Promise<Answer>];

function call(who: Who, name: string, args: Readonly<Record<string, unknown>>, raw?: string): Promise<Answer> {
  return ask(who, `rpc/${name}`, { method: 'POST', body: raw ?? JSON.stringify({ project_name: project, ...args }) });
}

/** A push as the client would write it, but for what is given. */
function push(
  who: Who,
  changes: Readonly<Record<string, unknown>> = {},
  objects: readonly IdentifiedObject[] = [],
  name = 'push',
): Promise<Answer> {
  const header = { project, push: randomUUID(), chunk: 7, chunks: 0, edits: [], actors: [], ...changes };
  return upload(who, name, header, objects);
}

/** Bytes as a pack. */
function raw(who: Who, bytes: string | Uint8Array, name = 'push'): Promise<Answer> {
  return ask(who, `rpc/${name}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: bytes as never,
  });
}

function table(who: Who, method: string, path: string, row?: object): Promise<Answer> {
  return ask(who, path, { method, ...(row ? { body: JSON.stringify(row) } : {}) });
}

const seconds = Math.floor(Date.now() / 1000);
const valid = { sub: userIds.owner, role: 'authenticated', aud: 'authenticated', exp: seconds + 3600 };
const { sub: _, ...withoutSub } = valid;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const [, ownersClaims, ownersSignature] = tokens.owner!.split('.');
const as = (token: string) => () => call({ token }, 'describe', {});

const TOKENS: readonly Case[] = [
  ['no token, the publishable key alone', 'ORIGIN_REFUSED', () => call('anon', 'describe', {})],
  ['a token that is signed with another key', 'ORIGIN_REFUSED', as(sign(valid, 'another secret of at least 32 bytes'))],
  ['a token that is signed with no key', 'ORIGIN_REFUSED', as(sign(valid, ''))],
  ['a token of alg none', 'ORIGIN_REFUSED', as(`${part({ alg: 'none', typ: 'JWT' })}.${part(valid)}.`)],
  ['a token of alg None', 'ORIGIN_REFUSED', as(`${part({ alg: 'None' })}.${part(valid)}.${ownersSignature}`)],
  ['a token without its signature', 'ORIGIN_REFUSED', as(tokens.owner!.split('.').slice(0, 2).join('.'))],
  [
    "the owner's signature under other claims",
    'ORIGIN_REFUSED',
    as(`${part({ alg: 'HS256', typ: 'JWT' })}.${part(valid)}.${ownersSignature}`),
  ],
  [
    "the owner's claims under another header",
    'ORIGIN_REFUSED',
    as(`${part({ alg: 'HS512' })}.${ownersClaims}.${ownersSignature}`),
  ],
  [
    'service_role, signed with another key',
    'ORIGIN_REFUSED',
    as(sign({ ...valid, role: 'service_role' }, 'x'.repeat(32))),
  ],
  ['service_role itself', 'ORIGIN_REFUSED', () => call('service_role', 'describe', {})],
  ['the superuser as the role', 'ORIGIN_REFUSED', as(sign({ ...valid, role: 'supabase_admin' }))],
  ['the owner of the tables as the role', 'ORIGIN_REFUSED', as(sign({ ...valid, role: 'postgres' }))],
  ['SQL as the role', 'REQUEST_INVALID', as(sign({ ...valid, role: 'authenticated; set role postgres' }))],
  ['a token that expired', 'LOGIN_EXPIRED', as(sign({ ...valid, exp: seconds - 3600 }))],
  ['a token that is not valid yet', 'ORIGIN_REFUSED', as(sign({ ...valid, nbf: seconds + 3600 }))],
  ['a token that will be issued tomorrow', 'ORIGIN_REFUSED', as(sign({ ...valid, iat: seconds + 86_400 }))],
  ['a token of nobody', 'ORIGIN_REFUSED', as(sign(withoutSub))],
  ['a token of a number', 'ORIGIN_REFUSED', as(sign({ ...valid, sub: 1 }))],
  ['a token of no uuid', 'REQUEST_INVALID', as(sign({ ...valid, sub: 'owner' }))],
  ['SQL as the user', 'REQUEST_INVALID', as(sign({ ...valid, sub: "' or true --" }))],
  ['an e-mail address as the user', 'REQUEST_INVALID', as(sign({ ...valid, sub: 'owner@people.example' }))],
  ['a token that is text', 'ORIGIN_REFUSED', as('owner')],
  ['a token of 100 KB', 'ORIGIN_REFUSED', as(sign({ ...valid, extra: 'x'.repeat(8_000) }, 'y'))],
];

const FOREIGN: readonly Case[] = (['stranger', 'elsewhere', 'former'] as const).flatMap(
  (who) =>
    [
      [`${who} describes the project`, 'ORIGIN_REFUSED', () => call(who, 'describe', {})],
      [`${who} fetches`, 'ORIGIN_REFUSED', () => call(who, 'fetch', { after: 0 })],
      [`${who} lists members`, 'ORIGIN_REFUSED', () => call(who, 'list_members', {})],
      [`${who} lists invitations`, 'ORIGIN_REFUSED', () => call(who, 'list_invitations', {})],
      [`${who} reads the audit`, 'ORIGIN_REFUSED', () => call(who, 'read_audit', { after: 0 })],
      [`${who} joins by registering`, 'ORIGIN_REFUSED', () => call(who, 'register_project', {})],
      [
        `${who} becomes an owner`,
        'ORIGIN_REFUSED',
        () => call(who, 'set_member', { member: userIds[who], new_role: 'owner' }),
      ],
      [
        `${who} invites`,
        'ORIGIN_REFUSED',
        () => call(who, 'set_member_by_email', { address: `${who}@people.example`, new_role: 'owner' }),
      ],
      [
        `${who} ends the protection of main`,
        'ORIGIN_REFUSED',
        () => call(who, 'protect_ref', { pattern: MAIN, is_protected: false }),
      ],
      [`${who} reads what was erased`, 'ORIGIN_REFUSED', () => call(who, 'list_erasures', { after: 0 })],
      [`${who} erases a text`, 'ORIGIN_REFUSED', () => purge(who, [], [pushed.objects[0]!.oid])],
      [`${who} pushes`, 'ORIGIN_REFUSED', () => push(who)],
      [`${who} stages a part`, 'ORIGIN_REFUSED', () => push(who, {}, [], 'push_chunk')],
      [`${who} completes the push of a member`, 'ORIGIN_REFUSED', () => push(who, { push: staged, chunks: 1 })],
      [`${who} asks again for a receipt`, 'ORIGIN_REFUSED', () => push(who, { push: pushed.id })],
      [
        `${who} takes an id`,
        'ORIGIN_REFUSED',
        () => call(who, 'issue_id', { request: randomUUID(), kind: 'plan', prefix: 'A', above: 0, claimed: null }),
      ],
    ] as Case[],
);

function purge(who: Person, actors: readonly string[], blobs: readonly string[]): Promise<Answer> {
  return call(who, 'purge', { actors, blobs, dry_run: false });
}

const ROLES: readonly Case[] = [
  ['a reader pushes', 'ORIGIN_REFUSED', () => push('reader')],
  ['a reader stages a part', 'ORIGIN_REFUSED', () => push('reader', {}, [], 'push_chunk')],
  [
    'a reader makes herself an owner',
    'ORIGIN_REFUSED',
    () => call('reader', 'set_member', { member: userIds.reader, new_role: 'owner' }),
  ],
  [
    'a writer makes himself an owner',
    'ORIGIN_REFUSED',
    () => call('writer', 'set_member', { member: userIds.writer, new_role: 'owner' }),
  ],
  [
    'a writer removes the owner',
    'ORIGIN_REFUSED',
    () => call('writer', 'set_member', { member: userIds.owner, new_role: null }),
  ],
  [
    'a writer invites a friend',
    'ORIGIN_REFUSED',
    () => call('writer', 'set_member_by_email', { address: 'mallory@people.example', new_role: 'owner' }),
  ],
  [
    'a writer withdraws an invitation',
    'ORIGIN_REFUSED',
    () => call('writer', 'set_member_by_email', { address: 'invited@people.example', new_role: null }),
  ],
  [
    'a writer ends the protection of main',
    'ORIGIN_REFUSED',
    () => call('writer', 'protect_ref', { pattern: MAIN, is_protected: false }),
  ],
  ['a reader erases the name of a writer', 'ORIGIN_REFUSED', () => purge('reader', [ACTOR.id], [])],
  ['a writer erases a name that nobody brought', 'ORIGIN_REFUSED', () => purge('writer', ['actor-unknown'], [])],
  [
    'a writer erases what he has written himself',
    'ORIGIN_REFUSED',
    () => purge('writer', [], [pushed.objects[0]!.oid]),
  ],
  ['an owner erases a commit', 'USAGE', () => purge('owner', [], [pushed.oid])],
  ['an owner erases 1,001 actors', 'USAGE', () => purge('owner', Array(1001).fill('x'), [])],
  [
    'the only owner leaves',
    'ORIGIN_REFUSED',
    () => call('owner', 'set_member', { member: userIds.owner, new_role: null }),
  ],
  [
    'an owner gives a role that is none',
    'USAGE',
    () => call('owner', 'set_member', { member: userIds.reader, new_role: 'admin' }),
  ],
  ['an owner gives nobody a role', 'USAGE', () => call('owner', 'set_member', { member: null, new_role: 'reader' })],
  [
    'an owner of another project uses its number',
    'ORIGIN_REFUSED',
    () => call('elsewhere', 'describe', { project_name: ours }),
  ],
];

const tree = identified('tree', encodeTree([{ name: 'x.md', mode: '100644', oid: secret }]));
const pointing = identified('commit', commitBody(tree.oid, []));
const incomplete = commitOf({ 'INFRA-009-x.md': 'x\n' });
const cycle = identified('commit', commitBody('4b825dc642cb6eb9a060e54bf8d69288fbee4904', ['1'.repeat(40)]));
const child = commitOf({ 'INFRA-001-first.md': 'two\n' }, [pushed.oid]);
const lost = commitOf({ 'INFRA-001-first.md': 'history as I like it\n' });
const to = (target: unknown, more: object = {}) => ({
  edits: [{ name: 'refs/heads/new', expected: null, target, ...more }],
});
const main = (target: string | null, more: object = {}) => ({
  edits: [{ name: MAIN, expected: pushed.oid, target, ...more }],
});

const HISTORY: readonly Case[] = [
  [
    'an object under the id of another',
    'OBJECT_HASH_MISMATCH',
    () => push('writer', {}, [{ ...child.objects[0]!, body: encodeUtf8('other\n') }]),
  ],
  [
    'a blob that says it is a tree of that id',
    'OBJECT_HASH_MISMATCH',
    () => push('writer', {}, [{ ...child.objects[0]!, type: 'tree' }]),
  ],
  [
    'an object of a type that git has not',
    'OBJECT_MALFORMED',
    () => push('writer', {}, [identified('tag' as never, encodeUtf8('text'))]),
  ],
  [
    'an object of 2 MiB and a byte',
    'OBJECT_TOO_LARGE',
    () => push('writer', {}, [identified('blob', new Uint8Array(LIMITS.objectBytes + 1))]),
  ],
  ['a branch that points at nothing', 'OBJECT_NOT_FOUND', () => push('writer', to('1'.repeat(40)))],
  ['a branch that points at a blob', 'OBJECT_NOT_FOUND', () => push('writer', to(pushed.objects[0]!.oid))],
  [
    'a branch that points at a commit without its files',
    'OBJECT_NOT_FOUND',
    () => push('writer', to(incomplete.oid), incomplete.objects.slice(1)),
  ],
  [
    'a branch that points at a commit without its tree',
    'OBJECT_NOT_FOUND',
    () => push('writer', to(incomplete.oid), incomplete.objects.slice(-1)),
  ],
  ['a commit without its parent', 'OBJECT_NOT_FOUND', () => push('writer', to(cycle.oid), [cycle])],
  [
    'a tree that names an object of another project',
    'OBJECT_NOT_FOUND',
    () => push('writer', to(pointing.oid), [tree, pointing]),
  ],
  ['a branch that points at an object of another project', 'OBJECT_NOT_FOUND', () => push('writer', to(secret))],
  [
    'main is moved aside by force',
    'REF_PROTECTED',
    () => push('writer', main(lost.oid, { force: true }), lost.objects),
  ],
  [
    'main is moved aside by force of its owner',
    'REF_PROTECTED',
    () => push('owner', main(lost.oid, { force: true }), lost.objects),
  ],
  ['main is deleted', 'ORIGIN_REFUSED', () => push('writer', main(null))],
  ['main is deleted by force', 'REF_PROTECTED', () => push('owner', main(null, { force: true }))],
  [
    'a branch of a protected kind is deleted by force',
    'REF_PROTECTED',
    () => push('writer', { edits: [{ ...release, expected: pushed.oid, target: null, force: true }] }),
  ],
  [
    'main goes with a branch that may',
    'REF_PROTECTED',
    () => push('writer', { edits: [...to(pushed.oid).edits, ...main(null, { force: true }).edits] }),
  ],
  ['force that is a word', 'REQUEST_INVALID', () => push('writer', main(child.oid, { force: 'yes' }), child.objects)],
  [
    'a ref outside of the branches',
    'REF_NAME_INVALID',
    () => push('writer', { edits: [{ name: 'refs/remotes/origin/main', expected: null, target: pushed.oid }] }),
  ],
  ['HEAD', 'REF_NAME_INVALID', () => push('writer', { edits: [{ name: 'HEAD', expected: null, target: pushed.oid }] })],
  [
    'a branch with .. in its name',
    'REF_NAME_INVALID',
    () => push('writer', { edits: [{ name: 'refs/heads/../../x', expected: null, target: pushed.oid }] }),
  ],
  [
    'a branch with an escape sequence in its name',
    'REF_NAME_INVALID',
    () => push('writer', { edits: [{ name: 'refs/heads/\x1b[2J', expected: null, target: pushed.oid }] }),
  ],
  [
    'a branch with a name of 10,000 letters',
    'REF_NAME_INVALID',
    () => push('writer', { edits: [{ name: `refs/heads/${'x'.repeat(10_000)}`, expected: null, target: pushed.oid }] }),
  ],
  [
    'a branch without a name',
    'REF_NAME_INVALID',
    () => push('writer', { edits: [{ expected: null, target: pushed.oid }] }),
  ],
  ['a branch twice', 'USAGE', () => push('writer', { edits: [...to(pushed.oid).edits, ...to(pushed.oid).edits] })],
  ['SQL as a target', 'OID_INVALID', () => push('writer', to("'; drop table agent_sync.refs; --"))],
  ['a target of capitals', 'OID_INVALID', () => push('writer', to(pushed.oid.toUpperCase()))],
  ['a target that is a list', 'OID_INVALID', () => push('writer', to([pushed.oid]))],
  ...malformedObjects().map(
    (object, at): Case => [
      `malformed object ${at + 1}, a ${object.type}`,
      'OBJECT_MALFORMED',
      () => push('writer', {}, [object]),
    ],
  ),
];

const many = (what: unknown) => Array.from({ length: 10_000 }, () => what);
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const blob = identified('blob', encodeUtf8('text'));
const listed = { oid: blob.oid, type: 'blob', size: 4 };
const line = (objects: unknown, rest: object = {}) =>
  `${JSON.stringify({ project, push: randomUUID(), chunk: 7, chunks: 0, edits: [], actors: [], objects, ...rest })}\n`;
const huge = '9'.repeat(30);

const PACKS: readonly Case[] = (['push', 'push_chunk'] as const).flatMap(
  (name) =>
    [
      [`${name} of nothing`, 'OBJECT_MALFORMED', () => raw('writer', '', name)],
      [`${name} of no line`, 'OBJECT_MALFORMED', () => raw('writer', 'text', name)],
      [`${name} of a line that is a number`, 'OBJECT_MALFORMED', () => raw('writer', '1\n', name)],
      [`${name} of a line that is null`, 'OBJECT_MALFORMED', () => raw('writer', 'null\n', name)],
      [`${name} of a line that is a list`, 'OBJECT_MALFORMED', () => raw('writer', '[]\n', name)],
      [
        `${name} of a line that is not UTF-8`,
        'OBJECT_MALFORMED',
        () => raw('writer', Buffer.from([0x22, 0xff, 0x22, 0x0a]), name),
      ],
      [`${name} of a line with NUL in it`, 'OBJECT_MALFORMED', () => raw('writer', '{"project":"\\u0000"}\n', name)],
      [`${name} of a line that is 100,000 deep`, 'OBJECT_MALFORMED', () => raw('writer', `${deep}\n`, name)],
      [
        `${name} without a list of objects`,
        'OBJECT_MALFORMED',
        () => raw('writer', `${JSON.stringify({ project })}\n`, name),
      ],
      [`${name} of objects that are numbers`, 'OBJECT_MALFORMED', () => raw('writer', line(many(1)), name)],
      [
        `${name} of more than 4 MiB`,
        'OBJECT_TOO_LARGE',
        () => raw('writer', `${line([])}${'x'.repeat(4 * 1024 * 1024)}`, name),
      ],
      [`${name} without a project`, 'ORIGIN_REFUSED', () => push('writer', { project: null }, [], name)],
      [`${name} to a project that is a list`, 'ORIGIN_REFUSED', () => push('writer', { project: [project] }, [], name)],
      [`${name} to SQL`, 'ORIGIN_REFUSED', () => push('writer', { project: "handbook' or '1'='1" }, [], name)],
      [`${name} to another project`, 'ORIGIN_REFUSED', () => push('writer', { project: otherProject }, [], name)],
      [`${name} without an id`, 'REQUEST_INVALID', () => push('writer', { push: null }, [], name)],
      [`${name} under an id that is none`, 'REQUEST_INVALID', () => push('writer', { push: 'handbook' }, [], name)],
      [
        `${name} under an id that is SQL`,
        'REQUEST_INVALID',
        () => push('writer', { push: `${staged}'; delete from agent_sync.refs; --` }, [], name),
      ],
      [`${name} of part -1`, 'REQUEST_INVALID', () => push('writer', { chunk: -1, chunks: -1 }, [], name)],
      [`${name} of part 256`, 'REQUEST_INVALID', () => push('writer', { chunk: 256, chunks: 256 }, [], name)],
      [
        `${name} of part ${huge}`,
        'REQUEST_INVALID',
        () => raw('writer', line([]).replace('"chunk":7,"chunks":0', `"chunk":${huge},"chunks":${huge}`), name),
      ],
      [`${name} of part 1.5`, 'REQUEST_INVALID', () => push('writer', { chunk: 1.5, chunks: 1.5 }, [], name)],
      [
        `${name} of a part that is a word`,
        'REQUEST_INVALID',
        () => push('writer', { chunk: '0', chunks: '0' }, [], name),
      ],
      [
        `${name} of a part that is not said`,
        'REQUEST_INVALID',
        () => push('writer', { chunk: null, chunks: null }, [], name),
      ],
    ] as Case[],
);

const PUSHES: readonly Case[] = [
  ['fewer bytes than listed', 'OBJECT_MALFORMED', () => raw('writer', `${line([listed])}tex`)],
  ['more bytes than listed', 'OBJECT_MALFORMED', () => raw('writer', `${line([listed])}texts`)],
  [
    'sizes that cancel out',
    'OBJECT_MALFORMED',
    () =>
      raw(
        'writer',
        `${line([
          { ...listed, size: -1 },
          { ...listed, size: 5 },
        ])}text`,
      ),
  ],
  [
    'a size beyond all numbers',
    'REQUEST_INVALID',
    () => raw('writer', `${line([{ ...listed, size: 0 }]).replace('"size":0', `"size":${huge}`)}text`),
  ],
  ['a size that is a word', 'REQUEST_INVALID', () => raw('writer', `${line([{ ...listed, size: 'all' }])}text`)],
  ['an object without an id', 'OBJECT_MALFORMED', () => raw('writer', `${line([{ ...listed, oid: null }])}text`)],
  [
    'an object whose id is SQL',
    'OBJECT_MALFORMED',
    () => raw('writer', `${line([{ ...listed, oid: "' or 1=1 --" }])}text`),
  ],
  ['edits that are an object', 'REQUEST_INVALID', () => push('writer', { edits: {} })],
  ['edits that are null', 'REQUEST_INVALID', () => push('writer', { edits: null })],
  ['edits that are words', 'REQUEST_INVALID', () => push('writer', { edits: ['main'] })],
  ['edits within edits', 'REQUEST_INVALID', () => push('writer', { edits: [to(pushed.oid).edits] })],
  [
    '10,000 edits',
    'REQUEST_INVALID',
    () => push('writer', { edits: many({ name: 'refs/heads/x', expected: null, target: pushed.oid }) }),
  ],
  ['actors that are an object', 'REQUEST_INVALID', () => push('writer', { actors: {} })],
  ['actors that are null', 'REQUEST_INVALID', () => push('writer', { actors: null })],
  ['10,000 actors', 'REQUEST_INVALID', () => push('writer', { actors: many(ACTOR) })],
  ['an actor without a name', 'REQUEST_INVALID', () => push('writer', { actors: [{ id: ACTOR.id, email: '' }] })],
  ['an actor with an id of capitals', 'REQUEST_INVALID', () => push('writer', { actors: [{ ...ACTOR, id: 'ADA' }] })],
  [
    'an actor with a name of 10,000 letters',
    'REQUEST_INVALID',
    () => push('writer', { actors: [{ ...ACTOR, name: 'x'.repeat(10_000) }] }),
  ],
  [
    'an actor with an address of 10,000 letters',
    'REQUEST_INVALID',
    () => push('writer', { actors: [{ ...ACTOR, email: 'x'.repeat(10_000) }] }),
  ],
  ['SQL as an actor', 'REQUEST_INVALID', () => push('writer', { actors: [{ ...ACTOR, id: "'; --" }] })],
  ["a teammate's staged part", 'ORIGIN_FAILED', () => push('owner', { push: staged, chunks: 1 })],
  ['parts that were never sent', 'ORIGIN_FAILED', () => push('writer', { chunks: 255 })],
];

const sql = "'; update agent_sync.members set role = 'owner'; --";
/** The arguments of each function that takes JSON, as they should be: each is replaced, one at a time. */
const ARGUMENTS: Readonly<Record<string, readonly [Person, Readonly<Record<string, unknown>>]>> = {
  describe: ['writer', {}],
  fetch: ['writer', { after: 0 }],
  issue_id: ['writer', { request: randomUUID(), kind: 'plan', prefix: 'A', above: 0 }],
  list_erasures: ['reader', { after: 0 }],
  list_invitations: ['owner', {}],
  list_members: ['owner', {}],
  list_protected_refs: ['owner', {}],
  protect_ref: ['owner', { pattern: 'refs/heads/x', is_protected: true }],
  purge: ['owner', { actors: [], blobs: [], dry_run: false }],
  read_audit: ['owner', { after: 0, since: '2026-01-01' }],
  register_project: ['owner', {}],
  set_member: ['owner', { member: userIds.reader, new_role: 'writer', only_if: 'known' }],
  set_member_by_email: ['owner', { address: 'b@people.example', new_role: 'reader', only_if: 'new' }],
};
const HOSTILE_VALUES: readonly (readonly [string, string])[] = [
  ['SQL', JSON.stringify(sql)],
  ['a list of 10,000', JSON.stringify(many('x'))],
  ['an object', '{"a":{"b":[1]}}'],
  ['a text with NUL in it', '"\\u0000"'],
  ['a text of 1 MB', JSON.stringify('x'.repeat(1_000_000))],
  ['half a surrogate pair', '"\\ud800"'],
  ['a list that is 20,000 deep', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
];
const ANY = Object.keys(ERROR_CODES) as ErrorCode[];

function argumentCases(): readonly (readonly [string, () => Promise<Answer>])[] {
  return Object.entries(ARGUMENTS).flatMap(([name, [who, rest]]) => {
    const args = { project_name: project, ...rest };
    return Object.keys(args).flatMap((argument) =>
      HOSTILE_VALUES.map(([what, value]) => {
        const body = JSON.stringify({ ...args, [argument]: 'HERE' }).replace('"HERE"', () => value);
        return [`${name}(${argument}: ${what})`, () => call(who, name, {}, body)] as const;
      }),
    );
  });
}

const TABLES: readonly Case[] = [
  ['the owner reads the keys of erasures', 'ORIGIN_REFUSED', () => table('owner', 'GET', 'erasure_keys')],
  [
    'a writer forges an erasure',
    'ORIGIN_REFUSED',
    () => table('writer', 'POST', 'erasures', { project: ours, number: 9, record: 'x', signature: '\\x' }),
  ],
  [
    'the owner takes an erasure back',
    'ORIGIN_REFUSED',
    () => table('owner', 'DELETE', `erased_actors?project=eq.${ours}`),
  ],
  [
    'the owner writes an audit row',
    'ORIGIN_REFUSED',
    () => table('owner', 'POST', 'audit', { project: ours, action: 'push' }),
  ],
  ['the owner deletes the audit', 'ORIGIN_REFUSED', () => table('owner', 'DELETE', `audit?project=eq.${ours}`)],
  ['the owner reads pseudonyms', 'ORIGIN_REFUSED', () => table('owner', 'GET', 'pseudonyms')],
  ['the owner raises a quota', 'ORIGIN_REFUSED', () => table('owner', 'PATCH', 'quotas', { most: 1e12 })],
  [
    'a writer writes a receipt of the owner',
    'ORIGIN_REFUSED',
    () =>
      table('writer', 'POST', 'push_receipts', {
        project: ours,
        user_id: userIds.owner,
        push: randomUUID(),
        answer: {},
      }),
  ],
  [
    'a writer gives himself an actor',
    'ORIGIN_REFUSED',
    () => table('writer', 'PATCH', `actors?project=eq.${ours}`, { user_id: userIds.writer }),
  ],
  [
    'a writer moves a ref past the function',
    'ORIGIN_REFUSED',
    () => table('writer', 'PATCH', `refs?project=eq.${ours}`, { oid: `\\x${'11'.repeat(20)}` }),
  ],
  [
    'a stranger makes herself a member',
    'ORIGIN_REFUSED',
    () => table('stranger', 'POST', 'members', { project: ours, user_id: userIds.stranger, role: 'owner' }),
  ],
  [
    'a stranger invites herself',
    'ORIGIN_REFUSED',
    () => table('stranger', 'POST', 'invitations', { project: ours, email: 'stranger@people.example', role: 'owner' }),
  ],
  [
    'an upsert of a member',
    'ORIGIN_REFUSED',
    () =>
      ask('writer', 'members?on_conflict=project,user_id', {
        method: 'POST',
        headers: { Prefer: 'resolution=merge-duplicates' },
        body: JSON.stringify({ project: ours, user_id: userIds.writer, role: 'owner' }),
      }),
  ],
  ['SQL in a filter', 'REQUEST_INVALID', () => table('stranger', 'GET', 'objects?project=eq.1) or (true')],
  [
    'how many objects another project has',
    'ORIGIN_REFUSED',
    () => ask('stranger', `objects?project=eq.${ours}`, { headers: { Prefer: 'count=planned' } }),
  ],
  [
    'whether an address is known',
    'ORIGIN_REFUSED',
    () => ask('stranger', 'actors?email=eq.ada@example.org', { headers: { Prefer: 'count=estimated' } }),
  ],
  ['the rows of a member', 'ORIGIN_REFUSED', () => table('reader', 'GET', 'objects')],
  ['the users of the origin', 'ORIGIN_MISCONFIGURED', () => table('owner', 'GET', 'users')],
  ['the schema auth', 'ORIGIN_MISCONFIGURED', () => ask('owner', 'users', { headers: { 'Accept-Profile': 'auth' } })],
  [
    'the catalogue',
    'ORIGIN_MISCONFIGURED',
    () => ask('owner', 'pg_authid', { headers: { 'Accept-Profile': 'pg_catalog' } }),
  ],
  ['a function of the catalogue', 'ORIGIN_MISCONFIGURED', () => call('owner', 'pg_advisory_lock', {}, '{"key":1}')],
  ['a function that sleeps', 'ORIGIN_MISCONFIGURED', () => call('owner', 'pg_sleep', {}, '{"seconds":60}')],
  [
    'the plan of a query',
    'REQUEST_INVALID',
    () => ask('stranger', 'objects', { headers: { Accept: 'application/vnd.pgrst.plan' } }),
  ],
];

/** Some at a time, as PostgREST has that many connections. */
async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += 10) {
    results.push(...(await Promise.all(items.slice(at, at + 10).map(work))));
  }
  return results;
}

function explained({ status, code, body }: Answer): string {
  const { message = '', details = '' } = (typeof body === 'object' && body !== null ? body : {}) as {
    message?: string;
    details?: string;
  };
  const failure = { status, code, message: String(message), detail: String(details ?? '') };
  return status >= 400 ? explainFailure(origin.url, failure).code : `${status} ${JSON.stringify(body).slice(0, 80)}`;
}

const cases = [...TOKENS, ...FOREIGN, ...ROLES, ...HISTORY, ...PACKS, ...PUSHES, ...TABLES];
const generated = argumentCases();

t.test('all are refused with a code, none breaks the origin, and nothing is changed', async (t) => {
  const before = await cast.digest();
  const found = await inBatches(cases, async ([, , send]) => send());
  for (const [at, [sentence, code]] of cases.entries()) {
    const answer = found[at]!;
    t.equal(explained(answer), code, sentence);
    if (answer.status >= 500) t.fail(`${sentence}: status ${answer.status}`);
  }
  const answers = await inBatches(generated, async ([, send]) => send());
  for (const [at, [sentence]] of generated.entries()) {
    const answer = answers[at]!;
    t.ok(ANY.includes(explained(answer) as ErrorCode), `${sentence}: ${explained(answer)}`);
    // PostgREST answers so for what nests too deeply for Postgres, before a function of ours is called.
    if (answer.status >= 500) t.equal(answer.code, '54001', `${sentence}: status ${answer.status}`);
  }
  t.same(await cast.digest(), before, 'and every table is as it was');
  t.ok(cases.length >= 90, `${cases.length} cases with a code each, and ${generated.length} of hostile arguments`);
});

/** Describes in words what the project's tables hold, for what is changed on purpose. */
async function changes(work: () => Promise<unknown>): Promise<string[]> {
  const before = await cast.digest();
  await work();
  const after = await cast.digest();
  return Object.keys(after).filter((name) => after[name] !== before[name]);
}

t.test('what is asked again is answered again, whatever it says now', async (t) => {
  const replay = { push: pushed.id, ...main(lost.oid, { force: true }), actors: [{ ...ACTOR, name: 'Mallory' }] };
  const changed = await changes(async () => {
    const answer = await push('writer', replay, lost.objects);
    t.match(answer.body, { status: 'accepted', refs: { [MAIN]: pushed.oid } }, 'a receipt is for what was done then');
    t.equal(
      explained(await push('owner', { ...replay, push: pushed.id }, lost.objects)),
      'REF_PROTECTED',
      'and no one else has it',
    );
  });
  t.same(changed, []);
});

t.test('an object of another project looks like one that is nowhere', async (t) => {
  const told = async (oid: string) => {
    const leaf = identified('tree', encodeTree([{ name: 'x.md', mode: '100644', oid }]));
    const asked = [
      push('writer', to(oid)),
      push('writer', {}, [leaf]),
      table('writer', 'GET', `objects?oid=eq.\\x${oid}`),
    ];
    return JSON.stringify(await Promise.all(asked)).replaceAll(oid, '…');
  };
  t.equal(await told(secret), await told('5'.repeat(40)));
});

t.test('names of actors', async (t) => {
  const signed = (actor: string, text: string) => {
    const by = { actor, time: 1_700_000_000, offset: 0 };
    const body = encodeCommit({ tree: EMPTY_TREE, parents: [], author: by, committer: by, message: `${text}\n` });
    return identified('commit', body);
  };
  const bring = (who: Person, branch: string, commit: IdentifiedObject | undefined, name: string, id: string) => {
    const edits = commit ? [{ name: `refs/heads/${branch}`, expected: null, target: commit.oid }] : [];
    return push(who, { edits, actors: [{ id, name, email: '' }] }, commit ? [commit] : []);
  };
  const nameOf = async (id: string) => (await cast.remoteOf('reader').describe()).actors.find((a) => a.id === id)?.name;
  await bring('writer', 'a1', undefined, 'Mallory', 'actor-owner');
  t.equal(await nameOf('actor-owner'), undefined, 'there is none for who has signed nothing yet');
  await bring('owner', 'a2', signed('actor-owner', 'mine'), 'Olive', 'actor-owner');
  t.equal(await nameOf('actor-owner'), 'Olive', 'it comes with the first commit');
  await bring('writer', 'a3', signed('actor-owner', 'not mine'), 'Mallory', 'actor-owner');
  t.equal(await nameOf('actor-owner'), 'Olive', 'and stays, whoever signs as the same actor');
  const inMessage = signed('actor-writer', 'x\n\nauthor actor-next <actor-next@actor.agent-sync.invalid> 1 +0000');
  await bring('writer', 'a4', inMessage, 'Mallory', 'actor-next');
  t.equal(await nameOf('actor-next'), undefined, 'a message signs nothing');
});

t.test('who is not who was invited', async (t) => {
  const owner = cast.remoteOf('owner');
  const email = 'grace@people.example';
  const grace = await origin.addUser('grace', { email });
  const claims = { ...valid, sub: grace.userId, email };
  const join = (token: string) =>
    ask({ token }, 'rpc/register_project', { method: 'POST', body: JSON.stringify({ project_name: project }) });
  const isMember = async (id = grace.userId) => (await owner.members()).some(({ userId }) => userId === id);
  const refusedTo = async (sentence: string, token: string, id = grace.userId) => {
    t.equal(explained(await join(token)), 'ORIGIN_REFUSED', `${sentence}: refused`);
    t.notOk(await isMember(id), `${sentence}: no member`);
  };

  await refusedTo('nobody was invited', grace.token);
  await owner.setMember(email, 'reader', { only: 'new' });
  await refusedTo('a token without an address', sign({ ...claims, email: undefined }));
  await refusedTo('a token with an address from before', sign({ ...claims, email: 'grace@before.example' }));
  const asMallory = { ...valid, sub: userIds.stranger, email };
  await refusedTo("another user's token that says the address", sign(asMallory), userIds.stranger);
  const metadata = { ...asMallory, email: 'stranger@people.example', user_metadata: { email, email_verified: true } };
  await refusedTo('the address in what users write themselves', sign(metadata), userIds.stranger);
  await refusedTo(
    'the address where it begins so',
    sign({ ...asMallory, email: `${email}.example` }),
    userIds.stranger,
  );

  await origin.sql('alter table auth.users add column if not exists email_confirmed_at timestamptz');
  await origin.sql('update auth.users set email_confirmed_at = null where id = $1', [grace.userId]);
  await refusedTo('an address that was never confirmed', grace.token);
  await origin.sql('update auth.users set email_confirmed_at = now()');

  await origin.sql(`update agent_sync.invitations set expires_at = now() where email = $1`, [email]);
  await refusedTo('an invitation of two weeks ago', grace.token);
  t.same(
    (await owner.invitations()).filter((invited) => invited.email === email),
    [],
    'nobody sees it any more',
  );
  await push('writer');
  t.same(
    await origin.sql('select from agent_sync.invitations where email = $1', [email]),
    [],
    'and the next push drops it',
  );

  await owner.setMember(email, 'writer', { only: 'new' });
  await owner.setMember(email, null);
  await refusedTo('an invitation that was withdrawn', grace.token);

  await owner.setMember(email.toUpperCase(), 'writer', { only: 'new' });
  const answers = await Promise.all([join(grace.token), join(grace.token), join(grace.token)]);
  t.same(
    answers.map(({ body }) => body),
    Array(3).fill({ created: false, role: 'writer' }),
    'who was invited joins, once or not',
  );
  t.same(
    await origin.sql('select from agent_sync.invitations where email = $1', [email]),
    [],
    'the invitation is used up',
  );
  const change = { status: 'member', userId: grace.userId, role: 'reader' };
  t.same(await owner.setMember(email, 'reader', { only: 'known' }), change, 'and her address names the member');
  await t.rejects(owner.setMember(email, 'owner', { only: 'new' }), { code: 'MEMBER_EXISTS' });

  await origin.sql(`insert into agent_sync.invitations (project, email, role) values ($1, $2, 'owner')`, [ours, email]);
  t.match((await join(grace.token)).body, { role: 'reader' }, 'an invitation does not change the role of a member');
  await owner.setMember(grace.userId, null);
  await refusedTo('an invitation from before she was removed', grace.token);

  const anonymous = sign({ ...claims, is_anonymous: true, email: '' });
  const register = { method: 'POST', body: JSON.stringify({ project_name: 'anonymous' }) };
  t.equal(
    explained(await ask({ token: anonymous }, 'rpc/register_project', register)),
    'ORIGIN_REFUSED',
    'who signed in as nobody makes no project',
  );
});

t.test('what is over a quota', async (t) => {
  const big = identified('blob', new Uint8Array(1000).fill(0x62));
  const branch = (name: string) => ({ edits: [{ name: `refs/heads/${name}`, expected: null, target: pushed.oid }] });
  const named = (id: string) => {
    const by = { actor: id, time: 1_700_000_000, offset: 0 };
    const commit = identified(
      'commit',
      encodeCommit({ tree: EMPTY_TREE, parents: [], author: by, committer: by, message: 'x\n' }),
    );
    return push(
      'writer',
      {
        ...branch('quota-actors'),
        actors: [{ id, name: 'A', email: '' }],
        edits: [{ name: 'refs/heads/quota-actors', expected: null, target: commit.oid }],
      },
      [commit],
    );
  };
  const count = async (text: string) => Number((await origin.sql<{ n: string }>(`select ${text} as n`))[0]!.n);
  const rows = (name: string) => () => count(`(select count(*) from agent_sync.${name} where project = ${ours})`);
  const table: readonly [string, ErrorCode, () => Promise<number>, () => Promise<Answer>][] = [
    [
      'bytes',
      'QUOTA_EXCEEDED',
      async () => (await count(`(select bytes from agent_sync.projects where id = ${ours})`)) + 999,
      () => push('writer', {}, [big]),
    ],
    [
      'objects',
      'QUOTA_EXCEEDED',
      rows('objects'),
      () => push('writer', {}, [identified('blob', encodeUtf8('one more'))]),
    ],
    ['refs', 'QUOTA_EXCEEDED', rows('refs'), () => push('writer', branch('quota'))],
    ['actors', 'QUOTA_EXCEEDED', rows('actors'), () => named('actor-one-more')],
    [
      'ids',
      'QUOTA_EXCEEDED',
      rows('issued_ids'),
      () => call('writer', 'issue_id', { request: randomUUID(), kind: 'plan', prefix: 'B', above: 0, claimed: null }),
    ],
    [
      'members',
      'QUOTA_EXCEEDED',
      rows('members'),
      () => call('owner', 'set_member', { member: randomUUID(), new_role: 'reader' }),
    ],
    [
      'invitations',
      'QUOTA_EXCEEDED',
      rows('invitations'),
      () => call('owner', 'set_member_by_email', { address: 'more@people.example', new_role: 'reader' }),
    ],
    [
      'protected_refs',
      'QUOTA_EXCEEDED',
      rows('protected_refs'),
      () => call('owner', 'protect_ref', { pattern: 'refs/heads/more', is_protected: true }),
    ],
    ['chunks', 'QUOTA_EXCEEDED', rows('push_chunks'), () => push('owner', { push: randomUUID() }, [big], 'push_chunk')],
    [
      'chunks_of_user',
      'QUOTA_EXCEEDED',
      () => count(`(select count(*) from agent_sync.push_chunks where user_id = '${userIds.writer}')`),
      () => push('writer', { push: randomUUID() }, [big], 'push_chunk'),
    ],
    [
      'projects_of_user',
      'QUOTA_EXCEEDED',
      () => count(`(select count(*) from agent_sync.projects where registered_by = '${userIds.owner}')`),
      () => call('owner', 'register_project', { project_name: 'one-more' }),
    ],
    [
      'calls_of_user_in_an_hour',
      'ORIGIN_BUSY',
      () =>
        count(
          `(select count(*) from agent_sync.audit a join agent_sync.pseudonyms p on p.pseudonym = a.actor where a.project = ${ours} and p.user_id = '${userIds.writer}')`,
        ),
      () => push('writer'),
    ],
  ];
  const defaults = await origin.sql<{ name: string }>('select name from agent_sync.quotas where project is null');
  t.same(table.map(([name]) => name).sort(), defaults.map(({ name }) => name).sort(), 'each quota is tried');
  for (const [name, code, used, send] of table) {
    const most = (value: number) => origin.sql('update agent_sync.quotas set most = $2 where name = $1', [name, value]);
    await most(await used());
    const changed = await changes(async () => t.equal(explained(await send()), code, `${name}: refused`));
    t.same(changed, [], `${name}: nothing is half-written`);
    await most(1e9);
    t.equal((await send()).status, 200, `${name}: taken when there is room`);
  }
  t.match(
    (await push('writer', main(lost.oid), lost.objects)).body,
    { status: 'rejected' },
    'a push that came to nothing',
  );
  const [{ bytes } = { bytes: -1 }] = await origin.sql<{ bytes: number }>(
    `select p.bytes - sum(length(o.body)) as bytes from agent_sync.projects p join agent_sync.objects o on o.project = p.id
      where p.id = ${ours} group by p.bytes`,
  );
  t.equal(Number(bytes), 0, 'the bytes are counted right');
});

t.test('many at once get past no quota', async (t) => {
  const limit = (name: string, most: number) =>
    origin.sql('update agent_sync.quotas set most = $2 where name = $1', [name, most]);
  const count = async (text: string) =>
    Number((await origin.sql<{ n: string }>(`select count(*) as n from agent_sync.${text}`))[0]!.n);
  const rows: readonly [string, string, (at: number) => Promise<Answer>][] = [
    [
      'members',
      `members where project = ${ours}`,
      () => call('owner', 'set_member', { member: randomUUID(), new_role: 'reader' }),
    ],
    [
      'projects_of_user',
      `projects where registered_by = '${userIds.stranger}'`,
      (at) => call('stranger', 'register_project', { project_name: `many-${at}` }),
    ],
    [
      'chunks_of_user',
      `push_chunks where user_id = '${userIds.writer}'`,
      () => push('writer', { push: randomUUID() }, [], 'push_chunk'),
    ],
    [
      'ids',
      `issued_ids where project = ${ours}`,
      () => call('writer', 'issue_id', { request: randomUUID(), kind: 'plan', prefix: 'C', above: 0, claimed: null }),
    ],
    [
      'refs',
      `refs where project = ${ours}`,
      (at) => push('writer', { edits: [{ name: `refs/heads/many-${at}`, expected: null, target: pushed.oid }] }),
    ],
  ];
  for (const [name, counted, send] of rows) {
    const most = (await count(counted)) + 2;
    await limit(name, most);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => send(at)));
    t.equal(answers.filter(({ status }) => status === 200).length, 2, `${name}: of eight at once two find room`);
    t.equal(await count(counted), most, `${name}: and no more`);
    await limit(name, 1e9);
  }
});
