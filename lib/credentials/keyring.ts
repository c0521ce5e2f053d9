import { SyncError } from '../core/errors.js';
import type { CredentialVault } from '../core/ports.js';
import { readCredentials } from './read-credentials.js';

const SERVICE = 'agent-sync';

/** Linux also has a keyring in the kernel, which forgets; only the desktop's own one is meant. */
const OPTIONS = { linux: { store: 'secret-service' } } as const;

/**
 * Credentials in the keyring of the operating system: Keychain, Credential Manager, or Secret Service on Linux.
 *
 * @returns undefined where there is none: no desktop session, or the optional package is not installed
 */
export async function openKeyring(): Promise<CredentialVault | undefined> {
  const keyring = await import('@napi-rs/keyring').catch(() => undefined);
  if (!keyring) return undefined;
  const { AsyncEntry } = keyring;
  const entry = (origin: string) => new AsyncEntry(SERVICE, origin, OPTIONS);
  try {
    await entry('is there a keyring').getPassword();
  } catch {
    return undefined;
  }
  const read = async (origin: string) => {
    const text = await attempt(() => entry(origin).getPassword());
    const credentials = text === null ? undefined : readCredentials(text);
    if (text !== null && !credentials) {
      throw new SyncError('CREDENTIALS_DAMAGED', `what the keyring has for ${origin} was not written by agent-sync`, {
        hint: "Remove the entry 'agent-sync' in the keyring, and log in again with 'agent sync login'.",
      });
    }
    return credentials;
  };
  return {
    place: { kind: 'keyring' },
    has: async (origin) => (await attempt(() => entry(origin).getPassword())) !== null,
    read,
    async write(origin, credentials) {
      if (credentials) await attempt(() => entry(origin).setPassword(JSON.stringify(credentials)));
      else await attempt(() => entry(origin).deleteCredential());
    },
  };
}

/** What the keyring says in a failure may quote what it was given. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    throw new SyncError('CREDENTIALS_LOCKED', 'the keyring of this machine does not answer, or is locked', {
      hint: 'Unlock it, or set AGENT_SYNC_CREDENTIALS=file to keep logins in an encrypted file instead.',
    });
  }
}
