/** The origin of one project: asynchronous and coarse. */
import type { Oid } from '../object/oid.js';
import type { ArtifactKind } from './artifact-index.js';
import type { AuditPage, AuditQuery } from './audit.js';
import type { ErasureChain, ErasureRequest, SignedErasure } from './erasures.js';
import type { FetchPage, IdentifiedObject } from './objects.js';
import type { RefEdit, RefName } from './refs.js';
import type { Actor } from './store.js';

/** Every remote call can be cancelled. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What the origin has: its refs, the last object sequence number, the people, and what it has erased. */
export interface RemoteState {
  readonly refs: ReadonlyMap<RefName, Oid>;
  readonly sequence: number;
  readonly actors: readonly Actor[];
  /** Left out by an origin with older migrations, which has erased nothing. */
  readonly erasures?: ErasureChain;
}

/** A {@link RefEdit} at the origin. The ref must be as `expected` in any case. */
export interface PushEdit extends RefEdit {
  /** Moves the ref also where that loses commits, or deletes it; not where it is protected. */
  readonly force?: boolean;
}

/** One push: everything needed for the refs to move, in one transaction at the origin. */
export interface PushRequest {
  /** A UUID made once per push; sending the same push again answers with its first receipt. */
  readonly id: string;
  /** Ref names as the origin has them (`refs/heads/main`). */
  readonly edits: readonly PushEdit[];
  readonly objects: readonly IdentifiedObject[];
  /** Names of who signed the commits of this push, or was named by the same user before; others are passed over. */
  readonly actors: readonly Actor[];
}

/** The origin's answer to a push. Only `accepted` moved anything. */
export type PushAnswer = AcceptedPush | RejectedPush;

/** A push that was carried out, completely. */
export interface AcceptedPush {
  readonly status: 'accepted';
  /** Without those that were deleted. */
  readonly refs: ReadonlyMap<RefName, Oid>;
  /** Sequence numbers given to the objects of this push: after `from`, up to and with `to`. */
  readonly sequence: { readonly from: number; readonly to: number };
}

/** A push that changed nothing, because a ref could not move as asked. */
export interface RejectedPush {
  readonly status: 'rejected';
  readonly ref: RefName;
  /** `stale`: the ref is no longer what the edit expected. `non-fast-forward`: the target does not contain it. */
  readonly reason: 'stale' | 'non-fast-forward';
  readonly current: Oid | null;
}

/** A number asked of the origin's counter, or an id claimed as it is. */
export interface IdRequest {
  /** A UUID made once per request; asking again answers the same id. */
  readonly id: string;
  readonly kind: ArtifactKind;
  /** `next`: the counter of a prefix, never below `floor` + 1. `claim`: exactly this id. */
  readonly want: { readonly next: string; readonly floor: number } | { readonly claim: string };
}

/** The origin's answer to an id request. */
export type IdAnswer =
  | { readonly status: 'issued'; readonly id: string }
  | { readonly status: 'taken'; readonly id: string };

/**
 * What a subscription tells. `joined`: moves are told from now on. `lost`: they are not, until it is joined again. `moved`: one of
 * the origin's refs may have moved.
 */
export type LiveNews = 'joined' | 'lost' | 'moved';

/** A channel to the origin that is kept open, and opened again when it breaks. */
export interface Subscription {
  close(): Promise<void>;
}

/** How many of each a purge took away at the origin, or would. */
export interface OriginTraces {
  /** Names and addresses of actors. */
  readonly actors: number;
  readonly blobs: number;
  /** Answers to pushes, of the users behind the actors. */
  readonly receipts: number;
  /** Issued ids that said who has them; the ids stay. */
  readonly issuedIds: number;
  /** Memberships. */
  readonly members: number;
  readonly invitations: number;
  /** Links from the audit to a user; the audit stays. */
  readonly pseudonyms: number;
}

/** A role in a project; each includes the ones after it. */
export type Role = 'owner' | 'writer' | 'reader';

/** A member of the project as the origin lists them. */
export interface Member {
  readonly userId: string;
  readonly role: Role;
}

/** Who is to become a member as soon as a user with that address joins the project. */
export interface Invitation {
  readonly email: string;
  readonly role: Role;
  /** RFC 3339, in UTC. */
  readonly expiresAt: string;
}

/** What became of somebody's role; null when it was taken away, or the invitation withdrawn. */
export type MemberChange =
  | { readonly status: 'member'; readonly userId: string; readonly role: Role | null }
  | {
      readonly status: 'invited';
      readonly email: string;
      readonly role: Role | null;
      readonly expiresAt: string | null;
    };

/** How to change a role. */
export interface MemberOptions extends CallOptions {
  /** `new`: only of who has none, or the same. `known`: only of who has one. */
  readonly only?: 'new' | 'known';
}

/**
 * The origin of one project. Every implementation passes `remoteContract` of `agent-sync/testing`.
 *
 * All calls throw {@link SyncError} with `ORIGIN_UNREACHABLE` (no answer), `ORIGIN_REFUSED` (key, login or role),
 * `LOGIN_EXPIRED`, `ORIGIN_MISCONFIGURED` (migrations or schema missing), `ORIGIN_FAILED` (it broke), `ORIGIN_BUSY` (not now),
 * `REQUEST_INVALID` (not like this), `ORIGIN_ANSWER_INVALID` (the answer makes no sense) or `ABORTED`.
 */
export interface Remote {
  /** For messages; never holds a secret. */
  readonly url: string;
  /**
   * Makes the project, with the caller as owner, or joins it as the member that the caller is or was invited to be; idempotent.
   *
   * @throws {SyncError} also `QUOTA_EXCEEDED`
   */
  register(options?: CallOptions): Promise<{ readonly created: boolean; readonly role: Role }>;
  describe(options?: CallOptions): Promise<RemoteState>;
  fetch(after: number, options?: CallOptions): Promise<FetchPage>;
  /**
   * Refuses the whole push when the origin finds something wrong with it.
   *
   * @throws {SyncError} also `OBJECT_HASH_MISMATCH`, `OBJECT_MALFORMED`, `OBJECT_TOO_LARGE`, `OBJECT_NOT_FOUND` (an object
   *   or target that is neither sent nor at the origin, or is of another type), `REF_NAME_INVALID`, `REF_PROTECTED`, `QUOTA_EXCEEDED`,
   *   `OBJECT_ERASED`
   */
  push(request: PushRequest, options?: CallOptions): Promise<PushAnswer>;
  issueId(request: IdRequest, options?: CallOptions): Promise<IdAnswer>;
  /**
   * Asks to be told of moves as they happen; not there where the origin has no way to tell. News are hints: what there is to
   * know is fetched, and after `joined` there may be something that was missed.
   */
  subscribe?(tell: (news: LiveNews) => void): Subscription;
  /** Records of what the origin has erased after the first `after`: at least one where there are any, and maybe not all. */
  erasures(after: number, options?: CallOptions): Promise<readonly SignedErasure[]>;
  /**
   * Erases at the origin, which signs a record of it. What is erased already is passed over: asking again does no harm.
   *
   * @param options.dryRun says what would go, and leaves it
   */
  purge(request: ErasureRequest, options?: CallOptions & { readonly dryRun?: boolean }): Promise<OriginTraces>;
  members(options?: CallOptions): Promise<readonly Member[]>;
  /**
   * Gives somebody a role, or takes it away with null. Who is named by an e-mail address and is no member is invited.
   *
   * @param who the id of a user, or an e-mail address
   * @throws {SyncError} also `MEMBER_EXISTS` and `MEMBER_UNKNOWN` as `only` says, `QUOTA_EXCEEDED`, `USAGE` for who is neither
   */
  setMember(who: string, role: Role | null, options?: MemberOptions): Promise<MemberChange>;
  /** Those that have not expired; none for a caller who is no owner. */
  invitations(options?: CallOptions): Promise<readonly Invitation[]>;
  /** Names of refs, and beginnings of names with `*` after them, that no push moves by force or deletes. */
  protectedRefs(options?: CallOptions): Promise<readonly string[]>;
  /**
   * Protects refs, or does so no longer.
   *
   * @throws {SyncError} also `REF_NAME_INVALID`, `QUOTA_EXCEEDED`
   */
  protectRef(pattern: string, isProtected: boolean, options?: CallOptions): Promise<void>;
  /** What was done at the origin, a page at a time. */
  audit(query: AuditQuery, options?: CallOptions): Promise<AuditPage>;
  close(): Promise<void>;
}
