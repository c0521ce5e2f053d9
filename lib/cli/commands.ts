import type { CommandClass } from 'clipanion';
import type { AgentContext } from './context.js';

type Load = () => Promise<CommandClass<AgentContext>>;

/**
 * Every command of `agent` by its words, in the order in which people meet them.
 *
 * Each is loaded only when it may be meant: registering all of them takes longer than the rest of a start.
 */
export const COMMANDS: Readonly<Record<string, Load>> = {
  'sync init': async () => (await import('./commands/sync-init.js')).SyncInitCommand,
  'sync import': async () => (await import('./commands/sync-import.js')).SyncImportCommand,
  'sync status': async () => (await import('./commands/sync-status.js')).SyncStatusCommand,
  'sync log': async () => (await import('./commands/sync-log.js')).SyncLogCommand,
  'sync show': async () => (await import('./commands/sync-show.js')).SyncShowCommand,
  'sync diff': async () => (await import('./commands/sync-diff.js')).SyncDiffCommand,
  'sync fetch': async () => (await import('./commands/sync-fetch.js')).SyncFetchCommand,
  'sync pull': async () => (await import('./commands/sync-pull.js')).SyncPullCommand,
  'sync push': async () => (await import('./commands/sync-push.js')).SyncPushCommand,
  'sync queue': async () => (await import('./commands/sync-queue.js')).SyncQueueCommand,
  'sync queue run': async () => (await import('./commands/sync-queue-run.js')).SyncQueueRunCommand,
  'sync queue drop': async () => (await import('./commands/sync-queue-drop.js')).SyncQueueDropCommand,
  'sync watch': async () => (await import('./commands/sync-watch.js')).SyncWatchCommand,
  'sync export': async () => (await import('./commands/sync-export.js')).SyncExportCommand,
  'sync login': async () => (await import('./commands/sync-login.js')).SyncLoginCommand,
  'sync logout': async () => (await import('./commands/sync-logout.js')).SyncLogoutCommand,
  'sync whoami': async () => (await import('./commands/sync-whoami.js')).SyncWhoamiCommand,
  'sync members': async () => (await import('./commands/sync-members.js')).SyncMembersCommand,
  'sync members list': async () => (await import('./commands/sync-members-list.js')).SyncMembersListCommand,
  'sync members add': async () => (await import('./commands/sync-members-add.js')).SyncMembersAddCommand,
  'sync members set-role': async () => (await import('./commands/sync-members-set-role.js')).SyncMembersSetRoleCommand,
  'sync members remove': async () => (await import('./commands/sync-members-remove.js')).SyncMembersRemoveCommand,
  'sync conflicts': async () => (await import('./commands/sync-conflicts.js')).SyncConflictsCommand,
  'sync resolve': async () => (await import('./commands/sync-resolve.js')).SyncResolveCommand,
  'sync merge': async () => (await import('./commands/sync-merge.js')).SyncMergeCommand,
  'sync rebase': async () => (await import('./commands/sync-rebase.js')).SyncRebaseCommand,
  'sync undo': async () => (await import('./commands/sync-undo.js')).SyncUndoCommand,
  'sync op log': async () => (await import('./commands/sync-op-log.js')).SyncOpLogCommand,
  'sync op restore': async () => (await import('./commands/sync-op-restore.js')).SyncOpRestoreCommand,
  'sync audit': async () => (await import('./commands/sync-audit.js')).SyncAuditCommand,
  'sync stats': async () => (await import('./commands/sync-stats.js')).SyncStatsCommand,
  'sync scrub': async () => (await import('./commands/sync-scrub.js')).SyncScrubCommand,
  'sync purge': async () => (await import('./commands/sync-purge.js')).SyncPurgeCommand,
  'sync doctor': async () => (await import('./commands/sync-doctor.js')).SyncDoctorCommand,
  'sync fsck': async () => (await import('./commands/sync-fsck.js')).SyncFsckCommand,
  'sync gc': async () => (await import('./commands/sync-gc.js')).SyncGcCommand,
  'sync backup': async () => (await import('./commands/sync-backup.js')).SyncBackupCommand,
  'sync restore': async () => (await import('./commands/sync-restore.js')).SyncRestoreCommand,
  'new-plan': async () => (await import('./commands/new-plan.js')).NewPlanCommand,
  'new-story': async () => (await import('./commands/new-story.js')).NewStoryCommand,
  'new-runbook': async () => (await import('./commands/new-runbook.js')).NewRunbookCommand,
  list: async () => (await import('./commands/list.js')).ListCommand,
  show: async () => (await import('./commands/show.js')).ShowCommand,
  edit: async () => (await import('./commands/edit.js')).EditCommand,
  'set-state': async () => (await import('./commands/set-state.js')).SetStateCommand,
  rm: async () => (await import('./commands/rm.js')).RmCommand,
  'origin start': async () => (await import('./commands/origin-start.js')).OriginStartCommand,
  'origin status': async () => (await import('./commands/origin-status.js')).OriginStatusCommand,
  'origin stop': async () => (await import('./commands/origin-stop.js')).OriginStopCommand,
  'origin user add': async () => (await import('./commands/origin-user-add.js')).OriginUserAddCommand,
};

/** Loads commands by their words. */
export async function loadCommands(names: readonly string[]): Promise<CommandClass<AgentContext>[]> {
  return Promise.all(names.map((name) => COMMANDS[name]!()));
}
