import { SyncError } from '../errors.js';
import { LIMITS } from './limits.js';
import { isOid, type Oid } from './oid.js';
import { decodeUtf8Strict, encodeUtf8 } from './text.js';

/** Who did something and when, as a commit's header line says it. */
export interface Signature {
  /** An actor id, never a person's name: see `ActorStore`. */
  readonly actor: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Minutes east of UTC. */
  readonly offset: number;
}

/** A commit. The message ends in a newline, as git's own do. */
export interface Commit {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

/** Actor ids are lowercase, so that they can stand as both name and mailbox of a git signature. */
const ACTOR_PATTERN = /^[a-z0-9][a-z0-9-]{0,63}$/;
const ACTOR_DOMAIN = 'actor.agent-sync.invalid';
/** Of the ways to write a date, only the one that {@link encodeCommit} writes: no padding, no `-0000`. */
const SIGNATURE_PATTERN = /^([^<>]*) <([^<>]*)> (0|[1-9]\d{0,14}) ([+]|-(?!0000))(\d{2})([0-5]\d)$/;

/** Tells whether `id` can name an actor in a commit. */
export function isActorId(id: string): boolean {
  return ACTOR_PATTERN.test(id);
}

/** The reserved address (RFC 2606 `.invalid`) that stands for an actor in git's signatures and mailmaps. */
export function actorEmail(actor: string): string {
  return `${actor}@${ACTOR_DOMAIN}`;
}

/** Writes a commit's body as git does: headers, an empty line, the message. */
export function encodeCommit(commit: Commit): Uint8Array {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatSignature(commit.author)}`,
    `committer ${formatSignature(commit.committer)}`,
    '',
    commit.message,
  ];
  return encodeUtf8(lines.join('\n'));
}

/**
 * Reads a commit's body; what is taken would be written the same.
 *
 * @throws {SyncError} `OBJECT_MALFORMED`
 */
export function decodeCommit(body: Uint8Array): Commit {
  const text = decodeUtf8Strict(body);
  if (text === undefined) throw malformed('is not UTF-8');
  if (text.includes('\0')) throw malformed('holds a NUL byte, which git does not allow');
  const end = text.indexOf('\n\n');
  if (end < 0) throw malformed('has no message');
  const headers = text.slice(0, end).split('\n');
  let at = 0;
  const next = (name: string): string | undefined => {
    const line = headers[at];
    if (!line?.startsWith(`${name} `)) return undefined;
    at++;
    return line.slice(name.length + 1);
  };
  const oid = (value: string): Oid => {
    if (!isOid(value)) throw malformed(`names '${value.slice(0, 60)}', which is no object id`);
    return value;
  };
  const tree = next('tree');
  if (tree === undefined) throw malformed('has no tree');
  const parents: Oid[] = [];
  for (let parent = next('parent'); parent !== undefined; parent = next('parent')) parents.push(oid(parent));
  const author = parseSignature(next('author'));
  const committer = parseSignature(next('committer'));
  if (at !== headers.length) throw malformed(`has an unexpected header '${headers[at]?.slice(0, 60)}'`);
  return { tree: oid(tree), parents, author, committer, message: text.slice(end + 2) };
}

/**
 * Checks a commit that another party sent: no more parents than a merge has, and a date that can be shown.
 *
 * @throws {SyncError} `OBJECT_MALFORMED`
 */
export function checkReceivedCommit({ parents, author, committer }: Commit): void {
  if (parents.length > LIMITS.parents) throw malformed(`has ${parents.length} parents; the limit is ${LIMITS.parents}`);
  if (Math.max(author.time, committer.time) > LIMITS.time) throw malformed('is dated later than anybody will live');
}

/** The first line of a commit's message. */
export function subject(commit: Commit): string {
  return commit.message.split('\n', 1)[0]!;
}

function formatSignature({ actor, time, offset }: Signature): string {
  if (!isActorId(actor)) throw malformed(`cannot be signed by '${actor}', which is no actor id`);
  const sign = offset < 0 ? '-' : '+';
  const minutes = Math.abs(offset);
  const zone = `${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`;
  return `${actor} <${actorEmail(actor)}> ${time} ${sign}${zone}`;
}

function parseSignature(line: string | undefined): Signature {
  const match = SIGNATURE_PATTERN.exec(line ?? '');
  if (!match) throw malformed(`has no valid author or committer`);
  const [, name, email, time, sign, hours, minutes] = match as unknown as string[];
  if (!isActorId(name!) || email !== actorEmail(name!)) throw malformed(`is signed by '${name}', which is no actor id`);
  const offset = Number(hours) * 60 + Number(minutes);
  return { actor: name!, time: Number(time), offset: sign === '-' ? -offset : offset };
}

function malformed(what: string): SyncError {
  return new SyncError('OBJECT_MALFORMED', `a commit ${what}`);
}
