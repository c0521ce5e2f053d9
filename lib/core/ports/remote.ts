/** The origin of one project: asynchronous and coarse. */
import type { Oid } from '../object/oid.js';
import type { ArtifactKind } from './artifact-index.js';
import type { AuditPage, AuditQuery } from './audit.js';
import type { FetchPage, IdentifiedObject } from './objects.js';
import type { RefEdit, RefName } from './refs.js';
import type { Actor } from './store.js';

/** Every remote call can be cancelled. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What the origin has: its refs, the last object sequence number, and the people. */
export interface RemoteState {
  readonly refs: ReadonlyMap<RefName, Oid>;
  readonly sequence: number;
  readonly actors: readonly Actor[];
}

/** One push: everything needed for the refs to move, in one transaction at the origin. */
export interface PushRequest {
  /** A UUID made once per push; sending the same push again answers with its first receipt. */
  readonly id: string;
  /** Ref names as the origin has them (`refs/heads/main`). */
  readonly edits: readonly RefEdit[];
  readonly objects: readonly IdentifiedObject[];
  readonly actors: readonly Actor[];
}

/** The origin's answer to a push. Only `accepted` moved anything. */
export type PushAnswer = AcceptedPush | RejectedPush;

/** A push that was carried out, completely. */
export interface AcceptedPush {
  readonly status: 'accepted';
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

/** A role in a project; each includes the ones after it. */
export type Role = 'owner' | 'writer' | 'reader';

/** A member of the project as the origin lists them. */
export interface Member {
  readonly userId: string;
  readonly role: Role;
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
  /** Makes the project, with the caller as owner, or joins it as the member that the caller is; idempotent. */
  register(options?: CallOptions): Promise<{ readonly created: boolean; readonly role: Role }>;
  describe(options?: CallOptions): Promise<RemoteState>;
  fetch(after: number, options?: CallOptions): Promise<FetchPage>;
  /**
   * Refuses the whole push when the origin finds something wrong with it.
   *
   * @throws {SyncError} also `OBJECT_HASH_MISMATCH`, `OBJECT_MALFORMED`, `OBJECT_TOO_LARGE`, `OBJECT_NOT_FOUND` (an object
   *   or target that is neither sent nor at the origin, or is of another type), `REF_NAME_INVALID`
   */
  push(request: PushRequest, options?: CallOptions): Promise<PushAnswer>;
  issueId(request: IdRequest, options?: CallOptions): Promise<IdAnswer>;
  /**
   * Asks to be told of moves as they happen; not there where the origin has no way to tell. News are hints: what there is to
   * know is fetched, and after `joined` there may be something that was missed.
   */
  subscribe?(tell: (news: LiveNews) => void): Subscription;
  members(options?: CallOptions): Promise<readonly Member[]>;
  setMember(userId: string, role: Role | null, options?: CallOptions): Promise<void>;
  /** What was done at the origin, a page at a time. */
  audit(query: AuditQuery, options?: CallOptions): Promise<AuditPage>;
  close(): Promise<void>;
}
