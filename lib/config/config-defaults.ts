import { PRIVACY_DEFAULTS } from '../core/privacy-settings.js';
import type { SyncConfig } from './sync-config.js';

/** What stands for a setting of the origin that sync.yaml leaves out. */
export const ORIGIN_DEFAULTS = {
  schema: 'agent_sync',
  keyEnv: 'SUPABASE_ANON_KEY',
  tokenEnv: 'SUPABASE_ACCESS_TOKEN',
  timeout: 30,
} as const;

/** What a project without sync.yaml goes by. */
export const CONFIG_DEFAULTS: SyncConfig = {
  version: 1,
  merge: { rerere: false, style: 'merge' },
  kinds: { plan: { merge: 'text' }, story: { merge: 'text' }, runbook: { merge: 'text' } },
  sync: { conflict: 'manual', offline: 'fail' },
  privacy: PRIVACY_DEFAULTS,
};
