import fs from 'node:fs';
import { join } from 'node:path';

/**
 * Node's file system for isomorphic-git, in which each file is replaced in one step: a process that is killed leaves no half of an
 * index, a configuration, a ref or an artifact.
 *
 * @param unfinished a folder on the same disk for files on their way to their places; it is made when it is needed
 */
export function atomicFiles(unfinished: string): typeof fs {
  let count = 0;
  const writeFile = async (path: string, ...rest: [data: Uint8Array | string, options?: object]) => {
    fs.mkdirSync(unfinished, { recursive: true });
    const temporary = join(unfinished, String(++count));
    await fs.promises.writeFile(temporary, ...rest);
    await fs.promises.rename(temporary, path);
  };
  return { ...fs, promises: { ...fs.promises, writeFile } } as typeof fs;
}
