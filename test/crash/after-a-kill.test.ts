import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { storyText } from '../e2e/developer.js';
import { alone, CART, clashing, NEW, PLAN } from './file-origin.js';
import { runKilled } from './scenario.js';
import { Stage } from './stage.js';

function stageOf(t: Test): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'agent-sync-killed-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return new Stage(join(folder, 'stage'));
}

const MOVED = 'after commit in agent.db';

for (const [how, goOn] of [
  ['pull', 'sync merge --continue'],
  ['pull --rebase', 'sync rebase --continue'],
] as const) {
  t.test(`a file edited after a ${how} was killed, and before anything brought the disk along`, async (t) => {
    const stage = stageOf(t);
    await clashing(stage);
    // The last commit is the audit's; the one before says that the disk has followed.
    await runKilled(stage, `sync ${how}`, MOVED, -3);
    const { ada } = stage;
    ada.edit(PLAN, 'Plan', 'Plan by Ada');
    await ada.does('sync resolve --all --ours');
    t.match(ada.read(PLAN), /Plan by Ada[\s\S]*DRAFT/, 'the edit stays');
    const ended = await ada.run(goOn);
    if (ended.code === 128) {
      t.match(ended.output, /plans\/SHOP\/SHOP-001-plan.md/, 'what cannot go on names the file');
      return;
    }
    await ada.does('sync import');
    t.match(ada.read(PLAN), /Plan by Ada[\s\S]*ACCEPTED/, 'and its import reverts nobody');
    await ada.does('sync fsck');
  });
}

t.test('an abort that was killed halfway keeps what somebody had typed', async (t) => {
  const stage = stageOf(t);
  await clashing(stage);
  const { ada } = stage;
  await ada.does('1: sync pull');
  const typed = `${ada.read(CART)}\nTyped by hand.\n`;
  ada.write(CART, typed);
  await runKilled(stage, 'sync merge --abort', /^after renaming to .*cart\.md$/);
  t.notMatch(ada.read(CART), /Typed/, 'the file had been restored already');
  await ada.does('sync merge --abort', 'sync fsck');
  const { output } = await ada.run('sync op log --json');
  t.ok(output, 'and the log of operations is there');
});

t.test('a power cut: what was not written to the end of the log of the database', async (t) => {
  const stage = stageOf(t);
  await alone(stage);
  const { ada } = stage;
  ada.write(NEW, storyText('SHOP-004', 'New'));
  // The last commit is the audit's.
  await runKilled(stage, 'sync import', MOVED, -2);
  const wal = ada.file('agent.db-wal');
  const whole = readFileSync(wal);
  const files = ['agent.db', '.agent-sync-base'].map((path) => [path, readFileSync(ada.file(path))] as const);
  const head = async () => JSON.parse((await ada.run('sync log --json')).output).commits.length as number;
  for (const share of [0.1, 0.35, 0.6, 0.85, 0.99, 1]) {
    for (const [path, bytes] of files) writeFileSync(ada.file(path), bytes);
    rmSync(ada.file('agent.db-shm'), { force: true });
    writeFileSync(wal, whole);
    truncateSync(wal, Math.floor(whole.length * share));
    const { code, output } = await ada.run('sync fsck');
    t.equal(code, 0, `with ${share * 100} % of the log the store is whole: ${output}`);
    t.equal(await head(), share === 1 ? 2 : 1, 'a commit is there, or it is not');
    await ada.does('sync import');
    t.equal(await head(), 2, 'and the import run again makes it');
  }
});
