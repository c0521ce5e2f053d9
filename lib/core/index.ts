/** `agent-sync/core`: git's objects, graph, diff and merge as pure functions, and the contracts of everything else. */
export { auditText, type ChainProblem, findChainProblem, type HashText } from './audit/chain.js';
export { hashText } from './audit/hash-text.js';
export { diffTrees, type TreeChange } from './diff/diff-trees.js';
export { ERROR_CODES, type ErrorCode, SyncError, type SyncErrorOptions } from './errors.js';
export { type FailureClass, failureClass } from './failure-class.js';
export { type CommitGraph, commitGraph } from './graph/commit-graph.js';
export { contains, mergeBases } from './graph/merge-base.js';
export { type BrokenLink, brokenLinks, newObjects, type ObjectName } from './graph/reachable.js';
export { revWalk } from './graph/rev-walk.js';
export * from './merge/merge-text.js';
export * from './merge/merge-trees.js';
export * from './merge/settle-hunks.js';
export {
  actorEmail,
  type Commit,
  decodeCommit,
  encodeCommit,
  isActorId,
  type Signature,
  subject,
} from './object/commit.js';
export { applyTreeEdits, type EditedTree, type TreeEdit } from './object/edit-tree.js';
export { findPath, listFiles } from './object/find-path.js';
export { LIMITS } from './object/limits.js';
export { hashObject, isOid, type Oid, parseOid } from './object/oid.js';
export { parsePath, unsafeName } from './object/path.js';
export { foldName, unportableName } from './object/portable-name.js';
export { EMPTY_TREE, readBlob, readCommit, readTree, references } from './object/read.js';
export { checkReceivedTree, checkTree, decodeTree, encodeTree, type FileMode, type TreeEntry } from './object/tree.js';
export { verifyObject, verifyStored } from './object/verify.js';
export type * from './ports.js';
export { MAIN, ORIGIN_MAIN, trackingRef } from './ref/ref-names.js';
