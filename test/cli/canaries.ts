import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets that were handed to the program, to be looked for wherever it writes, in every form that a program gives to text. */
export class Canaries {
  readonly #forms = new Map<string, { readonly name: string; readonly bytes: Buffer }>();

  /** Of a JWT the signature is what is looked for: the rest says who somebody is. */
  add(name: string, secret: string): void {
    const value = secret.split('.').length === 3 ? secret.split('.')[2]! : secret;
    for (const form of formsOf(value)) this.#forms.set(form, { name, bytes: Buffer.from(form) });
  }

  /** The names of those that are in a text or in bytes. */
  in(haystack: string | Buffer): string[] {
    const bytes = Buffer.from(haystack);
    const found = [...this.#forms.values()].filter((form) => bytes.includes(form.bytes)).map(({ name }) => name);
    return [...new Set(found)];
  }

  /** `path: name` of those that are in the files of a folder and of those below it, or in their names. */
  inFolder(folder: string): string[] {
    return this.#search(readdirSync(folder, { recursive: true, withFileTypes: true }));
  }

  /** The same without the folders below it. */
  inFiles(folder: string): string[] {
    return existsSync(folder) ? this.#search(readdirSync(folder, { withFileTypes: true })) : [];
  }

  #search(entries: readonly Dirent[]): string[] {
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .flatMap((path) => [...this.in(path), ...this.in(readFileSync(path))].map((name) => `${path}: ${name}`));
  }
}

function formsOf(value: string): string[] {
  const hex = Buffer.from(value).toString('hex');
  // Within a longer text that is encoded as a whole, a value has three forms; what its neighbours have a part in is cut off.
  const encoded = [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]);
    return bytes
      .toString('base64')
      .replace(/=+$/, '')
      .slice(shift === 0 ? 0 : shift + 1, -2);
  });
  const base64url = encoded.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    hex,
    hex.toUpperCase(),
    ...encoded,
    ...base64url,
  ];
}
