import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { encodeCommit } from '../../lib/core/object/commit.js';
import { hashObject } from '../../lib/core/object/oid.js';
import { EMPTY_TREE } from '../../lib/core/object/read.js';
import type { PushRequest } from '../../lib/core/ports.js';
import { remoteContract } from '../../lib/origin/contract.js';
import { fileRemote } from '../../lib/origin/file/file-remote.js';
import { openStore } from '../../lib/store/open-store.js';

remoteContract(t, 'file', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'agent-sync-file-'));
  const path = join(dir, 'origin.db');
  const remotes: ReturnType<typeof fileRemote>[] = [];
  return {
    remote: async () => {
      const remote = fileRemote(openStore(path, { create: true, journal: 'rollback' }), `file:${path}`);
      remotes.push(remote);
      return remote;
    },
    close: async () => {
      for (const remote of remotes) await remote.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
});

function pushOfOneCommit(id: string): PushRequest {
  const by = { actor: 'ada', time: 1_700_000_000, offset: 0 };
  const body = encodeCommit({ tree: EMPTY_TREE, parents: [], author: by, committer: by, message: `${id}\n` });
  const oid = hashObject('commit', body);
  const tree = { oid: EMPTY_TREE, type: 'tree' as const, body: new Uint8Array() };
  const edits = [{ name: 'refs/heads/main', expected: null, target: oid }];
  return { id, edits, objects: [tree, { oid, type: 'commit', body }], actors: [] };
}

t.test('a store that somebody works in does not become an origin', async (t) => {
  const path = join(t.testdir(), 'agent.db');
  const store = openStore(path, { create: true });
  store.objects.write({ type: 'blob', body: Buffer.from('work') });
  const remote = fileRemote(store, `file:${path}`);
  await t.rejects(remote.register(), { code: 'ORIGIN_REFUSED', message: path });
  await t.rejects(remote.push(pushOfOneCommit('p')), { code: 'ORIGIN_REFUSED', hint: /agent sync init/ });
  await t.rejects(remote.describe(), { code: 'ORIGIN_REFUSED' });
  await t.rejects(remote.fetch(0), { code: 'ORIGIN_REFUSED' });
  t.equal(store.objects.lastSequence(), 1);
  await remote.close();
});

t.test('the file system decides who may do what', async (t) => {
  const path = join(t.testdir(), 'origin.db');
  const remote = fileRemote(openStore(path, { create: true }), `file:${path}`);
  t.teardown(() => remote.close());
  await remote.register();
  t.strictSame(await remote.members(), [{ userId: 'everyone', role: 'owner' }]);
  await t.rejects(remote.setMember('ada', 'reader'), { code: 'ORIGIN_REFUSED', hint: /permissions/ });
});

t.test('the origin keeps a log of who pushed what', async (t) => {
  const path = join(t.testdir(), 'origin.db');
  const store = openStore(path, { create: true });
  const remote = fileRemote(store, `file:${path}`);
  t.teardown(() => remote.close());
  await remote.register();
  const request = pushOfOneCommit('push-1');
  await remote.push(request);
  const [entry, ...others] = store.refs.reflog('refs/heads/main');
  t.match(entry, { actor: 'ada', from: null, to: request.edits[0]!.target, message: 'push push-1' });
  t.strictSame(others, []);
});

t.test(
  'a file that is locked or damaged is an origin that does not answer or fails, and the message names it',
  async (t) => {
    const path = join(t.testdir(), 'origin.db');
    const remote = fileRemote(
      openStore(path, { create: true, journal: 'rollback', busyTimeoutMs: 10 }),
      `file:${path}`,
    );
    t.teardown(() => remote.close());
    await remote.register();
    const other = new Database(path);
    other.exec('begin exclusive');
    await t.rejects(remote.push(pushOfOneCommit('p')), {
      code: 'ORIGIN_UNREACHABLE',
      message: path,
      hint: /Nothing was changed/,
    });
    await t.rejects(remote.describe(), { code: 'ORIGIN_UNREACHABLE' });
    other.exec('rollback');
    t.equal((await remote.push(pushOfOneCommit('p'))).status, 'accepted');
    other.exec(`update objects set body = x'00', size = 5 where type = 'commit'`);
    other.close();
    await t.rejects(remote.fetch(0), { code: 'ORIGIN_FAILED', message: path });
  },
);
