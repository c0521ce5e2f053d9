import { randomUUID } from 'node:crypto';
import t from 'tap';
import {
  continueMerge,
  fetch,
  fsck,
  importArtifacts,
  listArtifacts,
  log,
  newArtifact,
  pull,
  push,
  removeArtifact,
  resolveConflict,
  type SyncError,
  setMember,
  setState,
  status,
} from '../../lib/index.js';
import { runText } from '../cli/command-line.js';
import { withEmbeddedOrigin } from '../origin/with-origin.js';
import { Developer, storyText } from './developer.js';

const STORY = 'stories/SYNC/SYNC-001-share.md';

t.test('two developers share artifacts through a real origin', async (t) => {
  const origin = await withEmbeddedOrigin(t);
  const project = `project-${randomUUID()}`;
  const join = async (name: string) => {
    const user = await origin.addUser(name);
    const env = { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: user.token };
    return { user, developer: new Developer(t, name, env) };
  };
  const { developer: ada, user: adaUser } = await join('ada');
  const { developer: ben, user: benUser } = await join('ben');
  const { developer: eve } = await join('eve');

  await t.test('Ada makes the project, imports and pushes', async (t) => {
    const { joined } = await ada.init({ origin: origin.url, project });
    t.match(joined, { created: true, role: 'owner' });
    ada.write(STORY, storyText('SYNC-001', 'Share'));
    ada.write('plans/SYNC/SYNC-001-plan.md', '# SYNC-001: Plan\n\nStatus: PROPOSED\n');
    t.match(await ada.run(importArtifacts), { status: 'imported' });
    t.match(await ada.run(push), { status: 'pushed', commits: 1 });
    t.match(await ada.run(push), { status: 'up-to-date' }, 'pushing again is nothing to do');
  });

  await t.test('Ben is no member yet, and gets in when Ada says so', async (t) => {
    await t.rejects(ben.init({ origin: origin.url, project }), { code: 'ORIGIN_REFUSED' });
    await ada.run((repo) => setMember(repo, benUser.userId, 'writer'));
    const { joined } = await ben.init({ origin: origin.url, project });
    t.match(joined, { created: false, role: 'writer' });
    const { merged } = await ben.run(pull);
    t.match(merged, { status: 'fast-forward' });
    t.equal(ben.read(STORY), ada.read(STORY), 'and has the Story on disk, byte for byte');
    t.match(await ben.run(listArtifacts), [
      { path: 'plans/SYNC/SYNC-001-plan.md', state: 'PROPOSED', version: 1, authorName: 'ada' },
      { path: STORY, state: 'DRAFT', version: 1, authorName: 'ada' },
    ]);
  });

  await t.test('members come and go by what owners type', async (t) => {
    const { developer: grace, user } = await join('grace');
    const init = `agent sync init --origin ${origin.url} --project ${project}`;
    const rows: { who: Developer; line: string; code?: number; says: string[] }[] = [
      {
        who: ben,
        line: `agent sync members add ${user.email}`,
        code: 128,
        says: ['[ORIGIN_REFUSED]', 'needs the role owner'],
      },
      { who: grace, line: init, code: 128, says: ['[ORIGIN_REFUSED]'] },
      {
        who: ada,
        line: `agent sync members add ${user.email} --role reader`,
        says: [`${user.email} is invited as reader until 20`, 'agent sync init'],
      },
      {
        who: ada,
        line: `agent sync members add ${user.email}`,
        code: 128,
        says: ['[MEMBER_EXISTS]', 'they have the role reader already', 'set-role'],
      },
      { who: ada, line: `agent sync members set-role ${user.email} writer`, says: ['invited as writer'] },
      {
        who: ada,
        line: 'agent sync members',
        says: [`writer  ${user.email} (invited until 20`, `owner   ${adaUser.userId}\n`],
      },
      { who: ben, line: 'agent sync members list', says: [`writer  ${benUser.userId}\n`] },
      { who: grace, line: init, says: [`Joined project '${project}'`, 'as writer'] },
      { who: ada, line: `agent sync members set-role ${user.email} reader`, says: [`${user.userId} is reader now.`] },
      { who: ada, line: `agent sync members add ${user.userId}`, code: 128, says: ['[MEMBER_EXISTS]'] },
      { who: ada, line: `agent sync members remove ${user.email}`, says: [`${user.userId} is no member any more.`] },
      {
        who: ada,
        line: `agent sync members remove ${user.email}`,
        code: 128,
        says: ['[MEMBER_UNKNOWN]', 'agent sync members'],
      },
      { who: ada, line: `agent sync members set-role ${user.userId} owner`, code: 128, says: ['[MEMBER_UNKNOWN]'] },
      {
        who: ada,
        line: `agent sync members add ${user.email} --json`,
        says: ['"status":"invited"', '"expiresAt":"20'],
      },
      { who: ada, line: `agent sync members remove ${user.email}`, says: [`${user.email} is no longer invited.`] },
      { who: grace, line: 'agent sync fetch', code: 128, says: ['[ORIGIN_REFUSED]'] },
    ];
    for (const { who, line, code = 0, says } of rows) {
      const ran = await runText(line.split(' ').slice(1), { cwd: who.root, env: who.env });
      t.equal(ran.code, code, `${line}: ${ran.err}`);
      for (const words of says)
        t.ok(
          `${ran.out}${ran.err}`.replaceAll('": ', '":').includes(words),
          `${line} says ${words}: ${ran.out}${ran.err}`,
        );
    }
  });

  await t.test("changes of different lines merge by themselves, and both get each other's", async (t) => {
    ada.edit(STORY, 'One.', 'One, by Ada.');
    await ada.run(importArtifacts);
    await ada.run(push);
    ben.edit(STORY, 'Five.', 'Five, by Ben.');
    await ben.run(importArtifacts);
    t.match(
      await ben.run(push),
      { status: 'rejected', reason: 'fetch-first' },
      'a push that would lose work is refused',
    );
    t.match((await ben.run(pull)).merged, { status: 'merged' });
    t.match(await ben.run(push), { status: 'pushed', commits: 2 });
    await ada.run(pull);
    t.match(ada.read(STORY), /One, by Ada\.[\s\S]*Five, by Ben\./);
    t.equal(ada.read(STORY), ben.read(STORY));
  });

  await t.test('changes of the same line stop for a person', async (t) => {
    await ada.run((repo) => setState(repo, 'story/SYNC-001', 'COMMITTED'));
    await ada.run(push);
    ben.edit(STORY, 'DRAFT', 'REVIEW_NEEDED');
    await ben.run(importArtifacts);
    t.match((await ben.run(pull)).merged, { status: 'conflicted', conflicts: [{ path: STORY, kind: 'content' }] });
    t.match(ben.read(STORY), /<<<<<<< HEAD\nREVIEW_NEEDED\n=======\nCOMMITTED\n>>>>>>> origin\/main\n/);
    await t.rejects(ben.run(push), { code: 'MERGE_IN_PROGRESS' }, 'nothing can be pushed meanwhile');
    await t.rejects(ben.run(importArtifacts), { code: 'MERGE_IN_PROGRESS' });
    await t.rejects(ben.run(continueMerge), { code: 'MERGE_UNRESOLVED' });
    t.match(await ben.run(status), { merging: true, conflicts: [{ path: STORY }] });

    const answer = Buffer.from(ben.read(STORY).replace(/<<<<<<<[\s\S]*>>>>>>> .*\n/, 'COMMITTED\n'));
    await ben.run((repo) => resolveConflict(repo, 'SYNC-001', { bytes: answer }));
    await ben.run(continueMerge);
    t.match(await ben.run(push), { status: 'pushed' });
    await ada.run(pull);
    t.equal(ada.read(STORY), ben.read(STORY));
  });

  await t.test("the origin issues ids, each once, and a Runbook takes its Story's", async (t) => {
    const wanted = { kind: 'story', prefix: 'SYNC' } as const;
    const first = await ada.run((repo) => newArtifact(repo, { ...wanted, title: 'From Ada' }));
    const second = await ben.run((repo) => newArtifact(repo, { ...wanted, title: 'From Ben' }));
    t.strictSame([first.id, second.id], ['SYNC-002', 'SYNC-003']);
    t.match(second.push, { status: 'pushed' });
    const runbook = await ben.run((repo) => newArtifact(repo, { kind: 'runbook', title: 'How', story: 'SYNC-002' }));
    t.equal(runbook.id, 'SYNC-002');
    const again = ada.run((repo) => newArtifact(repo, { kind: 'runbook', title: 'How again', story: 'SYNC-002' }));
    await t.rejects(again, { code: 'ID_TAKEN' });
  });

  await t.test('a removed artifact is gone for both, its history is not', async (t) => {
    await ada.run(pull);
    await ada.run((repo) => removeArtifact(repo, 'plan/SYNC-001'));
    await ada.run(push);
    await ben.run(pull);
    t.notOk((await ben.run(listArtifacts)).some(({ kind }) => kind === 'plan'));
    const history = await ben.run((repo) => log(repo, { artifact: 'plans/SYNC/SYNC-001-plan.md' }));
    t.strictSame(
      history.map(({ message, author }) => [message.trim(), author]),
      [
        ['Remove SYNC-001', 'ada'],
        ['Import 2 artifacts', 'ada'],
      ],
    );
  });

  await t.test('both ended with the same, and sound, stores', async (t) => {
    const facts = (developer: Developer) =>
      developer.run((repo) => ({
        status: status(repo),
        rows: listArtifacts(repo),
        problems: fsck(repo.store).problems,
      }));
    const [hers, his] = [await facts(ada), await facts(ben)];
    t.equal(hers.status.head, his.status.head);
    t.strictSame(hers.rows, his.rows, 'versions, times and authors included');
    t.strictSame([...hers.problems, ...his.problems], []);
    t.strictSame([hers.status.disk, his.status.disk], [[], []], 'and nothing on disk that is not stored');
  });

  await t.test('Eve, who is no member, can read and write nothing', async (t) => {
    await t.rejects(eve.init({ origin: origin.url, project }), { code: 'ORIGIN_REFUSED' });
    eve.write(STORY, storyText('SYNC-001', 'Mine now'));
    await eve.run(importArtifacts);
    await t.rejects(eve.run(fetch), { code: 'ORIGIN_REFUSED' });
    await t.rejects(eve.run(push), { code: 'ORIGIN_REFUSED' });
    await t.rejects(eve.run(pull), { code: 'ORIGIN_REFUSED' });
    const elsewhere = new Developer(t, 'anon', { SUPABASE_ANON_KEY: 'sb_publishable_wrong' });
    const failure = await elsewhere.init({ origin: origin.url, project }).catch((error: SyncError) => error);
    t.match(failure, { code: 'ORIGIN_REFUSED' }, 'nor can a wrong key');
    t.notMatch((failure as SyncError).message, /sb_publishable_wrong/, 'which is not repeated');
  });
});
