import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { SyncError } from '../core/errors.js';
import { isRecord } from '../core/is-record.js';
import type { Credentials, CredentialVault } from '../core/ports.js';
import { readCredentials } from './read-credentials.js';
import {
  type DerivedKey,
  deriveKey,
  isAffordable,
  SCRYPT_COST,
  type ScryptCost,
  type Sealed,
  seal,
  unseal,
} from './sealed.js';

/** How to get the passphrase of the file. `new`: it is about to be chosen. */
export type AskPassphrase = (what: 'known' | 'new') => Promise<string>;

/** How the file is kept. */
export interface EncryptedFileOptions {
  /** Absolute. */
  readonly path: string;
  readonly passphrase: AskPassphrase;
  /** For a new file; {@link SCRYPT_COST} unless given. */
  readonly cost?: ScryptCost;
}

/** The file: JSON. Which origins somebody has credentials for can be read without the passphrase. */
interface Contents {
  readonly version: 1;
  readonly kdf: ScryptCost & { readonly name: 'scrypt'; readonly salt: string; readonly check: string };
  readonly cipher: 'aes-256-gcm';
  readonly origins: Readonly<Record<string, Sealed>>;
}

const SALT_BYTES = 16;
const SHORTEST_PASSPHRASE = 8;

/**
 * Credentials in a file that a passphrase opens (scrypt, then AES-256-GCM), which only its owner may read. It is replaced in one
 * step, and left as it is by whatever cannot be read.
 */
export function encryptedFile({ path, passphrase, cost = SCRYPT_COST }: EncryptedFileOptions): CredentialVault {
  /** Deriving a key is meant to take long; once is enough. */
  let opened: { readonly salt: string; readonly derived: DerivedKey } | undefined;

  /** @throws {SyncError} `CREDENTIALS_LOCKED` */
  async function keyOf({ kdf }: Contents): Promise<Buffer> {
    if (opened?.salt !== kdf.salt) {
      const derived = await deriveKey(await passphrase('known'), Buffer.from(kdf.salt, 'base64'), kdf);
      if (derived.check.toString('base64') !== kdf.check) {
        throw new SyncError('CREDENTIALS_LOCKED', `the passphrase does not open ${path}`, {
          hint: `Correct AGENT_SYNC_PASSPHRASE, or leave it unset to be asked. Who has forgotten it moves ${path} away and logs in again.`,
        });
      }
      opened = { salt: kdf.salt, derived };
    }
    return opened.derived.key;
  }

  async function create(): Promise<Contents> {
    const chosen = await passphrase('new');
    if (chosen.length < SHORTEST_PASSPHRASE) {
      throw new SyncError('INPUT_INVALID', `a passphrase has at least ${SHORTEST_PASSPHRASE} characters`);
    }
    const salt = randomBytes(SALT_BYTES);
    const derived = await deriveKey(chosen, salt, cost);
    opened = { salt: salt.toString('base64'), derived };
    const kdf = { name: 'scrypt', ...cost, salt: opened.salt, check: derived.check.toString('base64') } as const;
    return { version: 1, kdf, cipher: 'aes-256-gcm', origins: {} };
  }

  return {
    place: { kind: 'file', path },
    has: async (origin) => Object.hasOwn(load(path)?.origins ?? {}, origin),
    async read(origin) {
      const contents = load(path);
      const sealed = contents && Object.hasOwn(contents.origins, origin) ? contents.origins[origin] : undefined;
      if (!contents || !sealed) return undefined;
      const text = unseal(await keyOf(contents), contextOf(origin), sealed);
      const credentials = text === undefined ? undefined : readCredentials(text);
      if (!credentials) throw damaged(path);
      return credentials;
    },
    async write(origin, credentials) {
      const contents = load(path) ?? (await create());
      const { [origin]: _, ...others } = contents.origins;
      if (!credentials) return save(path, { ...contents, origins: others });
      const sealed = seal(await keyOf(contents), contextOf(origin), JSON.stringify(credentials satisfies Credentials));
      save(path, { ...contents, origins: { ...others, [origin]: sealed } });
    },
  };
}

/** What is sealed for one origin opens for no other: its tokens would be sent there. */
function contextOf(origin: string): string {
  return `agent-sync credentials, version 1, ${origin}`;
}

/** @returns undefined when there is no file */
function load(path: string): Contents | undefined {
  const text = readOwn(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path);
  }
  if (!isContents(value)) throw damaged(path);
  return value;
}

function isContents(value: unknown): value is Contents {
  if (!isRecord(value) || value.version !== 1 || value.cipher !== 'aes-256-gcm') return false;
  const { kdf, origins } = value;
  if (!isRecord(kdf) || kdf.name !== 'scrypt' || typeof kdf.salt !== 'string' || typeof kdf.check !== 'string')
    return false;
  const isSealed = (entry: unknown) =>
    isRecord(entry) && [entry.nonce, entry.data, entry.tag].every((part) => typeof part === 'string');
  return isAffordable(kdf as unknown as ScryptCost) && isRecord(origins) && Object.values(origins).every(isSealed);
}

function damaged(path: string): SyncError {
  return new SyncError('CREDENTIALS_DAMAGED', `${path} was damaged or changed, and cannot be used`, {
    hint: `Nothing was changed. Move ${path} away, and log in again with 'agent sync login'.`,
  });
}

/** The file's text, if it is ours alone. @throws {SyncError} `CREDENTIALS_UNSAFE` */
function readOwn(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  const refuse = (what: string, hint: string) => new SyncError('CREDENTIALS_UNSAFE', `${path} ${what}`, { hint });
  if (!found.isFile()) {
    throw refuse(
      'is a link, or no file at all',
      'Look where it leads, and who made it. Move it away, and log in again.',
    );
  }
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const { mode, uid } = fstatSync(descriptor);
    // Windows has no such modes; there a user's folder is closed to others.
    if (process.getuid && uid !== process.getuid()) {
      throw refuse('belongs to another user', 'Look who made it. Move it away, and log in again.');
    }
    if (process.getuid && (mode & 0o077) !== 0) {
      throw refuse(
        'can be read or written by others',
        `Close it to them with 'chmod 600', and change what was in it if they may have read it.`,
      );
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function save(path: string, contents: Contents): void {
  if (Object.keys(contents.origins).length === 0) {
    rmSync(path, { force: true });
    return;
  }
  const unfinished = `${path}.new`;
  // What a killed process left, or a link that would have us write elsewhere.
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${JSON.stringify(contents, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(unfinished, path);
}
