/**
 * A process of its own that writes to a store, for `processes.test.ts`.
 *
 * `append PATH JOURNAL NAME COUNT`: waits for a line on stdin, then commits COUNT times on top of whatever HEAD is.
 * `hang PATH`: moves HEAD inside a transaction, says so, and never ends it.
 */
import { readSync, writeSync } from 'node:fs';
import { SyncError } from '../../lib/core/errors.js';
import { encodeCommit } from '../../lib/core/object/commit.js';
import { EMPTY_TREE } from '../../lib/core/object/read.js';
import type { Store } from '../../lib/core/ports.js';
import { openStore } from '../../lib/store/open-store.js';

function commit(store: Store, message: string): void {
  const head = store.refs.get('HEAD') ?? null;
  const by = { actor: 'ada', time: 1_700_000_000, offset: 0 };
  const parents = head ? [head] : [];
  const body = encodeCommit({ tree: EMPTY_TREE, parents, author: by, committer: by, message });
  const target = store.objects.write({ type: 'commit', body });
  store.refs.update([{ name: 'HEAD', expected: head, target }], { actor: 'ada', time: by.time, message });
}

function commitUntilItHolds(store: Store, message: string): void {
  for (;;) {
    try {
      commit(store, message);
      return;
    } catch (error) {
      if (!(error instanceof SyncError && error.code === 'REF_CHANGED')) throw error;
    }
  }
}

const [mode, path, journal, name, count] = process.argv.slice(2) as [
  string,
  string,
  'wal' | 'rollback',
  string,
  string,
];
writeSync(1, 'ready\n');
if (mode === 'append') {
  readSync(0, new Uint8Array(1));
  const store = openStore(path, { create: true, journal, busyTimeoutMs: 60_000 });
  for (let i = 0; i < Number(count); i++) commitUntilItHolds(store, `${name}.${i}`);
  store.close();
} else {
  const store = openStore(path);
  store.transact(() => {
    commit(store, 'never finished');
    writeSync(1, 'inside\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}
