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
  openTelemetry,
  restoreRepository,
} from './open.js';
export { type LoginPlace, openLogin } from './open-login.js';
export { type ChangeResult, editArtifact, removeArtifact, setState } from './repo/artifacts/change-artifact.js';
export {
  findArtifact,
  type ListedArtifact,
  listArtifacts,
  readArtifact,
  readArtifactAt,
} from './repo/artifacts/list.js';
export { type NewArtifact, newArtifact } from './repo/artifacts/new-artifact.js';
export { type NewDraftResult, newDraft } from './repo/artifacts/new-draft.js';
export { type DraftReport, listDrafts, numberDrafts } from './repo/artifacts/number-drafts.js';
export { type AuditFilter, type AuditLog, readAudit, type ShownEntry } from './repo/audit/read-audit.js';
export { type AuditVerdict, verifyAudit } from './repo/audit/verify-audit.js';
export { type ConflictList, type ListedConflict, listConflicts } from './repo/conflicts/conflicts.js';
export { readAnswers, type TokenAnswer } from './repo/conflicts/read-answers.js';
export { resolveAsBefore } from './repo/conflicts/rerere.js';
export { resolveAll, resolveConflict } from './repo/conflicts/resolve.js';
export { resolveWithInput } from './repo/conflicts/resolve-input.js';
export type { Answer } from './repo/conflicts/settle-conflict.js';
export { checkExport, type ExportResult, exportMarkdown } from './repo/disk/export.js';
export { exportGit } from './repo/disk/export-git.js';
export { type ImportOptions, type ImportResult, importArtifacts } from './repo/disk/import.js';
export type { Erased } from './repo/erasure/erase-here.js';
export type { FoundBlob, Remains } from './repo/erasure/find-traces.js';
export { trustOrigin } from './repo/erasure/learn-erasures.js';
export { type PurgeOptions, type PurgeResult, purge } from './repo/erasure/purge.js';
export { type LogEntry, log } from './repo/history/log.js';
export { resolveRevision } from './repo/history/revision.js';
export { type BackupResult, backup } from './repo/maintenance/backup.js';
export { type DoctorResult, doctor } from './repo/maintenance/doctor.js';
export { type FsckResult, fsck } from './repo/maintenance/fsck.js';
export { type GcOptions, type GcResult, gc } from './repo/maintenance/gc.js';
export type { RestoreResult } from './repo/maintenance/restore.js';
export type { ArtifactOutcome } from './repo/merge/artifact-outcomes.js';
export { type MergeOptions, type MergeResult, mergeCommit } from './repo/merge/merge.js';
export { type MergeOutcome, planMerge } from './repo/merge/plan-merge.js';
export { abortMerge, continueMerge } from './repo/merge/settle-merge.js';
export { recordOperation } from './repo/operations/operation.js';
export { type LoggedOperation, listOperations } from './repo/operations/operation-log.js';
export { type RestoredOperation, restoreOperation, type UndoResult, undo } from './repo/operations/undo.js';
export type { PlacedFinding } from './repo/privacy/gate.js';
export { checkDisk, type DiskFindings, type ScrubResult, scrubDisk } from './repo/privacy/scrub-disk.js';
export { checkHistory, type HistoryFindings, type HistoryScrub, scrubHistory } from './repo/privacy/scrub-history.js';
export { dropIntent, enqueue, listQueue, orQueue, type QueueCounts, type Queued } from './repo/queue/queue.js';
export { type QueueRun, type QueueStep, type RunQueueOptions, runQueue } from './repo/queue/run-queue.js';
export { type CommitOutcome, previewRebase, type RebaseOutcome } from './repo/rebase/preview-rebase.js';
export { type RebasedFurther, type RebaseOptions, type RebaseResult, rebase } from './repo/rebase/rebase.js';
export { abortRebase, continueRebase, skipCommit } from './repo/rebase/settle-rebase.js';
export type { Repository } from './repo/repository.js';
export { measurements, type OperationStats, type Stats, summarize } from './repo/stats.js';
export { type Status, status } from './repo/status.js';
export { type FetchResult, fetch } from './repo/sync/fetch.js';
export { type Login, type Logout, login, logout, type Proof, type WhoAmI, whoAmI } from './repo/sync/login.js';
export { listMembers, type Membership, setMember } from './repo/sync/members.js';
export { listProtectedRefs, protectRef } from './repo/sync/protected-refs.js';
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
} from './repo/sync/pull.js';
export { type PushOptions, type PushResult, planPush, push } from './repo/sync/push.js';
export { type PushWithPullResult, pushWithPull } from './repo/sync/push-with-pull.js';
export { type WatchEvent, type WatchOptions, watch } from './repo/sync/watch.js';
