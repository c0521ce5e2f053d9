import { randomUUID } from 'node:crypto';
import { ACTOR, MAIN } from '../../lib/origin/contract/specimens.js';
import { type Case, callsOf } from './calls.js';
import type { Cast, Person } from './cast.js';

/** Who is not who they say, has no part in the project, asks for more than their role, or goes for the tables. */
export function hostileCallers(cast: Cast & { readonly ours: string }): readonly Case[] {
  const { project, userIds, tokens, staged, pushed, ours, ask, sign } = cast;
  const { call, push, table } = callsOf(cast);
  const seconds = Math.floor(Date.now() / 1000);
  const valid = { sub: userIds.owner, role: 'authenticated', aud: 'authenticated', exp: seconds + 3600 };
  const { sub: _, ...withoutSub } = valid;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [, ownersClaims, ownersSignature] = tokens.owner!.split('.');
  const blob = pushed.objects[0]!.oid;
  const purge = (who: Person, actors: readonly string[], blobs: readonly string[]) =>
    call(who, 'purge', { actors, blobs, dry_run: false });
  const as = (token: string) => () => call({ token }, 'describe', {});

  const TOKENS: readonly Case[] = [
    ['no token, the publishable key alone', 'ORIGIN_REFUSED', () => call('anon', 'describe', {})],
    [
      'a token that is signed with another key',
      'ORIGIN_REFUSED',
      as(sign(valid, 'another secret of at least 32 bytes')),
    ],
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
        [`${who} reads what was erased`, 'ORIGIN_REFUSED', () => call(who, 'list_erasures', { after: 0 })],
        [`${who} erases a text`, 'ORIGIN_REFUSED', () => purge(who, [], [blob])],
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
    ['a writer erases what he has written himself', 'ORIGIN_REFUSED', () => purge('writer', [], [blob])],
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

  const TABLES: readonly Case[] = [
    [
      'the owner writes an audit row',
      'ORIGIN_REFUSED',
      () => table('owner', 'POST', 'audit', { project: ours, action: 'push' }),
    ],
    ['the owner deletes the audit', 'ORIGIN_REFUSED', () => table('owner', 'DELETE', `audit?project=eq.${ours}`)],
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
      () =>
        table('stranger', 'POST', 'invitations', { project: ours, email: 'stranger@people.example', role: 'owner' }),
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
    [
      'a role that is changed by a link',
      'REQUEST_INVALID',
      () => table('owner', 'GET', `rpc/set_member?project_name=${project}&member=${userIds.reader}&new_role=owner`),
    ],
    [
      'a project that is made by a link',
      'REQUEST_INVALID',
      () => table('owner', 'GET', 'rpc/register_project?project_name=by-link'),
    ],
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

  return [...TOKENS, ...FOREIGN, ...ROLES, ...TABLES];
}
