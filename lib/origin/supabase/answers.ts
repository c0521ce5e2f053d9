/** What the origin's answers must look like; nothing of them is used before it was looked at here. */
import { SyncError } from '../../core/errors.js';
import { isRecord } from '../../core/is-record.js';
import { isActorId } from '../../core/object/commit.js';
import { isOid, type Oid } from '../../core/object/oid.js';
import type {
  Actor,
  IdAnswer,
  IdRequest,
  Invitation,
  Member,
  MemberChange,
  ObjectType,
  PushAnswer,
  RefEdit,
  RefName,
  RemoteState,
  Role,
} from '../../core/ports.js';
import { isRefName } from '../../core/ref/ref-name.js';

/** Far more than any project has: what is beyond is not read. */
const MOST_BRANCHES = 10_000;
const MOST_PEOPLE = 100_000;
const MOST_OBJECTS = 1_000_000_000;
/** Characters, as the tables of the origin have it. */
const LONGEST_BRANCH = 200;
const LONGEST_NAME = 200;
const LONGEST_EMAIL = 320;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells whether `text` is the id of a user. */
export function isUserId(text: string): boolean {
  return UUID.test(text);
}

/** An answer that makes no sense; `what` completes "the origin sent". */
export function invalidAnswer(what: string): SyncError {
  return new SyncError('ORIGIN_ANSWER_INVALID', `the origin sent ${what}`, {
    hint: 'Is the URL that of a Supabase project, and are its migrations those of this version of agent-sync?',
  });
}

/** Tells whether `value` names a kind of object. */
export function isObjectType(value: unknown): value is ObjectType {
  return value === 'blob' || value === 'tree' || value === 'commit';
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readSequence(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > MOST_OBJECTS) {
    throw invalidAnswer('a sequence number that is none');
  }
  return value as number;
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readRegistration(value: unknown): { created: boolean; role: Role } {
  if (!isRecord(value) || typeof value.created !== 'boolean') throw invalidAnswer('no answer to a registration');
  return { created: value.created, role: readRole(value.role) };
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readState(value: unknown): RemoteState {
  if (!isRecord(value) || !Array.isArray(value.actors) || value.actors.length > MOST_PEOPLE) {
    throw invalidAnswer('no description of its project');
  }
  return { refs: readRefs(value.refs), sequence: readSequence(value.sequence), actors: value.actors.map(readActor) };
}

/**
 * Reads the answer to a push; `accepted` counts only when each ref is where the push wanted it.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`
 */
export function readPushAnswer(value: unknown, edits: readonly RefEdit[]): PushAnswer {
  if (!isRecord(value)) throw invalidAnswer('no answer to a push');
  if (value.status === 'rejected') {
    const { ref, reason, current } = value;
    if (!edits.some((edit) => edit.name === ref)) throw invalidAnswer('a rejection of a ref that was not pushed');
    if (reason !== 'stale' && reason !== 'non-fast-forward') throw invalidAnswer('a rejection without a reason');
    return { status: 'rejected', ref: ref as RefName, reason, current: current === null ? null : readOid(current) };
  }
  if (value.status !== 'accepted' || !isRecord(value.sequence)) throw invalidAnswer('no answer to a push');
  const refs = readRefs(value.refs);
  if (edits.some((edit) => (refs.get(edit.name) ?? null) !== edit.target))
    throw invalidAnswer('refs that are not those of the push');
  const sequence = { from: readSequence(value.sequence.from), to: readSequence(value.sequence.to) };
  if (sequence.to < sequence.from) throw invalidAnswer('sequence numbers that run backwards');
  return { status: 'accepted', refs, sequence };
}

/**
 * Reads the answer to a request for an id, which has to be one that was asked for.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`
 */
export function readIdAnswer(value: unknown, want: IdRequest['want']): IdAnswer {
  if (!isRecord(value) || typeof value.id !== 'string' || !isWanted(value.id, want)) {
    throw invalidAnswer('an id that was not asked for');
  }
  if (value.status !== 'issued' && value.status !== 'taken')
    throw invalidAnswer('an id without saying whether it is free');
  return { status: value.status, id: value.id };
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readMembers(value: unknown): Member[] {
  if (!Array.isArray(value) || value.length > MOST_PEOPLE) throw invalidAnswer('no list of members');
  return value.map((member) => {
    if (!isRecord(member) || typeof member.userId !== 'string' || !isUserId(member.userId))
      throw invalidAnswer('a member without an id');
    return { userId: member.userId, role: readRole(member.role) };
  });
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readMemberChange(value: unknown): MemberChange {
  const { status, userId, email, role, expiresAt } = isRecord(value) ? value : {};
  const given = role === null ? null : readRole(role);
  if (status === 'member' && typeof userId === 'string') return { status, userId, role: given };
  if (status !== 'invited' || typeof email !== 'string') throw invalidAnswer('a change of nobody');
  return { status, email, role: given, expiresAt: given === null ? null : readTime(expiresAt) };
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readInvitations(value: unknown): Invitation[] {
  if (!Array.isArray(value) || value.length > MOST_PEOPLE) throw invalidAnswer('no list of invitations');
  return value.map((invitation) => {
    if (!isRecord(invitation) || typeof invitation.email !== 'string') throw invalidAnswer('an invitation of nobody');
    if (isLonger(invitation.email, LONGEST_EMAIL)) throw invalidAnswer('an invitation with an endless address');
    return {
      email: invitation.email,
      role: readRole(invitation.role),
      expiresAt: readTime(invitation.expiresAt),
    };
  });
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readProtectedRefs(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > MOST_BRANCHES) throw invalidAnswer('no list of protected refs');
  return value.map((pattern) => {
    // A star at the end stands for any letters.
    readBranch(String(pattern).replace(/\*$/, 'x'));
    return String(pattern);
  });
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readDone(value: unknown): void {
  if (value !== true) throw invalidAnswer('no acknowledgement');
}

function readRefs(value: unknown): Map<RefName, Oid> {
  if (!isRecord(value)) throw invalidAnswer('no refs');
  const refs = Object.entries(value);
  if (refs.length > MOST_BRANCHES) throw invalidAnswer('more branches than any project has');
  return new Map(refs.map(([name, oid]) => [readBranch(name), readOid(oid)]));
}

function readBranch(name: string): RefName {
  if (!name.startsWith('refs/heads/') || isLonger(name, LONGEST_BRANCH) || !isRefName(name))
    throw invalidAnswer('a ref that is no branch');
  return name;
}

function readOid(value: unknown): Oid {
  if (typeof value !== 'string' || !isOid(value)) throw invalidAnswer('an object id that is none');
  return value;
}

function readActor(value: unknown): Actor {
  const { id, name, email } = isRecord(value) ? value : {};
  if (typeof id !== 'string' || !isActorId(id) || typeof name !== 'string' || typeof email !== 'string') {
    throw invalidAnswer('an actor that is none');
  }
  if (isLonger(name, LONGEST_NAME) || isLonger(email, LONGEST_EMAIL))
    throw invalidAnswer('an actor with an endless name');
  return { id, name: oneLine(name), email: oneLine(email) };
}

/** PostgreSQL counts code points; what is twice as long is not counted. */
function isLonger(text: string, limit: number): boolean {
  return text.length > 2 * limit || (text.length > limit && [...text].length > limit);
}

/** A member may call itself anything, and must not keep all others from fetching. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Surrogate}]+/gu, ' ');
}

function isWanted(id: string, want: IdRequest['want']): boolean {
  if ('claim' in want) return id === want.claim;
  // A request that is made again is answered as before, although its number may be in use meanwhile.
  const [, prefix] = /^([A-Z][A-Z0-9]{0,31})-\d{1,10}$/.exec(id) ?? [];
  return prefix === want.next;
}

function readTime(value: unknown): string {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value))
    throw invalidAnswer('a time that is none');
  return value;
}

function readRole(value: unknown): Role {
  if (value !== 'owner' && value !== 'writer' && value !== 'reader') throw invalidAnswer('a role that is none');
  return value;
}
