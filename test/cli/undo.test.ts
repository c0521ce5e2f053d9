import { readFileSync } from 'node:fs';
import t from 'tap';
import { recordedCommand } from '../../lib/cli/recorded-command.js';
import { enqueue, listArtifacts, push, undo } from '../../lib/index.js';
import { commit, OTHER, pair, STORY } from '../e2e/pair.js';
import { killedBeforeWriting } from '../repo/sync/with-event.js';
import { Shell } from './shell.js';

t.test('undoing a command does not undo what had waited in the queue for it', async (t) => {
  const { ada, ben } = await pair(t);
  await commit(ada, STORY, 'DRAFT', 'COMMITTED');
  await ada.run(push);
  await commit(ben, OTHER, 'DRAFT', 'COMMITTED');
  await ben.run((repo) => enqueue(repo, { do: 'pull', rebase: true }));
  const shell = new Shell(t, { folder: ben.root, env: ben.env });
  const made = await shell.run("agent new-story 'Three' --prefix SYNC");
  t.equal(made.code, 0, made.out + made.err);
  const heads = () => ben.run((repo) => listArtifacts(repo).map(({ id, state }) => `${id} ${state}`));
  t.strictSame(await heads(), ['SYNC-001 COMMITTED', 'SYNC-002 COMMITTED', 'SYNC-003 DRAFT']);
  t.match((await shell.run('agent sync op log')).out, / {2}sync queue run: /, 'which is an operation of its own');
  const undone = await shell.run('agent sync undo');
  t.equal(undone.code, 0, undone.out + undone.err);
  t.strictSame(await heads(), ['SYNC-001 COMMITTED', 'SYNC-002 COMMITTED']);
});

t.test('what was done is listed, undone, done again and gone back to', async (t) => {
  const { ben } = await pair(t);
  const shell = new Shell(t, { folder: ben.root, env: ben.env });
  const file = (path: string) => readFileSync(ben.file(path), 'utf8');
  const before = file(STORY);
  const steps: [line: string, code: number, says: string | RegExp][] = [
    ['agent set-state SYNC-001 COMMITTED', 0, 'Changed'],
    [
      'agent sync op log -n 1',
      0,
      /^ {3}3 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}ben {2}set-state SYNC-001 COMMITTED: main \w{7} -> \w{7}, 1 file\n$/,
    ],
    [
      'agent sync undo',
      0,
      /^Undid operation 3 \(set-state SYNC-001 COMMITTED\): .*\n'agent sync undo 4' does it again; .*\n$/,
    ],
    ['agent sync op log -n 2', 0, / {2}sync undo \(undoes 3\): main (.*\n)+.*\(undone by 4\): /],
    [
      'agent sync undo 3',
      128,
      /operation 3 is undone already, by operation 4 \[UNDO_IMPOSSIBLE\]\n.*'agent sync undo 4'/,
    ],
    ['agent sync undo 99', 128, 'there is no operation 99 [OPERATION_UNKNOWN]'],
    ['agent sync undo last', 129, "OP is a whole number from 1 on, not 'last'"],
    ['agent sync undo 4', 0, 'Undid operation 4 (sync undo)'],
    ['agent sync op restore 2', 0, /just after operation 2 .*: 3 operations back\.\n'agent sync undo 6' goes forward/],
    ['agent sync op restore 2', 0, 'already'],
    ['agent sync fsck', 0, 'all is well'],
  ];
  for (const [line, code, says] of steps) {
    const ran = await shell.run(line);
    t.equal(ran.code, code, line, { ...ran });
    t.match(ran.out + ran.err, says, line);
  }
  t.equal(file(STORY), before);

  await shell.run('agent set-state SYNC-002 COMMITTED');
  await ben.run(push);
  t.match(
    (await shell.run('agent sync undo')).out,
    /^It was pushed, so that a new commit takes back .*'agent sync push' sends/s,
  );
  t.match(file(OTHER), 'DRAFT');
  t.match(
    (await shell.run('agent sync undo')).out,
    /nothing to take back of operation 7 /,
    'the commit is taken back with the push',
  );
  const { operations } = JSON.parse((await shell.run('agent sync op log --json')).out);
  t.match(operations.at(-1), { id: 1, command: 'sync init', author: 'ben', undoneBy: null });
});

t.test('the log of operations keeps no secret and no long line', async (t) => {
  const rows: [argv: string[], line: string][] = [
    [['sync', 'pull', '--json'], 'sync pull'],
    [['new-story', 'A  longer\ntitle', '--prefix', 'SYNC'], "new-story 'A longer title' --prefix SYNC"],
    [['sync', 'import', '--base', 'https://ada:pass@host/a?key=1#x'], 'sync import --base https://host/a'],
    [['edit', 'eyJhbGciOi.eyJzdWIi.c2ln', 'sb_secret_abc'], 'edit (key) (key)'],
  ];
  const asItIs = (text: string) => text;
  for (const [argv, line] of rows) t.equal(recordedCommand(argv, asItIs), line);
  t.equal(recordedCommand(['edit', 'x'.repeat(1000)], asItIs).length, 200);
  const long = ['new-plan', `${'x'.repeat(180)} ask jane.doe@acme-works.com`];
  t.match(
    recordedCommand(long, (text) => text.replace('jane.doe@acme-works.com', 'NOBODY')),
    / ask NOBO…$/,
  );
});

t.test('an undo that was killed is finished by the next one, which goes no further', async (t) => {
  const { ben } = await pair(t);
  const before = ben.read(STORY);
  const shell = new Shell(t, { folder: ben.root, env: ben.env });
  await shell.run('agent set-state SYNC-002 COMMITTED; agent set-state SYNC-001 COMMITTED');
  await t.rejects(ben.run((repo) => undo({ ...repo, worktree: killedBeforeWriting(repo.worktree) })));
  t.not(ben.read(STORY), before);
  const { out, code } = await shell.run('agent sync undo');
  t.equal(code, 0);
  t.match(out, /^Finished operation 5, which was interrupted/);
  t.equal(ben.read(STORY), before);
  t.match(ben.read(OTHER), 'COMMITTED');
});
