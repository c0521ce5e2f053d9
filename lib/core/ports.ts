/**
 * Every contract between the rooms, on one page.
 *
 * The local side (objects, refs, store, worktree) is synchronous; the remote is asynchronous and coarse, so that no
 * transaction is ever held over an await.
 */
import type { Oid } from './object/oid.js';
import type { FileMode } from './object/tree.js';

// ---------------------------------------------------------------- objects

/** The kinds of git object that agent-sync stores. Tags are not used. */
export type ObjectType = 'blob' | 'tree' | 'commit';

/** A git object: its type and its body, without git's `<type> <size>\0` header. */
export interface GitObject {
  readonly type: ObjectType;
  readonly body: Uint8Array;
}

/** A git object together with the id that it claims, or is known, to have. */
export interface IdentifiedObject extends GitObject {
  readonly oid: Oid;
}

/** Read access to objects; all that graph walks, diffs and merges need. */
export interface ObjectReader {
  has(oid: Oid): boolean;
  /** @throws {SyncError} `OBJECT_NOT_FOUND` */
  read(oid: Oid): GitObject;
}

/** Objects by id. Writing the same object twice is one object. */
export interface ObjectStore extends ObjectReader {
  /** What `hashObject` of core answers, as fast as the store can. */
  hash(type: ObjectType, body: Uint8Array): Oid;
  /** Hashes and stores an object of our own making. */
  write(object: GitObject): Oid;
  /**
   * Stores an object that another party sent, after rehashing and parsing it.
   *
   * @throws {SyncError} `OBJECT_HASH_MISMATCH`, `OBJECT_MALFORMED`, `OBJECT_TOO_LARGE`
   */
  writeVerified(object: IdentifiedObject): void;
  /** An object's type, without reading its body; undefined for an object that is not there. */
  typeOf(oid: Oid): ObjectType | undefined;
  /** Every oid in the store, in no particular order. */
  list(): Iterable<Oid>;
  /**
   * The oids that start with `prefix` (4 to 40 hexadecimal digits), at most `limit`.
   *
   * @throws {SyncError} `OID_INVALID`
   */
  findByPrefix(prefix: string, limit: number): Oid[];
  /** The number of the object stored last; 0 for an empty store. Objects are numbered as they come and never renumbered. */
  lastSequence(): number;
  /** Objects in the order of their numbers, from `sequence` + 1 on: at least one, then as many as fit into `limitBytes`. */
  after(sequence: number, limitBytes: number): FetchPage;
}

// ---------------------------------------------------------------- refs

/** A full ref name, such as `HEAD`, `refs/heads/main` or `refs/remotes/origin/main`. */
export type RefName = string;

/** One compare-and-set of a ref. `null` stands for "does not exist". */
export interface RefEdit {
  readonly name: RefName;
  readonly expected: Oid | null;
  readonly target: Oid | null;
}

/** Who moved a ref, when and why; written with the move, in one transaction. */
export interface ReflogNote {
  readonly actor: string;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly message: string;
}

/** One line of a ref's log, newest first when listed. */
export interface ReflogEntry extends ReflogNote {
  readonly name: RefName;
  readonly from: Oid | null;
  readonly to: Oid | null;
}

/** Refs and their log. `HEAD` is symbolic and always points at a branch. */
export interface RefStore {
  /** The commit a ref points at, following `HEAD`; undefined for a ref that does not exist or an unborn branch. */
  get(name: RefName): Oid | undefined;
  /** The branch that `HEAD` names. */
  head(): RefName;
  /** All direct refs below `prefix`, by name. */
  list(prefix?: string): ReadonlyMap<RefName, Oid>;
  /**
   * Applies all edits or none, each with its reflog entry.
   *
   * @throws {SyncError} `REF_CHANGED` when an `expected` value no longer holds, `OBJECT_NOT_FOUND` for a missing target
   */
  update(edits: readonly RefEdit[], note: ReflogNote): void;
  /** @returns the log of `name`, newest first */
  reflog(name: RefName): ReflogEntry[];
}

// ---------------------------------------------------------------- merge state

/** A file as a tree records it. */
export interface FileVersion {
  readonly mode: FileMode;
  readonly oid: Oid;
}

/** Git's names for what can keep a path from merging, and our own `state`: an artifact went two ways, or a way it may not go. */
export type ConflictKind =
  | 'content'
  | 'add/add'
  | 'modify/delete'
  | 'binary'
  | 'distinct modes'
  | 'distinct types'
  | 'file/directory'
  | 'rename/rename'
  | 'rename/delete'
  | 'rename involved in collision'
  | 'directory rename suggested'
  | 'directory rename unclear split'
  | 'state';

/** Lines `start` up to, not including, `end`, counted from 0. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** One conflict inside a text: the lines in question in each version, and where they stand in the merged text, markers included. */
export interface ConflictHunk {
  /** In the style that does not show base several hunks may share it. */
  readonly base: LineRange;
  readonly ours: LineRange;
  readonly theirs: LineRange;
  readonly result: LineRange;
  /** What of ours stands for base where that is more: lines around the conflict, which are the same on both sides, as well. */
  readonly forBase?: LineRange;
}

/** A path that did not merge: the three versions (stages 1, 2, 3) and git's message for it. */
export interface Conflict {
  readonly path: string;
  readonly kind: ConflictKind;
  readonly base: FileVersion | null;
  readonly ours: FileVersion | null;
  readonly theirs: FileVersion | null;
  readonly message: string;
  /** In the order of the text; none where no lines were merged, as in a modify/delete. */
  readonly hunks: readonly ConflictHunk[];
}

/** What the lines of one hunk come to: one side's, ours' and then theirs', base's, or what somebody wrote. */
export type HunkAnswer = 'ours' | 'theirs' | 'union' | 'base' | { readonly text: string };

/** How far a conflict is settled. */
export interface ConflictAnswer {
  /** By number of hunk; null, or missing at the end, where there is no answer. Empty where the conflict was settled as a whole. */
  readonly answers: readonly (HunkAnswer | null)[];
  /** The text with the answers to some hunks, and markers around the others; null where no or all hunks are answered. */
  readonly partial: FileVersion | null;
  /** Undefined while open, null when settled by deletion. */
  readonly resolution: FileVersion | null | undefined;
}

/** A conflict in the store, with the answer given so far. */
export interface PendingConflict extends Conflict, ConflictAnswer {}

/** What a path on disk held before a command changed it; null where there was no file. */
export interface PathBefore {
  readonly path: string;
  readonly oid: Oid | null;
}

/** A merge that stopped for a person: all that is needed to continue it or to undo it exactly. */
export interface MergeState {
  /** `pull` makes a commit with two parents, `import` one with one, `rebase` one with the author of the commit replayed. */
  readonly kind: 'pull' | 'import' | 'rebase';
  /** The commit that was `HEAD`, or in a rebase the last one made; null on an unborn branch. */
  readonly ours: Oid | null;
  /**
   * The commit merged in, or replayed; null for an import, which merges the files on disk, and for a rebase that is done
   * but for the disk.
   */
  readonly theirs: Oid | null;
  /** The merged tree, conflicted files with their markers. */
  readonly tree: Oid;
  /** The message of the commit to come. */
  readonly message: string;
  /** What the touched paths held on disk, for `--abort`. */
  readonly before: readonly PathBefore[];
  /** Where the disk does not show yet what the store says, and what it holds until then. */
  readonly unfollowed: readonly PathBefore[];
  readonly conflicts: readonly PendingConflict[];
  /** What this is a step of, in a rebase. */
  readonly rebase?: RebaseState;
}

/** A commit of a rebase and what became of it; null when it was dropped, because its changes were there already. */
export interface ReplayedCommit {
  readonly from: Oid;
  readonly to: Oid | null;
}

/** How far a rebase is, and the way back. Refs move when it is done. */
export interface RebaseState {
  /** The commit that is `HEAD` until the rebase is done. */
  readonly head: Oid;
  readonly onto: Oid;
  /** Whose lines win: in a rebase, ours are those of `onto`. */
  readonly favor: 'ours' | 'theirs' | null;
  /** In order. */
  readonly done: readonly ReplayedCommit[];
  /** The commits still to be replayed after this step, the next one first. */
  readonly todo: readonly Oid[];
}

/** The merge in progress, if any. */
export interface MergeStore {
  get(): MergeState | undefined;
  set(state: MergeState): void;
  /**
   * Keeps the answer to the conflict at a path, in place of an earlier one; the disk has to follow.
   *
   * @param before what the disk holds there
   */
  resolve({ path, oid }: PathBefore, answer: ConflictAnswer): void;
  /** Notes that the disk shows everything. */
  setFollowed(): void;
  clear(): void;
}

/** How a person resolved a text with certain conflicts, as blob ids. */
export interface RecordedResolution {
  /** The text with its conflicts, in the normal form of `normalizeConflict`. */
  readonly preimage: Oid;
  readonly postimage: Oid;
  /** Seconds since the epoch. */
  readonly time: number;
}

/** Resolutions by the id of what they resolve; the same conflicts may have been met in several texts. */
export interface RerereStore {
  /** Newest first. */
  find(conflict: Oid): RecordedResolution[];
  /** Takes the place of what was recorded for the same text. */
  record(conflict: Oid, resolution: RecordedResolution): void;
}

// ---------------------------------------------------------------- derived: the artifact index

/** The kinds of artifact, by the folder that holds them. */
export type ArtifactKind = 'plan' | 'story' | 'runbook';

/** One artifact file of the tree that `HEAD` names, as read from its bytes and path. */
export interface ArtifactRow {
  readonly path: string;
  readonly oid: Oid;
  readonly kind: ArtifactKind;
  /** As in the file name, such as `INFRA-004`; empty where the file name has none. */
  readonly id: string;
  readonly title: string;
  /** As written, such as `COMMITTED`; null when the file states none. */
  readonly state: string | null;
}

/** An artifact with what its history says. */
export interface ArtifactEntry extends ArtifactRow {
  /** How many commits changed the artifact. */
  readonly version: number;
  /** Author time of the last of them, in seconds since the epoch. */
  readonly modified: number;
  /** Actor id of the author of the last of them. */
  readonly author: string;
  readonly commit: Oid;
}

/** A commit that changed an artifact, as the fold over history sees it. */
export interface ArtifactChange {
  readonly kind: ArtifactKind;
  readonly id: string;
  readonly commit: Oid;
  /** Longest path to a root commit: the order of history that every clone agrees on. */
  readonly generation: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  readonly author: string;
}

/** Facts about a commit that graph walks want without inflating it. */
export interface CommitFacts {
  readonly oid: Oid;
  readonly generation: number;
}

/** One step of the index from one commit to another. */
export interface IndexStep {
  /** The commit that the rows describe afterwards; null for none. */
  readonly at: Oid | null;
  readonly removed: readonly string[];
  readonly written: readonly ArtifactRow[];
  readonly changes: readonly ArtifactChange[];
  readonly commits: readonly CommitFacts[];
}

/** Which artifacts to list. */
export interface ArtifactFilter {
  readonly kind?: ArtifactKind;
  readonly id?: string;
  readonly state?: string;
}

/** The derived tables: rebuilt from objects and refs at any time, equal on every clone with the same `HEAD`. */
export interface ArtifactIndex {
  /** The commit that the rows describe; null when they describe nothing yet. */
  at(): Oid | null;
  generation(commit: Oid): number | undefined;
  apply(step: IndexStep): void;
  clear(): void;
  /** Sorted by path. */
  list(filter?: ArtifactFilter): ArtifactEntry[];
  get(path: string): ArtifactEntry | undefined;
}

// ---------------------------------------------------------------- store

/** A person or agent as commits name them: a random id here, the name in a table that can be emptied. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Actors known to this store, own and others'. */
export interface ActorStore {
  get(id: string): Actor | undefined;
  list(): Actor[];
  put(actor: Actor): void;
  /** The actor that this store made for a person, by name and e-mail. */
  findOwn(name: string, email: string): Actor | undefined;
  putOwn(actor: Actor): void;
}

/** Settings of the store itself, such as `remote.origin.sequence`. */
export interface SettingStore {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  unset(key: string): void;
}

/** What lstat said about a file when its bytes were last known to be `oid`; saves reading it again. */
export interface FileStat {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
}

/** The stat cache, git's index in the sense of gitformat-index(5) "racy" rules. */
export interface StatCache {
  /** All entries at once, by path. */
  load(): Map<string, CachedStat>;
  /** Replaces the entries of the given paths; null forgets one. */
  save(entries: ReadonlyMap<string, CachedStat | null>): void;
}

/** A stat and the oid of the bytes that it stood for. */
export interface CachedStat extends FileStat {
  readonly oid: Oid;
}

/** What a store remembers when it serves as an origin: the answers it gave, so that a retry gets the same. */
export interface OriginState {
  receipt(pushId: string): AcceptedPush | undefined;
  keepReceipt(pushId: string, answer: AcceptedPush): void;
  /** The id that was issued to a request. */
  issuedTo(requestId: string): string | undefined;
  isIssued(kind: ArtifactKind, id: string): boolean;
  keepIssued(kind: ArtifactKind, id: string, requestId: string): void;
  /** The highest number given out for a prefix; 0 for none. */
  lastNumber(kind: ArtifactKind, prefix: string): number;
  keepLastNumber(kind: ArtifactKind, prefix: string, number: number): void;
}

/** One `agent.db`. */
export interface Store {
  readonly objects: ObjectStore;
  readonly refs: RefStore;
  readonly merge: MergeStore;
  readonly rerere: RerereStore;
  readonly index: ArtifactIndex;
  readonly actors: ActorStore;
  readonly settings: SettingStore;
  readonly stats: StatCache;
  /** Used only in a store that others push to. */
  readonly origin: OriginState;
  /** Runs `work` in one `BEGIN IMMEDIATE` transaction; nested calls join the outer one, and a throw undoes all of it. */
  transact<T>(work: () => T): T;
  /** What SQLite's own integrity check finds wrong; empty when all is well. */
  integrityProblems(): string[];
  close(): void;
}

// ---------------------------------------------------------------- worktree

/** The tree that the files on disk started from, as recorded beside them. */
export interface ExportBase {
  readonly commit: Oid;
  readonly tree: Oid;
}

/** One artifact file found on disk. */
export interface WorktreeFile extends FileStat {
  /** Below `.agent/cache`, with `/`. */
  readonly path: string;
}

/** What a scan found. */
export interface WorktreeScan {
  /** When it began, in nanoseconds since the epoch; `isSettled` wants to know. */
  readonly startedAt: bigint;
  /** Sorted by path, in byte order. */
  readonly files: readonly WorktreeFile[];
  /** Entries passed over, such as symbolic links, each with the reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * `.agent/cache` on disk. No call reads or writes outside its root, nor follows a symbolic link.
 *
 * All calls throw {@link SyncError} with `PATH_UNSAFE` for a path that no scan could find, and `PATH_OUTSIDE_CACHE` for
 * a folder that is a symbolic link.
 */
export interface Worktree {
  readonly root: string;
  /** Markdown files below `plans/`, `stories/` and `runbooks/`. */
  scan(): WorktreeScan;
  /**
   * @returns undefined when there is no such file
   * @throws {SyncError} `FILE_UNREADABLE` when there is something else, such as a symbolic link
   */
  stat(path: string): WorktreeFile | undefined;
  /**
   * @throws {SyncError} `FILE_NOT_FOUND`, `FILE_TOO_LARGE`, `FILE_UNREADABLE`
   */
  read(path: string): Uint8Array;
  /**
   * Replaces the file in one step (write beside, fsync, rename) and answers its stat.
   *
   * @throws {SyncError} `FILE_UNWRITABLE`
   */
  write(path: string, bytes: Uint8Array): WorktreeFile;
  /**
   * Removes the file and the folders it leaves empty; nothing happens when it is not there.
   *
   * @throws {SyncError} `FILE_UNWRITABLE`
   */
  remove(path: string): void;
  /**
   * Turns a path as a user types it into one below the root, with `/`; empty for the root itself.
   *
   * @param cwd absolute; what a relative path is relative to
   * @throws {SyncError} `PATH_OUTSIDE_CACHE`, also when a symbolic link leads out
   */
  resolvePath(userPath: string, cwd: string): string;
  /** @throws {SyncError} `BASE_INVALID` */
  readBase(): ExportBase | null;
  /** Comes last: what was written and removed before is made durable first. */
  writeBase(base: ExportBase | null): void;
}

// ---------------------------------------------------------------- remote

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

/** Objects in the origin's sequence order, all of them after the number asked for. */
export interface FetchPage {
  readonly objects: readonly IdentifiedObject[];
  /** The sequence number of the last object here: where the next page starts, or a broken fetch resumes. */
  readonly sequence: number;
  readonly more: boolean;
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
 * `ORIGIN_MISCONFIGURED` (migrations or schema missing), `ORIGIN_FAILED` (it broke), `ORIGIN_ANSWER_INVALID`
 * (the answer makes no sense) or `ABORTED`.
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
  members(options?: CallOptions): Promise<readonly Member[]>;
  setMember(userId: string, role: Role | null, options?: CallOptions): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- git

/** What goes into a real git repository, and where. */
export interface GitExport {
  /** Absolute; made unless it exists. */
  readonly directory: string;
  readonly objects: ObjectReader;
  /** Every object that the refs reach. */
  readonly oids: Iterable<Oid>;
  readonly refs: ReadonlyMap<RefName, Oid>;
  /** The branch that `HEAD` names; its files are checked out. */
  readonly head: RefName;
  readonly actors: Iterable<Actor>;
}

/** What an export did. */
export interface GitExportReport {
  /** False when an earlier export was brought up to date. */
  readonly created: boolean;
  /** Objects that were not there before. */
  readonly objects: number;
  /** Refs that moved. */
  readonly refs: readonly RefName[];
}

// ---------------------------------------------------------------- surroundings

/** The time, for commits and the reflog. */
export interface Clock {
  /** Seconds since the epoch, and minutes east of UTC. */
  now(): { readonly seconds: number; readonly offset: number };
}

/** Randomness for ids that must not collide. */
export interface Entropy {
  /** A version 4 UUID, RFC 9562. */
  uuid(): string;
}
