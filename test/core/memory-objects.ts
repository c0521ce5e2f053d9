import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { SyncError } from '../../lib/core/errors.js';
import { encodeCommit } from '../../lib/core/object/commit.js';
import { hashObject, type Oid } from '../../lib/core/object/oid.js';
import { encodeTree, type FileMode, type TreeEntry } from '../../lib/core/object/tree.js';
import type { GitObject, ObjectReader } from '../../lib/core/ports.js';

/** Files of a tree by path: contents, or mode and contents. */
export type Files = Record<string, string | Uint8Array | readonly [FileMode, string | Uint8Array]>;

/** Objects in a map, with what tests need: trees from paths, a count of reads, and a real git repository of the same. */
export class MemoryObjects implements ObjectReader {
  readonly #objects = new Map<Oid, GitObject>();
  readonly reads: Oid[] = [];

  has(oid: Oid): boolean {
    return this.#objects.has(oid);
  }

  read(oid: Oid): GitObject {
    this.reads.push(oid);
    const object = this.#objects.get(oid);
    if (!object) throw new SyncError('OBJECT_NOT_FOUND', `object ${oid} is not in memory`);
    return object;
  }

  findByPrefix(prefix: string, limit: number): Oid[] {
    return [...this.#objects.keys()].filter((oid) => oid.startsWith(prefix)).slice(0, limit);
  }

  write(object: GitObject): Oid {
    const oid = hashObject(object.type, object.body);
    this.#objects.set(oid, object);
    return oid;
  }

  blob(contents: string | Uint8Array): Oid {
    return this.write({ type: 'blob', body: typeof contents === 'string' ? Buffer.from(contents) : contents });
  }

  commitTree(tree: Oid, parents: readonly Oid[], time = 1_700_000_000): Oid {
    const who = { actor: 'a', time, offset: 0 };
    return this.write({
      type: 'commit',
      body: encodeCommit({ tree, parents, author: who, committer: who, message: 'm\n' }),
    });
  }

  /** A submodule's contents are the commit id. */
  tree(files: Files): Oid {
    const entries: TreeEntry[] = [];
    const folders = new Map<string, Files>();
    for (const [path, file] of Object.entries(files)) {
      const [mode, contents] = Array.isArray(file)
        ? (file as [FileMode, string])
        : (['100644', file as string] as const);
      const slash = path.indexOf('/');
      if (slash >= 0) {
        const folder = path.slice(0, slash);
        folders.set(folder, { ...folders.get(folder), [path.slice(slash + 1)]: file });
      } else {
        entries.push({ name: path, mode, oid: mode === '160000' ? contents.toString() : this.blob(contents) });
      }
    }
    for (const [name, below] of folders) entries.push({ name, mode: '40000', oid: this.tree(below) });
    return this.write({ type: 'tree', body: encodeTree(entries) });
  }

  /** Makes `dir` a bare git repository that has all the objects, and answers a function that runs git in it. */
  repository(
    dir: string,
  ): (
    args: readonly string[],
    input?: string | Uint8Array,
  ) => { status: number | null; stdout: Buffer; stderr: string } {
    const git = (args: readonly string[], input: string | Uint8Array = '') => {
      const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_DIR: dir };
      const result = spawnSync('git', args, { cwd: dir, env, input, maxBuffer: 64 * 1024 * 1024 });
      return { status: result.status, stdout: result.stdout, stderr: result.stderr.toString() };
    };
    git(['init', '-q', '--bare']);
    for (const [oid, { type, body }] of this.#objects) {
      mkdirSync(join(dir, 'objects', oid.slice(0, 2)), { recursive: true });
      const loose = deflateSync(Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]));
      writeFileSync(join(dir, 'objects', oid.slice(0, 2), oid.slice(2)), loose);
    }
    return git;
  }
}
