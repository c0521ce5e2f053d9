import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { SyncError } from '../core/errors.js';
import type { CredentialStore, CredentialVault } from '../core/ports.js';
import { type AskPassphrase, encryptedFile } from './encrypted-file.js';
import { openKeyring } from './keyring.js';
import { withLock } from './lock.js';
import type { ScryptCost } from './sealed.js';

/** What the store depends on. */
export interface CredentialStoreOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Asks the person at the terminal without showing what they type.
   *
   * @param question as it is to be shown
   * @returns undefined where there is nobody to ask
   */
  readonly ask?: (question: string) => Promise<string | undefined>;
  /** What trying a passphrase of a new file costs; `SCRYPT_COST` unless given. */
  readonly cost?: ScryptCost;
  /** Gets the passphrase as soon as it is known. */
  readonly noteSecret?: (secret: string) => void;
}

/**
 * The credentials of whoever runs this process: in the keyring of the operating system if it has one, else in an encrypted file;
 * `AGENT_SYNC_CREDENTIALS` says `keyring` or `file`. Nothing is opened before it is asked for.
 */
export function credentialStore(options: CredentialStoreOptions): CredentialStore {
  const { env, cost } = options;
  const path = credentialFile(env);
  const file = encryptedFile({ path, passphrase: passphraseOf(options, path), ...(cost ? { cost } : {}) });
  let keyring: Promise<CredentialVault | undefined> | undefined;

  /** Those to look into, the one to keep new credentials in first. */
  async function vaults(): Promise<CredentialVault[]> {
    const chosen = env.AGENT_SYNC_CREDENTIALS || undefined;
    if (chosen !== undefined && chosen !== 'file' && chosen !== 'keyring') {
      throw new SyncError('USAGE', 'AGENT_SYNC_CREDENTIALS is file or keyring', { hint: 'Leave it unset for either.' });
    }
    if (chosen === 'file') return [file];
    keyring ??= openKeyring();
    const opened = await keyring;
    if (chosen !== 'keyring') return opened ? [opened, file] : [file];
    if (opened) return [opened];
    throw new SyncError('CREDENTIALS_UNAVAILABLE', 'this machine has no keyring that answers', {
      hint: 'Leave AGENT_SYNC_CREDENTIALS unset to keep logins in an encrypted file.',
    });
  }

  async function holding(origin: string): Promise<CredentialVault | undefined> {
    for (const vault of await vaults()) if (await vault.has(origin)) return vault;
    return undefined;
  }

  return {
    find: async (origin) => (await holding(origin))?.place,
    read: async (origin) => (await holding(origin))?.read(origin),
    async change(origin, change) {
      const folder = dirname(path);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
      return withLock(join(folder, 'lock'), async () => {
        const vault = (await holding(origin)) ?? (await vaults())[0]!;
        const found = await vault.read(origin);
        const changed = await change(found);
        if (changed !== found) await vault.write(origin, changed);
        return changed;
      });
    },
  };
}

/** @see https://specifications.freedesktop.org/basedir-spec/latest/ */
function credentialFile(env: CredentialStoreOptions['env']): string {
  const config = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return join(config, 'agent-sync', 'credentials.json');
}

function passphraseOf({ env, ask, noteSecret }: CredentialStoreOptions, path: string): AskPassphrase {
  return async (what) => {
    const given = env.AGENT_SYNC_PASSPHRASE || (await askFor(what));
    noteSecret?.(given);
    return given;
  };

  async function askFor(what: 'known' | 'new'): Promise<string> {
    if (what === 'known') {
      const answer = await ask?.(`Passphrase for ${path}: `);
      if (answer !== undefined) return answer;
      throw new SyncError('CREDENTIALS_LOCKED', `the login is kept in ${path}, and there is no passphrase to open it`, {
        hint: 'Set AGENT_SYNC_PASSPHRASE, or run the command on a terminal. For CI, set the key and a token in the environment instead.',
      });
    }
    const first = await ask?.(`A passphrase, to encrypt the login with in ${path}: `);
    if (first === undefined) {
      throw new SyncError(
        'CREDENTIALS_UNAVAILABLE',
        'there is no place to keep a login: no keyring, and no passphrase to encrypt a file with',
        { hint: 'Set AGENT_SYNC_PASSPHRASE, or run the command on a terminal. Nothing is ever kept in clear.' },
      );
    }
    if ((await ask?.('The same again: ')) === first) return first;
    throw new SyncError('INPUT_INVALID', 'the two passphrases differ');
  }
}
