/** `agent-sync`: open a project and call the use cases that the command line is made of. */
export { type ErrorCode, SyncError } from './core/errors.js';
export { type FailureClass, failureClass } from './core/failure-class.js';
export type * from './core/ports.js';
export {
  doctorRepository,
  type InitResult,
  initRepository,
  type OpenOptions,
  openRepository,
  restoreRepository,
} from './open.js';
export type { ArtifactOutcome } from './repo/artifact-outcomes.js';
export { type BackupResult, backup } from './repo/backup.js';
export { type ChangeResult, editArtifact, removeArtifact, setState } from './repo/change-artifact.js';
export { type ConflictList, type ListedConflict, listConflicts } from './repo/conflicts.js';
export { type DoctorResult, doctor } from './repo/doctor.js';
export { checkExport, type ExportResult, exportMarkdown } from './repo/export.js';
export { exportGit } from './repo/export-git.js';
export { type FetchResult, fetch } from './repo/fetch.js';
export { type FsckResult, fsck } from './repo/fsck.js';
export { type GcOptions, type GcResult, gc } from './repo/gc.js';
export { type ImportOptions, type ImportResult, importArtifacts } from './repo/import.js';
export { findArtifact, type ListedArtifact, listArtifacts, readArtifact, readArtifactAt } from './repo/list.js';
export { type LogEntry, log } from './repo/log.js';
export { listMembers, setMember } from './repo/members.js';
export { type MergeOptions, type MergeResult, mergeCommit } from './repo/merge.js';
export { type NewArtifact, newArtifact } from './repo/new-artifact.js';
export { type NewDraftResult, newDraft } from './repo/new-draft.js';
export { type DraftReport, listDrafts, numberDrafts } from './repo/number-drafts.js';
export { recordOperation } from './repo/operation.js';
export { type LoggedOperation, listOperations } from './repo/operation-log.js';
export { type MergeOutcome, planMerge } from './repo/plan-merge.js';
export { type CommitOutcome, previewRebase, type RebaseOutcome } from './repo/preview-rebase.js';
export {
  type PullOptions,
  type PullPlan,
  type PullRebaseOptions,
  type PullRebasePlan,
  type PullRebaseResult,
  type PullResult,
  planPull,
  planPullRebase,
  pull,
  pullRebase,
} from './repo/pull.js';
export { type PushOptions, type PushResult, planPush, push } from './repo/push.js';
export { type PushWithPullResult, pushWithPull } from './repo/push-with-pull.js';
export { dropIntent, enqueue, listQueue, orQueue, type QueueCounts, type Queued } from './repo/queue.js';
export { readAnswers, type TokenAnswer } from './repo/read-answers.js';
export { type RebasedFurther, type RebaseOptions, type RebaseResult, rebase } from './repo/rebase.js';
export type { Repository } from './repo/repository.js';
export { resolveAsBefore } from './repo/rerere.js';
export { resolveAll, resolveConflict } from './repo/resolve.js';
export { resolveWithInput } from './repo/resolve-input.js';
export type { RestoreResult } from './repo/restore.js';
export { resolveRevision } from './repo/revision.js';
export { type QueueRun, type QueueStep, type RunQueueOptions, runQueue } from './repo/run-queue.js';
export type { Answer } from './repo/settle-conflict.js';
export { abortMerge, continueMerge } from './repo/settle-merge.js';
export { abortRebase, continueRebase, skipCommit } from './repo/settle-rebase.js';
export { type Status, status } from './repo/status.js';
export { type RestoredOperation, restoreOperation, type UndoResult, undo } from './repo/undo.js';
export { type WatchEvent, type WatchOptions, watch } from './repo/watch.js';
