import type { CommandClass } from 'clipanion';
import { EditCommand } from './commands/edit.js';
import { ListCommand } from './commands/list.js';
import { NewPlanCommand } from './commands/new-plan.js';
import { NewRunbookCommand } from './commands/new-runbook.js';
import { NewStoryCommand } from './commands/new-story.js';
import { OriginStartCommand } from './commands/origin-start.js';
import { OriginStatusCommand } from './commands/origin-status.js';
import { OriginStopCommand } from './commands/origin-stop.js';
import { OriginUserAddCommand } from './commands/origin-user-add.js';
import { RmCommand } from './commands/rm.js';
import { SetStateCommand } from './commands/set-state.js';
import { ShowCommand } from './commands/show.js';
import { SyncExportCommand } from './commands/sync-export.js';
import { SyncFetchCommand } from './commands/sync-fetch.js';
import { SyncFsckCommand } from './commands/sync-fsck.js';
import { SyncImportCommand } from './commands/sync-import.js';
import { SyncInitCommand } from './commands/sync-init.js';
import { SyncLogCommand } from './commands/sync-log.js';
import { SyncMembersCommand } from './commands/sync-members.js';
import { SyncMembersAddCommand } from './commands/sync-members-add.js';
import { SyncMembersRemoveCommand } from './commands/sync-members-remove.js';
import { SyncMergeCommand } from './commands/sync-merge.js';
import { SyncPullCommand } from './commands/sync-pull.js';
import { SyncPushCommand } from './commands/sync-push.js';
import { SyncResolveCommand } from './commands/sync-resolve.js';
import { SyncStatusCommand } from './commands/sync-status.js';
import type { AgentContext } from './context.js';

/** Every command of `agent`, in the order in which people meet them. */
export const COMMANDS: readonly CommandClass<AgentContext>[] = [
  SyncInitCommand,
  SyncImportCommand,
  SyncStatusCommand,
  SyncLogCommand,
  SyncFetchCommand,
  SyncPullCommand,
  SyncPushCommand,
  SyncExportCommand,
  SyncFsckCommand,
  SyncResolveCommand,
  SyncMergeCommand,
  SyncMembersCommand,
  SyncMembersAddCommand,
  SyncMembersRemoveCommand,
  NewPlanCommand,
  NewStoryCommand,
  NewRunbookCommand,
  ListCommand,
  ShowCommand,
  EditCommand,
  SetStateCommand,
  RmCommand,
  OriginStartCommand,
  OriginStatusCommand,
  OriginStopCommand,
  OriginUserAddCommand,
];
