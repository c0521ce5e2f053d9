import type { SyncConfig } from '../../config/sync-config.js';
import { SyncError } from '../../core/errors.js';
import { hashObject } from '../../core/object/oid.js';
import { encodeUtf8 } from '../../core/object/text.js';
import type { Store } from '../../core/ports.js';
import { PRIVACY_DEFAULTS, type PrivacySettings } from '../../core/privacy-settings.js';
import type { Libraries } from '../../privacy/detector.js';
import { SCRUB_VERSION } from '../../privacy/scrub.js';
import { Gate } from './gate.js';

/** What was last read of sync.yaml: to read YAML takes as long as to start. */
const READ = 'privacy.read';
/** What the files on disk were last scrubbed by. */
const SEEN = 'privacy.seen';

/**
 * The gate of a project. When it scrubs otherwise than before, what is known of the files on disk is forgotten: each may come to
 * something else now.
 *
 * @param configText sync.yaml; undefined where there is none
 * @param parse reads such a text
 */
export async function openGate(
  store: Store,
  configText: string | undefined,
  parse: (text: string) => Promise<SyncConfig>,
  libraries: Libraries,
): Promise<Gate> {
  try {
    const settings = await readSettings(store, configText, parse);
    forgetStatsUnless(store, JSON.stringify([SCRUB_VERSION, settings]));
    return new Gate(() => settings, libraries);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    // Who has nothing to scrub, as to see what is in the store, can go without.
    return new Gate(() => {
      throw error;
    }, libraries);
  }
}

function forgetStatsUnless(store: Store, fingerprint: string): void {
  if (store.settings.get(SEEN) === fingerprint) return;
  store.transact(() => {
    store.stats.save(new Map([...store.stats.load().keys()].map((path) => [path, null])));
    store.settings.set(SEEN, fingerprint);
  });
}

async function readSettings(
  store: Store,
  configText: string | undefined,
  parse: (text: string) => Promise<SyncConfig>,
): Promise<PrivacySettings> {
  if (!configText?.includes('privacy')) return PRIVACY_DEFAULTS;
  const config = hashObject('blob', encodeUtf8(`${SCRUB_VERSION} ${configText}`));
  const known: { config: string; settings: PrivacySettings } | null = JSON.parse(store.settings.get(READ) ?? 'null');
  if (known?.config === config) return known.settings;
  const settings = (await parse(configText)).privacy;
  store.settings.set(READ, JSON.stringify({ config, settings }));
  return settings;
}
