import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  checkDisk,
  checkHistory,
  enqueue,
  fsck,
  importArtifacts,
  listQueue,
  log,
  pull,
  push,
  runQueue,
  type SyncError,
  scrubDisk,
  scrubHistory,
  setState,
  status,
  undo,
} from '../../../lib/index.js';
import { currentActor } from '../../../lib/repo/actor.js';
import { headCommit, treeOf } from '../../../lib/repo/history/head.js';
import { writeCommit } from '../../../lib/repo/history/move-head.js';
import type { Developer } from '../../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../../e2e/pair.js';
import { everything } from './everything.js';

const MAIL = 'jane.doe@acme-works.com';

/** Nothing is looked for, until sync.yaml is as it was. */
async function unguarded(who: Developer, work: () => Promise<unknown>): Promise<void> {
  const yaml = join(who.root, '.agent/etc/sync.yaml');
  const before = readFileSync(yaml, 'utf8');
  who.configure('privacy:\n  detectors: { email: off, secret: off }\n');
  await work();
  writeFileSync(yaml, before);
}

const refused = (who: Developer): Promise<SyncError> =>
  who.run(push).then(
    (result) => t.fail(`pushed: ${result.status}`) as never,
    (error) => error,
  );

t.test('push refuses what slipped through, before anything is sent', async (t) => {
  const { ada, ben } = await pair(t);
  await unguarded(ben, () => commit(ben, STORY, 'Two.', `Ask ${MAIL}.`));
  await commit(ben, OTHER, 'Two.', 'Second.');
  const error = await refused(ben);
  const [, slipped] = await ben.run((repo) => log(repo));
  t.match(error, { code: 'CONTENT_BLOCKED', hint: /scrub --history/ });
  t.match(error.message, `${STORY}:10:5: e-mail address (email), in commit ${slipped!.oid.slice(0, 7)}`);
  t.notMatch(error.message + error.hint, 'acme-works', 'and does not repeat it');
  t.notMatch(
    await ada.run(async (repo) => (await pull(repo)).merged),
    { status: 'fast-forward' },
    'the origin has none of it',
  );
  await ben.run((repo) => enqueue(repo, { do: 'push' }));
  await ben.run((repo) => runQueue(repo));
  t.match(
    await ben.run(listQueue),
    [{ status: 'blocked', failure: { code: 'CONTENT_BLOCKED' } }],
    'nor does the queue',
  );
  ben.configure('privacy:\n  allow: { values: [jane.doe@acme-works.com] }\n');
  t.match(await ben.run(push), { status: 'pushed' }, 'what is allowed by then may go');
});

t.test('push refuses the keys of the project, whatever sync.yaml or the text allow', async (t) => {
  const key = 'canary anon+key/4711?';
  const forms: [form: string, text: string][] = [
    ['as it is', `the key is ${key}`],
    ['in base64', Buffer.from(`apikey: ${key}`).toString('base64')],
    ['in a URL', `?apikey=${encodeURIComponent(key)}`],
  ];
  const { ben } = await pair(t);
  ben.env.AGENT_SYNC_PASSPHRASE = key;
  ben.configure('privacy:\n  detectors: { secret: off }\n  allow: { paths: [stories/] }\n');
  for (const [i, [form, text]] of forms.entries()) {
    await commit(ben, STORY, ['Two.', 'Three.', 'Four.'][i]!, `<!-- agent-sync: allow-file secret --> ${text}`);
    const error = await refused(ben);
    t.match(error, { code: 'CONTENT_BLOCKED', message: 'a key, token or passphrase of this project (secret)' }, form);
    t.notMatch(error.message, text, `${form}, and does not repeat it`);
    await ben.run(scrubHistory);
  }
  t.match(await ben.run(push), { status: 'pushed' }, 'rewritten, it may go');
});

t.test('scrub --history rewrites what was never pushed', async (t) => {
  const { ada, ben } = await pair(t);
  await commit(ada, OTHER, 'Five.', 'Fifth.');
  await ada.run(push);
  await unguarded(ben, async () => {
    await commit(ben, STORY, 'Two.', `Ask ${MAIL}.`);
    await ben.run(async (repo) => {
      const head = headCommit(repo.store)!;
      const actor = await currentActor(repo);
      writeCommit(repo, { tree: treeOf(repo.store, head)!, parents: [head], message: `Ask ${MAIL}`, actor });
    });
    await ben.run(pull);
  });
  await ben.run((repo) => setState(repo, OTHER, 'COMMITTED'));
  const before = await ben.run((repo) => log(repo));
  t.match(await ben.run(checkHistory), {
    own: [{ where: 'text', path: STORY }, { where: 'message' }],
    pushed: { length: 0 },
  });

  const { rewritten, erased } = await ben.run(scrubHistory);
  t.match(rewritten, { from: before[0]!.oid, commits: 4 }, 'the two, the merge, and what came after');
  t.ok(erased);
  t.notMatch(await ben.run(everything), /acme-works/, 'the store has none of it, in no file');
  const after = await ben.run((repo) => log(repo));
  // Commits side by side are listed in the order of their ids, which are others now.
  const facts = (commits: typeof after) =>
    commits.map(({ author, time, message }) => `${author} ${time} ${message.replace(MAIL, 'REDACTED-EMAIL')}`).sort();
  t.strictSame(facts(after), facts(before), 'authors, times and the rest of messages stay');
  t.match(
    after.find(({ parents }) => parents.length === 2),
    { parents: { length: 2 } },
    'a merge stays one',
  );
  t.strictSame((await ben.run((repo) => fsck(repo.store))).problems, []);
  t.match(await ben.run(status), { disk: { length: 0 } });
  t.match(await ben.run((repo) => undo(repo)), { status: 'nothing-to-undo' }, 'nothing brings it back');
  t.match(await ben.run(scrubHistory), { rewritten: null }, 'once');
  t.match(await ben.run(push), { status: 'pushed' });
  await ada.run(pull);
  t.match(ada.read(STORY), 'Ask REDACTED-EMAIL.');
});

t.test('what was pushed is not rewritten, but named', async (t) => {
  const { ada, ben } = await pair(t);
  await unguarded(ben, async () => {
    await commit(ben, STORY, 'Two.', `Ask ${MAIL}.`);
    await ben.run(push);
  });
  const head = await ben.run((repo) => repo.store.refs.get('HEAD'));
  t.match(await ben.run(scrubHistory), {
    own: { length: 0 },
    rewritten: null,
    pushed: [{ path: STORY, commit: head }],
  });
  t.equal(await ben.run((repo) => repo.store.refs.get('HEAD')), head);
  await commit(ada, OTHER, 'Five.', 'Fifth.');
  await ada.run(pull);
  t.match(await ada.run(push), { status: 'pushed' }, 'and keeps nobody from merging it and pushing');
  t.match(await ben.run(status), { disk: [{ path: STORY }] }, 'what is on disk comes to something else now');
  await ben.run(importArtifacts);
  await ben.run(pull);
  t.match(await ben.run(push), { status: 'pushed' }, 'and can be taken out of the newest version');
});

t.test('what the origin holds is sent by nobody again within a merge of their own', async (t) => {
  const { ada, ben } = await pair(t);
  await unguarded(ben, async () => {
    await commit(ben, STORY, 'Two.', `Ask ${MAIL}.`);
    await ben.run(push);
  });
  await commit(ada, STORY, 'Four.', 'Fourth.');
  t.match(await ada.run(pull), { merged: { status: 'merged' } });
  t.match(await refused(ada), { code: 'CONTENT_BLOCKED', hint: /scrub --history/ });
  t.match(await ada.run(scrubHistory), { own: { length: 1 }, pushed: { length: 1 }, rewritten: { commits: 1 } });
  t.match(await ada.run(push), { status: 'pushed' });
  await ben.run(importArtifacts);
  await ben.run(pull);
  t.match(ben.read(STORY), 'Ask REDACTED-EMAIL.');
  t.match(ben.read(STORY), 'Fourth.', 'and both have the work of both');
});

t.test('scrub writes the files as the store has them', async (t) => {
  const { ben } = await pair(t);
  ben.configure('privacy:\n  detectors: { phone: block }\n');
  ben.edit(STORY, 'Two.', `Ask ${MAIL}, +49 1512 3456789, at 93.184.216.34.`);
  ben.edit(OTHER, 'Two.', MAIL);
  const { findings } = await ben.run((repo) => checkDisk(repo, [STORY]));
  t.strictSame(
    findings.map(({ path, detector, action }) => [path, detector, action]),
    [
      [STORY, 'email', 'redact'],
      [STORY, 'phone', 'block'],
      [STORY, 'ip', 'warn'],
    ],
    'what is there can be asked',
  );
  t.match(ben.read(STORY), MAIL, 'which changes nothing');
  const result = await ben.run((repo) => scrubDisk(repo, [STORY]));
  t.match(result, { rewritten: [STORY], imported: { status: 'imported' } });
  t.match(ben.read(STORY), 'Ask REDACTED-EMAIL, REDACTED-PHONE, at 93.184.216.34.', 'what is blocked as well');
  t.match(ben.read(OTHER), MAIL, 'and no other file');
  t.match(await ben.run((repo) => scrubDisk(repo)), { rewritten: [OTHER] });
  t.match(await ben.run((repo) => scrubDisk(repo)), { rewritten: { length: 0 }, imported: { status: 'unchanged' } });
  await t.rejects(
    ben.run((repo) => scrubDisk(repo, ['plans/none.md'])),
    { code: 'FILE_NOT_FOUND' },
  );
});
