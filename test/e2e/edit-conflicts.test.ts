/** Conflicts settled in an editor and in the merge tools of git, with the built command. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { continueMerge, pull, resolveConflict, status } from '../../lib/index.js';
import { Shell } from '../cli/shell.js';
import { aboutToConflict, GONE, STORY } from './conflicts.js';
import type { Developer } from './developer.js';

/** Bob, with a merge that stopped, and a shell in his project. */
async function stopped(t: Test): Promise<{ bob: Developer; shell: Shell }> {
  const { bob } = await aboutToConflict(t);
  await bob.run(pull);
  return { bob, shell: new Shell(t, { folder: bob.root, env: bob.env }) };
}

const FIRST = '<<<<<<< HEAD\nOne, by Bob.\n=======\nOne, by Ada.\n>>>>>>> origin/main\n';
const SECOND = '<<<<<<< HEAD\nSeven, by Bob.\n=======\nSeven, by Ada.\n>>>>>>> origin/main\n';
const story = (first: string, second: string) =>
  `# SHOP-001: Cart\n\n## State\n\nDRAFT\n\n## Problem Statement\n\n${first}Two.\nThree.\nFour.\nFive.\nSix.\n${second}`;

/** sed as an editor. */
const sed = (script: string) => `sed -i '${script}'`;
const OURS = '/^=======/,/^>>>>>>>/d; /^<<<<<<</d';

const SURROUNDINGS = {
  FOR_EDITORS: 'yes',
  AGENT_SYNC_PASSPHRASE: 'correct horse battery',
  SUPABASE_ANON_KEY: 'sb_publishable_1',
  SUPABASE_ACCESS_TOKEN: 'a.token.of',
};

t.test('the editor of the environment', async (t) => {
  const { bob, shell } = await stopped(t);
  const rows: { what: string; editor: string; line?: string; code: number; says: string | RegExp; text: string }[] = [
    {
      what: 'an editor that fails leaves all as it is',
      editor: 'false',
      code: 128,
      says: '[EDITOR_FAILED]',
      text: story(FIRST, SECOND),
    },
    {
      what: 'nothing changed, nothing settled',
      editor: 'true',
      code: 1,
      says: `${STORY} stays open`,
      text: story(FIRST, SECOND),
    },
    {
      what: 'what lets somebody in at the origin is not handed on',
      editor: `test -n "$FOR_EDITORS" && test -z "$AGENT_SYNC_PASSPHRASE$SUPABASE_ANON_KEY$SUPABASE_ACCESS_TOKEN"; sh -c "exit $?"`,
      code: 1,
      says: `${STORY} stays open`,
      text: story(FIRST, SECOND),
    },
    {
      what: 'some markers are left: what was typed stays on disk',
      editor: sed('1,/^>>>>>>>/{/^[<=>]\\{7\\}/d}'),
      code: 1,
      says: `${STORY} stays open: markers of the merge are left in it`,
      text: story('One, by Bob.\nOne, by Ada.\n', SECOND),
    },
    {
      what: 'the last markers are gone',
      editor: sed(OURS),
      code: 0,
      says: `Settled ${STORY} with what you made of it.\n1 conflict left.\n`,
      text: story('One, by Bob.\nOne, by Ada.\n', 'Seven, by Bob.\n'),
    },
    {
      what: 'what is settled is not opened again',
      editor: 'false',
      code: 0,
      says: 'No open conflict has lines to edit.\n1 conflict left.\n',
      text: story('One, by Bob.\nOne, by Ada.\n', 'Seven, by Bob.\n'),
    },
    {
      what: 'a removal has no lines',
      editor: 'false',
      line: 'agent sync conflicts --edit SHOP-002',
      code: 0,
      says: 'No open conflict has lines to edit.',
      text: story('One, by Bob.\nOne, by Ada.\n', 'Seven, by Bob.\n'),
    },
  ];
  for (const { what, editor, line = 'agent sync conflicts --edit', code, says, text } of rows) {
    const ran = await shell.run(line, { ...SURROUNDINGS, EDITOR: editor });
    t.equal(ran.code, code, what, { ...ran });
    t.match(ran.out + ran.err, says, `${what}: what it says`);
    t.equal(bob.read(STORY), text, `${what}: the file`);
  }
  await bob.run((repo) => resolveConflict(repo, GONE, 'ours'));
  await bob.run(continueMerge);
  t.equal(bob.read(STORY), story('One, by Bob.\nOne, by Ada.\n', 'Seven, by Bob.\n'));
  t.match(await bob.run(status), { merging: false, disk: { length: 0 } });
  t.match(await shell.run('agent sync conflicts --edit'), { code: 128, err: /MERGE_NOT_IN_PROGRESS/ });
});

t.test("the tool of 'git mergetool'", async (t) => {
  const seen = (name: string) => join(t.testdirName, name);
  t.testdir();
  const copies = ['BASE', 'LOCAL', 'REMOTE', 'MERGED'].map((name) => `cp "$${name}" ${seen(name)}`).join('; ');
  const keepOurs = `sed -i "${OURS}" "$MERGED"`;
  const fake = seen('fake-vim');
  writeFileSync(fake, `#!/bin/sh\nfor file; do :; done\n${sed(OURS)} "$file"\n`);
  chmodSync(fake, 0o755);
  const config = (where: string, settings: Record<string, string>) =>
    Object.entries(settings)
      .map(([key, value]) => `git config ${where} ${key} '${value.replaceAll("'", "'\\''")}'`)
      .join(' && ');
  const ours = story('One, by Bob.\n', 'Seven, by Bob.\n');
  const rows: {
    what: string;
    setUp: string;
    code: number;
    says: string;
    text: string;
    env?: Record<string, string>;
  }[] = [
    {
      what: "a command of one's own",
      setUp: config('--global', {
        'merge.tool': 'mine',
        'mergetool.mine.cmd': `${copies}; ${keepOurs}`,
        'mergetool.mine.trustExitCode': 'true',
      }),
      code: 0,
      says: `Settled ${STORY} with what you made of it.`,
      text: ours,
    },
    {
      what: 'configured in the git repository around the project',
      setUp: `git init -q && ${config('', {
        'merge.tool': 'local',
        'mergetool.local.cmd': keepOurs,
        'mergetool.local.trustExitCode': 'true',
      })}`,
      code: 0,
      says: `Settled ${STORY} with what you made of it.`,
      text: ours,
    },
    {
      what: 'one that git knows, in a place of its own',
      setUp: config('--global', { 'merge.tool': 'vimdiff', 'mergetool.vimdiff.path': fake }),
      code: 0,
      says: `Settled ${STORY} with what you made of it.`,
      text: ours,
      env: { GIT_DIR: '/nonexistent', GIT_WORK_TREE: '/nonexistent' },
    },
    {
      what: 'one that fails',
      setUp: config('--global', {
        'merge.tool': 'mine',
        'mergetool.mine.cmd': `${keepOurs}; false`,
        'mergetool.mine.trustExitCode': 'true',
      }),
      code: 128,
      says: 'Nothing was changed; the conflict is still open.',
      text: story(FIRST, SECOND),
    },
    {
      what: 'one that leaves markers',
      setUp: config('--global', {
        'merge.tool': 'mine',
        'mergetool.mine.cmd': 'sed -i "s/Three/Three and more/" "$MERGED"',
        'mergetool.mine.trustExitCode': 'true',
      }),
      code: 1,
      says: `${STORY} stays open`,
      text: story(FIRST, SECOND).replace('Three', 'Three and more'),
    },
    {
      what: 'one that git does not know',
      setUp: config('--global', { 'merge.tool': 'nonsense' }),
      code: 128,
      says: '[EDITOR_FAILED]',
      text: story(FIRST, SECOND),
    },
  ];
  for (const { what, setUp, code, says, text, env = {} } of rows) {
    const { bob, shell } = await stopped(t);
    await shell.run(setUp);
    const ran = await shell.run('agent sync conflicts --edit SHOP-001', {
      EDITOR: 'false',
      GIT_INDEX_FILE: '/nonexistent',
      ...env,
    });
    t.equal(ran.code, code, what, { ...ran });
    t.match(ran.out + ran.err, says, `${what}: what it says`);
    t.notMatch(ran.out, 'Merging', `${what}: standard output is for the answer`);
    t.equal(bob.read(STORY), text, `${what}: the file`);
  }
  const copied = ['BASE', 'LOCAL', 'REMOTE', 'MERGED'].map((name) => readFileSync(seen(name), 'utf8'));
  const versions = [
    story('One.\n', 'Seven.\n'),
    ours,
    story('One, by Ada.\n', 'Seven, by Ada.\n'),
    story(FIRST, SECOND),
  ];
  t.strictSame(copied, versions, 'the tool has all three versions, and the text with its markers');
});
