/** Every way to settle a conflict without asking anybody, with the built command, two stores, and the embedded origin. */
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { fsck, importArtifacts, listArtifacts, pull, push, setMember, status } from '../../lib/index.js';
import { Shell } from '../cli/shell.js';
import { withEmbeddedOrigin } from '../origin/with-origin.js';
import { Developer, storyText } from './developer.js';

/** A way to settle a Story's two conflicts, as somebody types it, and what the Story then says. */
interface Way {
  readonly sentence: string;
  /** `ID` stands for the Story, `FILE` for its file. */
  readonly line: string;
  readonly first: string;
  readonly last: string;
}

const ANSWER = `node answer.mjs ID`;
const WAYS: readonly Way[] = [
  { sentence: 'ours', line: 'agent sync resolve ID --ours', first: 'Ben.', last: 'Last, Ben.' },
  { sentence: 'theirs', line: 'agent sync resolve story/ID --theirs', first: 'Ada.', last: 'Last, Ada.' },
  { sentence: 'base', line: 'agent sync resolve ID --base', first: 'One.', last: 'Last.' },
  { sentence: 'both', line: 'agent sync resolve ID --union', first: 'Ben.\nAda.', last: 'Last, Ben.\nLast, Ada.' },
  {
    sentence: 'hunks at once',
    line: 'agent sync resolve ID --hunk 1=ours --hunk 2=theirs',
    first: 'Ben.',
    last: 'Last, Ada.',
  },
  {
    sentence: 'hunks one after the other',
    line: 'agent sync resolve ID --hunk 2=union && agent sync resolve FILE --hunk 1=base',
    first: 'One.',
    last: 'Last, Ben.\nLast, Ada.',
  },
  {
    sentence: 'the file, edited where it is',
    line: `sed -i '/^<<<<<<</,/^=======/d; /^>>>>>>>/d; s/Ada/Both/' FILE && agent sync resolve ID`,
    first: 'Both.',
    last: 'Last, Both.',
  },
  {
    sentence: 'a file from elsewhere',
    line: `agent sync show origin/main:PATH | sed s/Ada/Elsewhere/ > elsewhere && agent sync resolve ID --file elsewhere`,
    first: 'Elsewhere.',
    last: 'Last, Elsewhere.',
  },
  {
    sentence: 'the output of a program',
    line: 'agent sync show HEAD:PATH | sed s/Ben/Program/ | agent sync resolve ID --file -',
    first: 'Program.',
    last: 'Last, Program.',
  },
  {
    sentence: 'the text of an agent',
    line: `agent sync conflicts ID --json | ${ANSWER} content | agent sync resolve ID --input -`,
    first: 'Agent.',
    last: 'Last, Agent.',
  },
  {
    sentence: 'the hunks of an agent',
    line: `agent sync conflicts --json | ${ANSWER} hunks | agent sync resolve --input -`,
    first: 'Agent.',
    last: 'Last, Ada.',
  },
  {
    sentence: 'one answer after another',
    line: 'agent sync resolve ID --theirs && agent sync resolve ID --hunk 1=ours && agent sync resolve ID --ours',
    first: 'Ben.',
    last: 'Last, Ben.',
  },
  { sentence: 'all that is left', line: 'agent sync resolve --all --theirs', first: 'Ada.', last: 'Last, Ada.' },
];

/** Reads conflicts and answers the one of a Story. */
const AGENT = `
const { conflicts } = JSON.parse(await new Response(process.stdin).text());
const [, , id, how] = process.argv;
const { token, hunks } = conflicts.find(({ artifact, settled }) => artifact.id === id && settled === null);
const lines = ['Two.', 'Three.', 'Four.', 'Five.', 'Six.'].join('\\n');
const content = '# ' + id + ': Way\\n\\n## State\\n\\nDRAFT\\n\\n## Problem Statement\\n\\nAgent.\\n' + lines + '\\nLast, Agent.\\n';
const answers = hunks.map(({ index }) => (index === 1 ? { index, text: 'Agent.\\n' } : { index, take: 'theirs' }));
console.log(JSON.stringify(how === 'content' ? { token, content } : [{ token, hunks: answers }]));
`;

const idOf = (i: number) => `SYNC-${String(i + 1).padStart(3, '0')}`;
const pathOf = (id: string, name = 'way') => `stories/SYNC/${id}-${name}.md`;
const story = (id: string, first: string, last: string) =>
  storyText(id, 'Way', [first, 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', last]);
const REMOVED = 'SYNC-100';
const RENAMED = 'SYNC-101';

t.test('conflicts are settled in every way, committed, pushed, and pulled by the other', async (t) => {
  const origin = await withEmbeddedOrigin(t);
  const project = `resolve-${randomUUID()}`;
  const [ada, ben] = (await Promise.all(
    ['ada', 'ben'].map(async (name) => {
      const { token, userId } = await origin.addUser(name);
      const env = { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: token };
      return { userId, who: new Developer(t, name, env) };
    }),
  )) as [{ userId: string; who: Developer }, { userId: string; who: Developer }];
  const ids = WAYS.map((_, i) => idOf(i));
  const change = async ({ who }: { who: Developer }, name: string) => {
    for (const id of [...ids, ...(name === 'Ben' ? [REMOVED] : [])])
      who.write(pathOf(id), story(id, `${name}.`, `Last, ${name}.`));
    if (name === 'Ada') rmSync(who.file(pathOf(REMOVED)));
    rmSync(who.file(pathOf(RENAMED)));
    who.write(pathOf(RENAMED, name.toLowerCase()), story(RENAMED, 'One.', 'Last.'));
    await who.run(importArtifacts);
  };

  await ada.who.init({ origin: origin.url, project });
  for (const id of [...ids, REMOVED, RENAMED]) ada.who.write(pathOf(id), story(id, 'One.', 'Last.'));
  await ada.who.run(importArtifacts);
  await ada.who.run(push);
  await ada.who.run((repo) => setMember(repo, ben.userId, 'writer'));
  await ben.who.init({ origin: origin.url, project });
  await ben.who.run(pull);
  await change(ada, 'Ada');
  await ada.who.run(push);
  await change(ben, 'Ben');

  const shell = new Shell(t, { folder: ben.who.root, env: ben.who.env });
  writeFileSync(shell.path('answer.mjs'), AGENT);
  t.equal((await shell.run('agent sync pull')).code, 1, 'the pull stops');
  for (const line of ['agent sync push', 'agent sync import', 'agent sync pull', 'agent set-state SYNC-001 DONE'])
    t.match((await shell.run(line)).err, '[MERGE_IN_PROGRESS]', `${line} has to wait`);

  const settle = async (sentence: string, line: string) => {
    const ran = await shell.run(line);
    t.equal(ran.code, 0, sentence, { ...ran });
  };
  await settle('a removal', `agent sync resolve ${REMOVED} --theirs`);
  await settle('a name', `agent sync resolve ${RENAMED} --ours`);
  for (const [i, { sentence, line }] of WAYS.entries()) {
    t.equal((await shell.run('agent sync merge --continue')).code, 128, 'not before the last one is settled');
    const path = pathOf(ids[i]!);
    const typed = line.replaceAll('ID', ids[i]!).replaceAll('FILE', `.agent/cache/${path}`).replaceAll('PATH', path);
    await settle(sentence, typed.replaceAll('node ', `'${process.execPath}' `));
  }
  await settle('nothing is open', 'agent sync conflicts');
  await settle('committed', 'agent sync merge --continue');
  await settle('pushed', 'agent sync push');

  await ada.who.run(pull);
  for (const { who } of [ada, ben]) {
    for (const [i, { sentence, first, last }] of WAYS.entries())
      t.equal(who.read(pathOf(ids[i]!)), story(ids[i]!, first, last), `${who.name} has ${sentence}`);
    const names = [pathOf(REMOVED), ...['way', 'ada', 'ben'].map((name) => pathOf(RENAMED, name))];
    t.strictSame(
      names.filter((path) => existsSync(who.file(path))),
      [pathOf(RENAMED, 'ben')],
    );
    t.match(await who.run(status), { merging: false, ahead: 0, behind: 0, disk: { length: 0 } });
    t.strictSame((await who.run((repo) => fsck(repo.store))).problems, []);
  }
  t.strictSame(await ada.who.run(listArtifacts), await ben.who.run(listArtifacts));
});
