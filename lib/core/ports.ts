/**
 * Every contract between the rooms, a page each.
 *
 * The local side (objects, refs, store, worktree) is synchronous; the remote is asynchronous and coarse, so that no
 * transaction is ever held over an await.
 */

export type * from './ports/artifact-index.js';
export type * from './ports/audit.js';

export type * from './ports/credentials.js';

export type * from './ports/erasures.js';

export type * from './ports/garbage.js';
export type * from './ports/git-export.js';
export type * from './ports/merge-state.js';
export type * from './ports/objects.js';
export type * from './ports/operations.js';
export type * from './ports/queue.js';
export type * from './ports/refs.js';
export type * from './ports/remote.js';
export type * from './ports/store.js';
export type * from './ports/store-files.js';
export type * from './ports/surroundings.js';
export type * from './ports/telemetry.js';
export type * from './ports/worktree.js';
