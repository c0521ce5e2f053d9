/** Editors, remembered resolutions and the commands that ask, at a terminal. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readCommit } from '../../lib/core/object/read.js';
import { type FileVersion, fetch, importArtifacts, pull, push, setMember, status } from '../../lib/index.js';
import { writeTree } from '../../lib/repo/history/write-tree.js';
import { withEmbeddedOrigin } from '../origin/with-origin.js';
import {
  aboutToConflict,
  answer,
  COMMIT,
  CTRL_C,
  changeStory,
  FIRST,
  GO_ON,
  GONE,
  LINES,
  prepareConflicts,
  SECOND,
  STORY,
  THIRD,
  terminal,
} from './conflicts.js';
import { Developer, storyText } from './developer.js';

/**
 * An editor that does one thing after the other: replaces text, or fails.
 *
 * @returns the environment to run in, and what it was given each time
 */
function scriptedEditor(who: Developer, edits: readonly ((text: string) => string | null)[]) {
  const script = join(who.root, 'editor.mjs');
  const log = join(who.root, 'edited.json');
  writeFileSync(log, '[]');
  writeFileSync(
    script,
    `import { readFileSync, writeFileSync } from 'node:fs';
    const edits = [${edits.join(', ')}];
    const given = JSON.parse(readFileSync(${JSON.stringify(log)}, 'utf8'));
    const path = process.argv.at(-1);
    const text = readFileSync(path, 'utf8');
    writeFileSync(${JSON.stringify(log)}, JSON.stringify([...given, text]));
    const edited = edits[given.length](text);
    if (edited === null) process.exit(3);
    writeFileSync(path, edited);`,
  );
  const given = (): string[] => JSON.parse(readFileSync(log, 'utf8'));
  return { env: { EDITOR: `'${process.execPath}' '${script}'` }, given };
}

t.test('a hunk is edited in $EDITOR, until what comes back can be taken', async (t) => {
  const { bob } = await aboutToConflict(t);
  const editor = scriptedEditor(bob, [
    (text) => `${text}Typed so far.\n`,
    () => null,
    (text) => text.replace(/^(<|\||=|>).*\n/gm, '').replace('One.\n', ''),
  ]);
  const at = terminal(t, bob, 'sync pull', editor.env);
  await answer(at, [[FIRST, 'e']]);
  await at.sees('That cannot be taken: there are still markers in it.');
  await answer(at, [[FIRST, 'e']]);
  await at.sees('error: the editor');
  await answer(at, [
    [FIRST, 'e'],
    [SECOND, 'o'],
    [THIRD, 'o'],
    [COMMIT, 'y'],
  ]);
  t.equal((await at.ends()).code, 0);
  const marked = '<<<<<<< ours\nOne, by Bob.\n||||||| base\nOne.\n=======\nOne, by Ada.\n>>>>>>> theirs\n';
  const draft = `${marked}Typed so far.\n`;
  t.strictSame(editor.given(), [marked, draft, draft], 'what was typed is there again');
  t.match(bob.read(STORY), '\nOne, by Bob.\nOne, by Ada.\nTyped so far.\nTwo.\n');
});

t.test('a file that was edited by hand is not overwritten by an answer', async (t) => {
  const { bob } = await aboutToConflict(t);
  await bob.run(pull);
  bob.edit(STORY, 'Four.', 'Four, typed meanwhile.');
  const typed = bob.read(STORY);
  const at = terminal(t, bob, 'sync resolve');
  await answer(at, [[FIRST, 'o']]);
  await at.sees("error: 'stories/SHOP/SHOP-001-cart.md' was edited since the merge wrote it");
  await answer(at, [[FIRST, 'q']]);
  t.match(await at.ends(), { code: 1, rest: '2 conflicts left.' });
  t.equal(bob.read(STORY), typed);
});

t.test('a resolution seen before is offered again', async (t) => {
  const { ada, bob } = await aboutToConflict(t, 'merge:\n  rerere: true\n');
  const editor = scriptedEditor(bob, [() => 'One, by both.\n']);
  const first = terminal(t, bob, 'sync pull', editor.env);
  t.notMatch(await first.sees('Which lines?'), 'resolved before');
  await first.answers('(otubesq', 'e\r');
  await answer(first, [
    [SECOND, 'u'],
    [THIRD, 'o'],
    [COMMIT, 'y'],
  ]);
  t.equal((await first.ends()).code, 0);

  const other = 'stories/SHOP/SHOP-003-till.md';
  await bob.run(push);
  await ada.run(pull);
  ada.write(other, storyText('SHOP-003', 'Till', LINES));
  await ada.run(importArtifacts);
  await ada.run(push);
  await bob.run(pull);
  changeStory(ada, other, 'Bob');
  await ada.run(importArtifacts);
  await ada.run(push);
  changeStory(bob, other, 'Ada');
  await bob.run(importArtifacts);

  const again = terminal(t, bob, 'sync pull');
  const shown = (await again.sees('Which lines?')).replaceAll('\r\n', '\n');
  t.match(shown, '\nIt was resolved before as\nOne, by both.\n', 'also when it is met from the other side');
  await again.answers('(rotubesq', 'r\r');
  await answer(again, [
    ['hunk 2 of 2, conflict 1 of 1', 'r'],
    [COMMIT, 'y'],
  ]);
  t.equal((await again.ends()).code, 0);
  t.match(bob.read(other), /\nOne, by both\.\nTwo\.[\s\S]*Six\.\nSeven, by Bob\.\nSeven, by Ada\.\n$/);
});

t.test('a push that is behind offers to pull, and goes on after the merge', async (t) => {
  const { ada, bob } = await aboutToConflict(t);
  const refused = terminal(t, bob, 'sync push');
  await refused.sees('[rejected]');
  await refused.answers('Pull now, and push again?', 'n\r');
  t.equal((await refused.ends()).code, 1);
  const interrupted = terminal(t, bob, 'sync push');
  await interrupted.answers('Pull now, and push again?', CTRL_C);
  const { code, rest } = await interrupted.ends();
  t.equal(code, 130);
  t.match(rest, 'interrupted; nothing was pushed');
  t.match(await bob.run(status), { merging: false, head: await bob.run((repo) => repo.store.refs.get('HEAD')) });

  const at = terminal(t, bob, 'sync push');
  await at.answers('Pull now, and push again?', 'y\r');
  await answer(at, [
    [FIRST, 'u'],
    [SECOND, 'u'],
    [THIRD, 'o'],
    [COMMIT, 'y'],
  ]);
  const ended = await at.ends();
  t.equal(ended.code, 0);
  t.match(ended.rest, /Committed the merge as [\s\S]*Pushed 2 commits/);
  await ada.run(pull);
  t.equal(ada.read(STORY), bob.read(STORY));
});

t.test('a merge of a revision asks as a pull does', async (t) => {
  const { bob } = await aboutToConflict(t);
  await bob.run(fetch);
  const at = terminal(t, bob, 'sync merge origin/main');
  await answer(at, [
    [FIRST, 't'],
    [SECOND, 't'],
    [THIRD, 'o'],
    [COMMIT, 'y'],
  ]);
  t.match(await at.ends(), { code: 0, rest: 'Committed the merge as ' });
  t.match(await bob.run(status), { merging: false, behind: 0 });
});

t.test('a rebase asks wherever it stops, until it is done', async (t) => {
  const { ada, bob } = await aboutToConflict(t);
  bob.edit(STORY, 'Seven, by Bob.', 'Seven, by Bob again.');
  await bob.run(importArtifacts);
  const at = terminal(t, bob, 'sync pull --rebase');
  await answer(at, [
    [FIRST, 'u'],
    [SECOND, 'o'],
    [THIRD, 'o'],
    [GO_ON, 'n'],
  ]);
  t.match(await at.ends(), { code: 1, rest: "Go on with 'agent sync rebase --continue'." });
  const later = terminal(t, bob, 'sync resolve');
  await answer(later, [[GO_ON, 'y']]);
  await later.sees('Could not replay ');
  await answer(later, [
    ['story/SHOP-001 Cart: hunk 1 of 1, conflict 1 of 1', 't'],
    [GO_ON, 'y'],
  ]);
  t.match(await later.ends(), { code: 0, rest: /Rebased 2 commits; HEAD is at / });
  t.match(await bob.run(status), { merging: false, ahead: 2, behind: 0, disk: { length: 0 } });
  t.match(bob.read(STORY), /\nOne, by Ada\.\nOne, by Bob\.\nTwo\.[\s\S]*\nSeven, by Bob again\.\n$/);
  await bob.run(push);
  await ada.run(pull);
  t.equal(ada.read(STORY), bob.read(STORY));
});

t.test(
  'where the lines merged and something else is in question, the merged text can be taken or edited',
  async (t) => {
    const text = (state: string, line: string) => storyText('SHOP-001', 'Cart', [line]).replace('DRAFT', state);
    const editor = (who: Developer) => scriptedEditor(who, [(given) => given.replace('COMMITTED', 'DONE')]);
    const rows: [string, string][] = [
      ['m', text('COMMITTED', 'Both.')],
      ['e', text('DONE', 'Both.')],
      ['o', text('ACCEPTED', 'Mine.')],
    ];
    for (const [key, expected] of rows) {
      const ada = new Developer(t, 'ada');
      await ada.init();
      ada.write(STORY, text('ACCEPTED', 'Mine.'));
      await ada.run(importArtifacts);
      await ada.run(({ store }) => {
        const version = (contents: string): FileVersion => ({
          mode: '100644',
          oid: store.objects.write({ type: 'blob', body: Buffer.from(contents) }),
        });
        const [base, ours, theirs] = [
          version(text('DRAFT', 'None.')),
          version(text('ACCEPTED', 'Mine.')),
          version(text('COMMITTED', 'Yours.')),
        ];
        const head = store.refs.get('HEAD')!;
        const merged = [{ path: STORY, version: version(text('COMMITTED', 'Both.')) }];
        store.merge.set({
          kind: 'import',
          ours: head,
          theirs: null,
          tree: writeTree(store, readCommit(store.objects, head).tree, merged),
          message: 'Import',
          before: [],
          unfollowed: [{ path: STORY, oid: ours.oid }],
          conflicts: [
            {
              ...{ path: STORY, kind: 'state', base, ours, theirs, hunks: [] },
              ...{ message: 'CONFLICT (state): from ACCEPTED to COMMITTED', answers: [], partial: null },
              resolution: undefined,
            },
          ],
        });
      });
      const at = terminal(t, ada, 'sync resolve', editor(ada).env);
      await at.sees('CONFLICT (state): from ACCEPTED to COMMITTED');
      await at.sees('merged: 9 lines, as on disk');
      await at.answers('(motbesq', `${key}\r`);
      await answer(at, [[COMMIT, 'y']]);
      t.equal((await at.ends()).code, 0);
      t.equal(ada.read(STORY), expected, key);
    }
  },
);

t.test('hunks that share their base go back to it together, now or later', async (t) => {
  const ada = new Developer(t, 'ada');
  await ada.init();
  const common = ['V.', 'W.', 'X.', 'Y.'];
  const versions = [['B.'], ['O.', ...common, 'P.'], ['T.', ...common, 'U.']].map((lines) =>
    storyText('SHOP-001', 'Cart', ['A.', ...lines, 'C.']),
  );
  for (const text of versions.slice(0, 2)) {
    ada.write(STORY, text);
    await ada.run(importArtifacts);
  }
  ada.write(STORY, versions[2]!);
  t.match(await ada.run((repo) => importArtifacts(repo, { base: 'HEAD~1' })), { status: 'conflicted' });
  const [first, second] = [1, 2].map((n) => `hunk ${n} of 2, conflict 1 of 1`) as [string, string];
  const at = terminal(t, ada, 'sync resolve');
  await answer(at, [[first, 'b']]);
  await at.sees('Its base is that of other hunks, too');
  await answer(at, [[second, 's']]);
  t.match(await at.ends(), { code: 1, rest: '1 conflict left.' });
  const later = terminal(t, ada, 'sync resolve');
  await answer(later, [
    [first, 's'],
    [second, 'b'],
    [COMMIT, 'y'],
  ]);
  t.equal((await later.ends()).code, 0);
  t.equal(ada.read(STORY), versions[0]);
});

t.test('an import that stops asks, too', async (t) => {
  const { bob } = await aboutToConflict(t);
  const stored = Buffer.from(bob.read(STORY).replace('Four.', 'Four, in the store.'));
  bob.edit(STORY, 'Four.', 'Four, on disk.');
  await bob.run((repo) => importArtifacts(repo, { document: { path: STORY, bytes: stored } }));
  const at = terminal(t, bob, 'sync import');
  const shown = (await at.sees('Which lines?')).replaceAll('\r\n', '\n');
  t.match(
    shown,
    '<<<<<<< ours (HEAD)\nFour, in the store.\n||||||| base\nFour.\n=======\nFour, on disk.\n>>>>>>> theirs (disk)\n',
  );
  await at.answers('(otubesq', 't\r');
  await answer(at, [[COMMIT, 'y']]);
  t.equal((await at.ends()).code, 0);
  t.match(bob.read(STORY), 'Four, on disk.');
});

t.test('nobody is asked with --json, or without a terminal', async (t) => {
  const { bob } = await aboutToConflict(t);
  const asJson = terminal(t, bob, 'sync pull --json');
  const { code, rest } = await asJson.ends();
  t.equal(code, 1);
  t.match(JSON.parse(rest), { merged: { status: 'conflicted', conflicts: { length: 2 } } });
  const rows: [string, Record<string, string>][] = [
    ['sync resolve --no-interactive', {}],
    ['sync resolve', { GIT_TERMINAL_PROMPT: '0' }],
    ['sync resolve', { TERM: 'dumb' }],
  ];
  for (const [line, env] of rows) t.match(await terminal(t, bob, line, env).ends(), { code: 129, rest: 'USAGE' }, line);
});

t.test('a pull from a real origin walks through its conflicts', async (t) => {
  const origin = await withEmbeddedOrigin(t);
  const join = async (name: string) => {
    const user = await origin.addUser(name);
    const env = { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: user.token };
    return { user, developer: new Developer(t, name, env) };
  };
  const [ada, bob] = [await join('ada'), await join('bob')];
  await ada.developer.init({ origin: origin.url, project: 'shop' });
  await ada.developer.run((repo) => setMember(repo, bob.user.userId, 'writer'));
  const team = await prepareConflicts({ ada: ada.developer, bob: bob.developer }, origin.url);
  const at = terminal(t, team.bob, 'sync pull');
  await answer(at, [
    [FIRST, 'u'],
    [SECOND, 't'],
    [THIRD, 't'],
    [COMMIT, 'y'],
  ]);
  t.equal((await at.ends()).code, 0);
  await team.bob.run(push);
  await team.ada.run(pull);
  t.match(team.ada.read(STORY), /\nOne, by Bob\.\nOne, by Ada\.\nTwo\.[\s\S]*\nSeven, by Ada\.\n$/);
  t.notOk(existsSync(team.ada.file(GONE)));
});
