import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';

/** How much work it is to try a passphrase. @see RFC 7914, section 2 */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and 0.1 to 0.2 s; one of the settings that OWASP gives as a minimum. @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
export const SCRYPT_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };

/** What a file may ask of us before we know that it is ours. */
const MOST_MEMORY = 256 * 2 ** 20;
const MOST_ROUNDS = 16;

const KEY_BYTES = 32;
const CHECK_BYTES = 16;
const NONCE_BYTES = 12;

/** What a passphrase comes to: a key, and what tells a wrong passphrase from damage. */
export interface DerivedKey {
  readonly key: Buffer;
  readonly check: Buffer;
}

/** Text that only who has the key can read or change. */
export interface Sealed {
  /** Base64. */
  readonly nonce: string;
  readonly data: string;
  readonly tag: string;
}

/** Whether a cost is one that we would pay. */
export function isAffordable({ N, r, p }: ScryptCost): boolean {
  const whole = [N, r, p].every((n) => Number.isSafeInteger(n) && n > 0);
  return whole && N > 1 && (N & (N - 1)) === 0 && 128 * N * r <= MOST_MEMORY && p <= MOST_ROUNDS;
}

/** Derives a key from a passphrase, in another thread. Node's scrypt takes half the time of that of @noble/hashes. */
export function deriveKey(passphrase: string, salt: Buffer, { N, r, p }: ScryptCost): Promise<DerivedKey> {
  const options = { N, r, p, maxmem: 2 * MOST_MEMORY };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES + CHECK_BYTES, options, (error, bytes) => {
      if (error) reject(error);
      else resolve({ key: bytes.subarray(0, KEY_BYTES), check: bytes.subarray(KEY_BYTES) });
    });
  });
}

/**
 * Encrypts with AES-256-GCM under a nonce of its own.
 *
 * @param context what the text belongs to: it opens nowhere else
 * @see NIST SP 800-38D
 */
export function seal(key: Buffer, context: string, text: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return {
    nonce: nonce.toString('base64'),
    data: data.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
}

/** @returns undefined for what was not sealed with this key in this context, or was changed since */
export function unseal(key: Buffer, context: string, { nonce, data, tag }: Sealed): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(context)).setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
