/**
 * Given to a real process with `node --import`: counts the boundaries that it passes, which are the moments after which something
 * outside of it has changed, and ends it at one of them as `kill -9` would. The program itself knows nothing of it.
 */
import { subscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename, relative } from 'node:path';

/** Where the names of the boundaries go, a line each. */
const log = fs.openSync(process.env.CRASH_LOG!, 'a');
/** What names are relative to. */
const root = process.env.CRASH_ROOT!;
/** The boundary to end at, from 1; none by default. */
const at = Number(process.env.CRASH_AT ?? 0);
const { writeSync, existsSync } = fs;

let passed = 0;

/** Passes a boundary; true where it is the one to end at. */
function reaches(name: string): boolean {
  passed++;
  writeSync(log, `${name}\n`);
  return passed === at;
}

function boundary(name: string): void {
  if (reaches(name)) die();
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** A path without what is different each time. */
function placeOf(path: unknown): string {
  if (typeof path === 'number') return 'an open file';
  const name = relative(root, String(path)).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '*');
  return name.replace(/tmp_pack_\d+/, 'tmp_pack_*').replace(/[0-9a-f]{38,40}/, '*');
}

// ---------------------------------------------------------------- files

type Call = (...args: unknown[]) => unknown;
type Methods = Record<string, Call>;

const half = (data: unknown) => {
  const bytes = Buffer.from(data as Uint8Array);
  return bytes.subarray(0, Math.ceil(bytes.length / 2));
};

/** What changes a folder or a file, and how that is called. */
const CHANGES: Record<string, (path: unknown, second: unknown) => string> = {
  rename: (_, to) => `after renaming to ${placeOf(to)}`,
  unlink: (path) => `after removing ${placeOf(path)}`,
  rm: (path) => `after removing ${placeOf(path)}`,
  rmdir: (path) => `after removing folder ${placeOf(path)}`,
  mkdir: (path) => `after making folder ${placeOf(path)}`,
  chmod: (path) => `after setting the mode of ${placeOf(path)}`,
  symlink: (_, path) => `after linking ${placeOf(path)}`,
};

const isNothing = (method: string, path: unknown) =>
  (method === 'rm' && !existsSync(String(path))) || (method === 'mkdir' && existsSync(String(path)));

/** What one call of Node's does through others is one change. */
let within = false;

function watchSync(): void {
  const files = fs as unknown as Methods;
  for (const [method, nameOf] of Object.entries(CHANGES)) {
    const original = files[`${method}Sync`]!;
    files[`${method}Sync`] = (...args: unknown[]) => {
      if (within || isNothing(method, args[0])) return original(...args);
      within = true;
      try {
        return original(...args);
      } finally {
        within = false;
        boundary(nameOf(args[0], args[1]));
      }
    };
  }
  const write = files.writeFileSync!;
  files.writeFileSync = (...[path, data, ...options]: unknown[]) => {
    if (within) return write(path, data, ...options);
    within = true;
    if (reaches(`halfway through writing ${placeOf(path)}`)) {
      write(path, half(data), ...options);
      die();
    }
    write(path, data, ...options);
    within = false;
    boundary(`after writing ${placeOf(path)}`);
    return undefined;
  };
}

function watchPromises(): void {
  const files = fs.promises as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const [method, nameOf] of Object.entries(CHANGES)) {
    const original = files[method]!;
    files[method] = async (...args: unknown[]) => {
      const nothing = isNothing(method, args[0]);
      const result = await original(...args);
      if (!nothing) boundary(nameOf(args[0], args[1]));
      return result;
    };
  }
  const write = files.writeFile!;
  files.writeFile = async (...[path, data, ...options]: unknown[]) => {
    if (reaches(`halfway through writing ${placeOf(path)}`)) {
      await write(path, half(data), ...options);
      die();
    }
    await write(path, data, ...options);
    boundary(`after writing ${placeOf(path)}`);
  };
}

// ---------------------------------------------------------------- stores

interface NativeDatabase {
  readonly name: string;
  readonly inTransaction: boolean;
}

interface NativeStatement {
  readonly source: string;
  readonly readonly: boolean;
  readonly database: NativeDatabase;
}

/** better-sqlite3's addon, which the bundle and the library share. */
interface Addon {
  readonly Database: { prototype: { exec(this: NativeDatabase, source: string): void } };
  readonly Statement: { prototype: { run(this: NativeStatement, ...values: unknown[]): unknown } };
}

function watchStores(): void {
  const { Database, Statement } = createRequire(import.meta.url)(
    'better-sqlite3/build/Release/better_sqlite3.node',
  ) as Addon;
  const { run } = Statement.prototype;
  Statement.prototype.run = function (...values) {
    const { source, database } = this;
    const isCommit = source === 'commit';
    const changes = isCommit || (!this.readonly && !database.inTransaction && !source.startsWith('begin'));
    if (!changes) return run.apply(this, values);
    const name = `${isCommit ? 'commit' : source.trim().split(/\s+/, 3).join(' ')} in ${basename(database.name)}`;
    boundary(`before ${name}`);
    const result = run.apply(this, values);
    boundary(`after ${name}`);
    return result;
  };
  const { exec } = Database.prototype;
  Database.prototype.exec = function (source) {
    exec.call(this, source);
    if (!this.inTransaction && !/pragma (synchronous|page_size)/.test(source)) {
      boundary(`after ${source.trim().split('\n', 1)[0]} in ${basename(this.name)}`);
    }
  };
}

// ---------------------------------------------------------------- network

function watchNetwork(): void {
  const send = globalThis.fetch;
  const counts = new Map<string, number>();
  globalThis.fetch = async (input, init) => {
    const what = new URL(String(input)).pathname.split('/').at(-1)!;
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    const name = `${what} ${count}`;
    boundary(`before ${name} is sent`);
    if (reaches(`halfway through sending ${name}`)) {
      void send(input, { ...init, body: firstHalf(init?.body), duplex: 'half' } as RequestInit).catch(die);
      await new Promise(() => {});
    }
    if (reaches(`once ${name} is sent, without waiting for the answer`)) {
      subscribe('undici:request:bodySent', die);
      await send(input, init).catch(() => {});
      die();
    }
    const response = await send(input, init);
    const body = await response.arrayBuffer();
    boundary(`before the answer to ${name} is taken`);
    const { status, headers } = response;
    return new Response(body.byteLength > 0 ? body : null, { status, headers });
  };
}

/** Sends half of a body, and ends the process with the other half unsent. */
function firstHalf(body: unknown): ReadableStream {
  const bytes = half(typeof body === 'string' ? Buffer.from(body) : body);
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(bytes);
      // The bytes are with the system once the event loop has come round a few times; it sends them on.
      setTimeout(die, 20);
    },
  });
}

watchSync();
watchPromises();
watchStores();
watchNetwork();
syncBuiltinESMExports();
