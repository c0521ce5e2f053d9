import type { CommandClass } from 'clipanion';
import { SyncImportCommand } from './commands/sync-import.js';
import { SyncStatusCommand } from './commands/sync-status.js';
import type { AgentContext } from './context.js';

/** Every command of `agent`, in the order that help lists them. */
export const COMMANDS: readonly CommandClass<AgentContext>[] = [SyncImportCommand, SyncStatusCommand];
