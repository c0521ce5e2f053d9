import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from '../paths.js';
import { neighbours, play } from './neighbours.js';
import type { Shell } from './shell.js';

const PLAN = 'plans/WEB/WEB-002-how-to-find.md';
const STORY = 'stories/WEB/WEB-001-search.md';

t.test('two people, two folders, one origin', async (t) => {
  const [ada, bob] = neighbours(t, 'ada', 'bob') as [Shell, Shell];
  const read = (who: Shell) => readFileSync(who.path('.agent/cache', STORY), 'utf8');

  await play(t, [
    {
      who: ada,
      line: 'agent sync init --origin file:../origin.db --project web',
      says: ['.agent/etc/sync.yaml', '.gitignore', "Made project 'web' at file:../origin.db as owner"],
    },
    { who: ada, line: 'agent sync init', says: ['Everything is there already', "Joined project 'web'"] },
    { who: ada, line: 'agent sync pull', says: ['The origin has no commits yet.'] },
    { who: ada, line: "agent new-story 'Search'", code: 129, says: ["Add '--prefix NAME'"] },
    { who: ada, line: "agent new-story 'Search' --prefix WEB", says: [`Made WEB-001: .agent/cache/${STORY}\n`] },
    {
      who: bob,
      line: 'agent sync init --origin file:../origin.db --project web',
      says: ['[new branch]', "'agent sync pull'"],
    },
    {
      who: bob,
      line: 'agent sync pull',
      says: [/^Fast-forward [0-9a-f]{7}:\n {2}A stories\/WEB\/WEB-001-search\.md\n$/],
    },
    { who: bob, line: "agent new-story 'Find'", says: ['Made WEB-002: '] },
    {
      who: ada,
      line: 'agent new-runbook WEB-002',
      says: ['Made WEB-002: .agent/cache/runbooks/WEB/WEB-002-runbook.md'],
    },
    { who: ada, line: 'agent new-runbook WEB-002', code: 128, says: ['[ID_TAKEN]', "'agent show runbook/WEB-002'"] },
    { who: ada, line: "agent new-plan 'How to find' --story WEB-002", says: [`Made WEB-002: .agent/cache/${PLAN}`] },
    {
      who: ada,
      line: 'agent list',
      says: [/^plan +WEB-002 +\S+ +How to find\nrunbook +WEB-002 +\S+ +Find\nstory +WEB-001/],
    },
    {
      who: ada,
      line: 'agent list story --state DRAFT',
      says: [/^story +WEB-001 +DRAFT +Search\nstory +WEB-002 +DRAFT +Find\n$/],
    },
    {
      who: ada,
      line: 'agent show WEB-002',
      code: 128,
      says: ['[ARTIFACT_AMBIGUOUS]', 'runbooks/WEB/WEB-002-runbook.md'],
    },
  ]);

  await play(t, [
    { who: bob, line: 'agent sync fetch --dry-run', says: ['Would fetch:', 'main -> origin/main'] },
    { who: bob, line: 'agent sync status', says: ['the same as origin/main'] },
    {
      who: bob,
      line: 'agent sync fetch',
      says: [/^Fetched \d+ objects:\n {3}[0-9a-f]{7}\.\.[0-9a-f]{7} {2}main -> origin\/main\n$/],
    },
    {
      who: bob,
      line: 'agent sync status',
      says: ['2 commits behind of origin/main', "'agent sync pull'", `added     ${PLAN}`],
    },
    {
      who: bob,
      line: 'agent sync diff HEAD..origin/main --name-status',
      says: [`A\t${PLAN}\nA\trunbooks/WEB/WEB-002-runbook.md\n`],
    },
    {
      who: bob,
      line: 'agent sync diff HEAD origin/main --stat -- plans',
      says: [/^ plans\/.* \| +\d+ \++\n 1 file changed/],
    },
    { who: bob, line: 'agent sync pull --dry-run', says: ['Would fast-forward'] },
    { who: bob, line: `test ! -e .agent/cache/${PLAN}` },
    { who: bob, line: `agent sync pull && test -e .agent/cache/${PLAN}`, says: ['Fast-forward'] },
    { who: bob, line: 'agent sync push', says: ['Everything up-to-date.'] },
  ]);

  await play(t, [
    { who: ada, line: 'agent set-state story/WEB-001 COMMITTED', says: [`Changed ${STORY} in `] },
    { who: ada, line: 'agent set-state story/WEB-001 COMMITTED', says: [`Nothing to change in ${STORY}.`] },
    { who: ada, line: 'agent sync push --dry-run', says: [/^Would push 1 commit, \d objects:/] },
    {
      who: ada,
      line: 'agent sync push',
      says: [/^Pushed 1 commit, \d objects:\n {3}[0-9a-f]{7}\.\.[0-9a-f]{7} {2}main -> main\n$/],
    },
    { who: bob, line: `sed -i s/DRAFT/DONE/ .agent/cache/${STORY}` },
    { who: bob, line: 'agent sync pull', code: 128, says: ['[LOCAL_CHANGES]', STORY, "'agent sync import'"] },
    { who: bob, line: 'agent sync import', says: [/^Imported 1 artifact as [0-9a-f]{7}\.\n$/] },
    { who: bob, line: 'agent sync import', says: ['Nothing to import'] },
    {
      who: bob,
      line: 'agent sync push',
      code: 1,
      says: ['! [rejected]  main -> main  (non-fast-forward)', "'agent sync pull'"],
    },
    { who: bob, line: 'agent sync pull --dry-run', code: 1, says: ['Would stop: 1 artifact', `content: ${STORY}`] },
    {
      who: bob,
      line: 'agent sync pull',
      code: 1,
      says: [`content: ${STORY}`, "'agent sync resolve'", '--continue', '--abort'],
    },
  ]);
  t.match(read(bob), /<<<<<<< HEAD\nDONE\n=======\nCOMMITTED\n>>>>>>> origin\/main\n/);

  const refused = { who: bob, code: 128, says: ['[MERGE_IN_PROGRESS]', "'agent sync conflicts'"] };
  await play(t, [
    { who: bob, line: 'agent sync status', says: ['A merge is in progress: 1 conflict open.', `content: ${STORY}`] },
    { ...refused, line: 'agent sync push' },
    { ...refused, line: 'agent sync pull' },
    { ...refused, line: 'agent sync import' },
    { ...refused, line: 'agent set-state story/WEB-001 ICEBOX' },
    { ...refused, line: 'EDITOR=true agent edit story/WEB-001' },
    { ...refused, line: "agent new-story 'Later'" },
    { who: bob, line: 'agent sync merge --continue', code: 128, says: ['[MERGE_UNRESOLVED]', STORY] },
    {
      who: bob,
      line: `agent sync resolve WEB-001 --file .agent/cache/${STORY}`,
      code: 128,
      says: ['still has conflict markers'],
    },
    { who: bob, line: 'agent sync merge --abort', says: ['Dropped the merge and restored 1 file.', STORY] },
  ]);
  t.match(read(bob), /\nDONE\n/, 'what was there before the merge is back');
  t.notMatch(read(bob), '<<<<<<<');

  await play(t, [
    { who: bob, line: 'agent sync pull', code: 1 },
    {
      who: bob,
      line: `sed 's/^\\(<<<<<<<\\|=======\\|>>>>>>>\\).*//; s/^DONE$//' .agent/cache/${STORY} | agent sync resolve WEB-001 --file -`,
      says: [`Settled ${STORY} with a text of its own.`, "Finish with 'agent sync merge --continue'."],
    },
    { who: bob, line: 'agent sync resolve WEB-001 --theirs', says: ['Settled'] },
    { who: bob, line: 'agent sync merge --continue', says: [/^Committed the merge as [0-9a-f]{7}\.\n$/] },
    { who: bob, line: 'agent sync push', says: ['Pushed 2 commits'] },
    { who: ada, line: 'agent sync pull', says: ['Fast-forward'] },
    {
      who: ada,
      line: 'agent sync log -n 1',
      says: [
        /^commit [0-9a-f]{40}\nMerge: [0-9a-f]{7} [0-9a-f]{7}\nAuthor: bob\nDate: {3}\w{3} \w{3} \d+ [\d:]{8} \d{4} \+0000\n\n {4}Merge origin\/main\n$/,
      ],
    },
    {
      who: ada,
      line: 'agent sync log --oneline story/WEB-001',
      says: [/^([0-9a-f]{7} (Import .*|Set WEB-001 to COMMITTED)\n){2}[0-9a-f]{7} Add story WEB-001\n$/],
    },
    { who: ada, line: 'agent sync show HEAD~1', says: [/^commit [0-9a-f]{40}\nAuthor: /, /\n\+DONE\n/] },
    { who: ada, line: 'agent rm plan/WEB-002', says: [`Removed ${PLAN} in `] },
    { who: ada, line: `agent sync show HEAD~1:${PLAN}`, says: [/^# WEB-002: How to find\n/] },
    { who: ada, line: `agent sync show HEAD:${PLAN}`, code: 128, says: ['[ARTIFACT_UNKNOWN]'] },
    {
      who: ada,
      line: 'agent sync stats',
      says: [
        /^operation +count +failed +mean +95 % within\n/,
        /^push +\d+ +\d+ +\d+ ms +\d+ ms$/m,
        /^Queue +0 waiting, /m,
      ],
    },
    { who: ada, line: 'agent sync stats --prometheus', says: [/^agent_sync_artifacts\{kind="story"\} \d+$/m] },
    { who: ada, line: 'agent sync fsck', says: [/^Checked \d+ objects and 2 refs: all is well\.\n$/] },
    { who: ada, line: 'agent sync scrub --check', says: ['Nothing to scrub in the files on disk.\n'] },
    { who: ada, line: 'agent sync scrub --history', says: ['Nothing to scrub in commits that were never pushed.\n'] },
    { who: ada, line: 'agent sync scrub --history x.md', code: 129, says: ['[USAGE]'] },
    { who: ada, line: 'agent sync gc', says: [/^Removed 0 objects \(0 bytes\)\.\nKept \d+ objects in use.*\.\n$/] },
    { who: ada, line: 'agent sync gc --dry-run', says: [/^Would remove 0 objects/] },
    {
      who: ada,
      line: 'agent sync backup ../ada.db',
      says: [/^Wrote \.\.\/ada\.db: \d+ objects, [\d.]+ KiB, all of it/],
    },
    { who: ada, line: 'agent sync backup ../ada.db', code: 128, says: ["add '--force'", '[FILE_UNWRITABLE]'] },
    { who: ada, line: 'agent sync restore ../ada.db', says: [/^Restored \.\.\/ada\.db: HEAD is now [0-9a-f]{7}\.\n/m] },
    { who: ada, line: 'agent sync restore ../none.db', code: 128, says: ['[FILE_NOT_FOUND]'] },
    { who: ada, line: 'agent sync doctor', says: ['All is well.\n'] },
    {
      who: ada,
      line: 'mv .agent/cache/.agent-sync-base kept && printf x > .agent/cache/.agent-sync-base && agent sync doctor --fix',
      code: 1,
      says: [/^base \.agent\/cache\/\.agent-sync-base: .*\n {2}Restore it from git/m, 'Found 1 problem, repaired 0.'],
    },
    { who: ada, line: 'mv kept .agent/cache/.agent-sync-base' },
    { who: ada, line: 'agent sync members', says: ['owner '] },
    { who: ada, line: 'agent sync members add somebody', code: 128, says: ['[ORIGIN_REFUSED]'] },
  ]);
  t.equal(read(ada), read(bob), 'both have the same bytes');
});

t.test('bytes go through unchanged', async (t) => {
  const [ada] = neighbours(t, 'ada') as [Shell];
  cpSync(join(repoRoot, 'fixtures/artifacts'), ada.path('.agent/cache'), { recursive: true });
  const odd = 'stories/ODD/ODD-001-line-ends.md';
  mkdirSync(ada.path('.agent/cache/stories/ODD'));
  writeFileSync(
    ada.path('.agent/cache', odd),
    '\ufeff# ODD-001: Line ends\r\n\r\n## State\r\n\r\nDRAFT\r\n\r\nno end, é\u001b[31m',
  );
  await play(t, [
    { who: ada, line: 'git init -q -b main . && agent sync init' },
    { who: ada, line: 'agent sync import' },
    { who: ada, line: `agent show ODD-001 | cmp - .agent/cache/${odd}` },
    { who: ada, line: `agent sync show HEAD:${odd} | cmp - .agent/cache/${odd}` },
    {
      who: ada,
      line: 'agent sync export --to ../copy',
      says: [/^Exported \d+ artifacts: wrote \d+, removed 0, left 0 as they were\.\n$/],
    },
    { who: ada, line: 'for kind in plans stories runbooks; do diff -r .agent/cache/$kind ../copy/$kind || exit; done' },
    { who: ada, line: 'agent sync export --check', says: ['Disk and store agree.'] },
    { who: ada, line: `printf '\\nmore' >> .agent/cache/${odd}` },
    { who: ada, line: 'agent sync export --check', code: 1, says: [new RegExp(`^different +${odd}\\n$`)] },
    {
      who: ada,
      line: 'git diff --name-only --no-index ../copy/stories .agent/cache/stories | tail -1 | agent sync import -',
      says: ['Imported 1 artifact'],
    },
    {
      who: ada,
      line: 'agent sync diff HEAD~1 > change.patch && git -C ../copy init -q && git -C ../copy apply ../ada/change.patch',
    },
    { who: ada, line: `cmp .agent/cache/${odd} ../copy/${odd}` },
    {
      who: ada,
      line: 'agent sync export --git ../history && git -C ../history fsck --strict && git -C ../history log --format=%s',
      says: ['Made a git repository', 'Import '],
    },
    { who: ada, line: 'agent sync diff HEAD~1 > ours && git -C ../history diff HEAD~1 > theirs && cmp ours theirs' },
    {
      who: ada,
      line: `printf '# ODD-002: Piped\\n\\n## State\\n\\nDRAFT\\n' | agent sync import - --path stories/ODD/ODD-002.md`,
      says: ['Imported 1 artifact'],
    },
    {
      who: ada,
      line: `agent show ODD-002 | sed s/DRAFT/DONE/ | agent edit ODD-002 --file - && grep -q DONE .agent/cache/stories/ODD/ODD-002.md`,
    },
    {
      who: ada,
      line: `EDITOR='sed -i s/DONE/ICEBOX/' agent edit ODD-002 && agent list --state ICEBOX`,
      says: ['ODD-002'],
    },
    { who: ada, line: `EDITOR=true agent edit ODD-002`, says: ['Nothing to change'] },
  ]);
  const left = readdirSync(ada.folder).filter((name) => name.startsWith('agent-edit-'));
  t.same(left, [], 'no copy of an edited text is left');
});

/** A command line that prints one document, the keys of that, and the keys of what the first list in it holds. */
interface Documented {
  readonly who: Shell;
  readonly line: string;
  readonly code?: number;
  readonly keys: string;
  readonly items?: string;
}

t.test('every command has one document for programs', async (t) => {
  const [ada, bob] = neighbours(t, 'ada', 'bob') as [Shell, Shell];
  const artifact = 'author authorName commit id kind modified oid path state title version';
  const commit = 'actor author message offset oid parents paths time';
  const diff = 'added after before binary change deleted patch path';
  const push = 'commits from objects status to';
  const rows: readonly Documented[] = [
    { who: ada, line: 'agent sync init --origin file:../origin.db', keys: 'joined root written' },
    { who: ada, line: "agent new-story 'Search' --prefix WEB", keys: 'commit id path push' },
    { who: ada, line: 'agent new-runbook WEB-001', keys: 'commit id path push' },
    { who: ada, line: "agent new-plan 'Find' --prefix WEB", keys: 'commit id path push' },
    { who: ada, line: 'agent list', keys: 'artifacts', items: artifact },
    { who: ada, line: 'agent show plan/WEB-002', keys: `${artifact} sections checklist links warnings text` },
    { who: ada, line: 'agent set-state story/WEB-001 COMMITTED', keys: 'status path commit' },
    { who: ada, line: 'EDITOR=true agent edit plan/WEB-002', keys: 'status path' },
    { who: ada, line: 'agent rm plan/WEB-002', keys: 'status path commit' },
    { who: ada, line: 'agent sync log', keys: 'commits', items: commit },
    { who: ada, line: 'agent sync show', keys: 'commit files', items: diff },
    { who: ada, line: `agent sync show HEAD:${STORY}`, keys: 'revision path text' },
    { who: ada, line: 'agent sync diff', keys: 'from to files', items: diff },
    { who: ada, line: 'agent sync push --dry-run', keys: push },
    { who: ada, line: 'agent sync push', keys: push },
    { who: ada, line: 'agent sync members', keys: 'members invitations', items: 'userId role' },
    { who: ada, line: 'agent sync scrub --check', keys: 'findings' },
    { who: ada, line: 'agent sync scrub', keys: 'findings rewritten imported' },
    { who: ada, line: 'agent sync scrub --history --check', keys: 'own pushed' },
    { who: ada, line: 'agent sync scrub --history', keys: 'own pushed rewritten erased' },
    { who: ada, line: 'agent sync fsck', keys: 'objects refs problems' },
    { who: ada, line: 'agent sync stats', keys: 'operations merges origin artifacts objects storeBytes queue' },
    { who: ada, line: 'agent sync gc', keys: 'dryRun reachable waiting removed bytes forgotten file' },
    { who: ada, line: 'agent sync backup ../ada.db', keys: 'file bytes objects' },
    { who: ada, line: 'agent sync restore ../ada.db', keys: 'kept before head objects merging unknownBase' },
    { who: ada, line: 'agent sync doctor', keys: 'findings failures' },
    { who: ada, line: 'agent sync export', keys: 'commit written removed extra unchanged' },
    {
      who: ada,
      line: 'rm -r .agent/cache/stories; agent sync export --check',
      code: 1,
      keys: 'differences',
      items: 'path what',
    },
    { who: ada, line: 'agent sync export --git ../git', keys: 'created objects refs' },
    {
      who: ada,
      line: 'agent sync export > /dev/null; agent set-state story/WEB-001 ICEBOX',
      keys: 'status path commit',
    },
    { who: bob, line: 'agent sync init --origin file:../origin.db', keys: 'joined root written' },
    { who: bob, line: 'agent sync fetch', keys: 'refs received dryRun' },
    { who: bob, line: 'agent sync pull', keys: 'fetched merged' },
    {
      who: bob,
      line: `echo more >> .agent/cache/${STORY}; sed -i s/COMMITTED/DONE/ .agent/cache/${STORY}; agent sync import`,
      keys: 'status commit changes warnings',
      items: 'path before after',
    },
    { who: ada, line: 'agent sync push', keys: push },
    { who: bob, line: 'agent sync push', code: 1, keys: 'status reason local remote' },
    { who: bob, line: 'agent sync pull', code: 1, keys: 'fetched merged' },
    {
      who: bob,
      line: 'agent sync status',
      keys: 'ahead behind both branch conflicts disk drafts head local merging origin queue rebase remote skipped',
      items: 'path change',
    },
    { who: bob, line: 'agent sync merge --abort', keys: 'restored' },
    { who: bob, line: 'agent sync pull > /dev/null; agent sync resolve WEB-001 --ours', keys: 'settled open' },
    { who: bob, line: 'agent sync merge --continue', keys: 'commit parents' },
    { who: ada, line: 'agent origin status --directory ../none', code: 1, keys: 'directory mail state' },
    { who: ada, line: 'agent origin stop --directory ../none', keys: 'directory stopped' },
  ];
  const sorted = (keys: readonly string[]) => [...keys].sort().join(' ');
  for (const { who, line, code = 0, keys, items } of rows) {
    const ran = await who.run(`${line} --json`);
    t.equal(ran.code, code, line, { ...ran });
    const document = JSON.parse(ran.out);
    t.equal(sorted(Object.keys(document)), sorted(keys.split(' ')), `${line}: document`);
    if (items === undefined) continue;
    const lists: object[][] = Object.values(document).filter((value) => Array.isArray(value) && value.length > 0) as [];
    t.equal(sorted(Object.keys(lists[0]?.[0] ?? {})), sorted(items.split(' ')), `${line}: what its list holds`);
  }
});

t.test('pipes, terminals and Ctrl-C', async (t) => {
  const [ada] = neighbours(t, 'ada') as [Shell];
  cpSync(join(repoRoot, 'fixtures/artifacts'), ada.path('.agent/cache'), { recursive: true });
  const many = Array.from({ length: 3000 }, (_, i) => `Line ${i} of a text that no pipe holds at once.\n`).join('');
  writeFileSync(ada.path('.agent/cache/stories/MERGE/MERGE-009.md'), `# MERGE-009: Long \u001b[31mred\n\n${many}`);
  await play(t, [
    { who: ada, line: 'agent sync init && agent sync import' },
    { who: ada, line: 'set -o pipefail; agent sync show | head -1', says: [/^commit [0-9a-f]{40}\n$/] },
    { who: ada, line: 'set -o pipefail; agent list --json | true', says: [/^$/] },
    { who: ada, line: 'agent sync log nothing 2>&1 | true', says: [/^$/] },
    { who: ada, line: 'agent list > /dev/full', code: 128, says: ['fatal: cannot write to standard output: '] },
    { who: ada, line: 'agent list >&- 2>&-', says: [/^$/] },
  ]);

  // The writer is done only when the command has read more than a pipe holds.
  const interrupted = await ada.run(`
    mkfifo pipe
    (exec ${ada.agent} sync import - < pipe) & exec 3> pipe
    head -c 200000 /dev/zero >&3
    kill -INT $!
    wait $!`);
  t.equal(interrupted.err, 'fatal: interrupted while reading standard input [ABORTED]\n');
  t.equal(interrupted.code, 130);

  if ((await ada.run('command -v script')).code !== 0) {
    t.comment('without script(1) there is no terminal to try');
    return;
  }
  const terminal = (line: string) => ada.run(`TERM=xterm script -qec "${ada.agent} ${line}" /dev/null`);
  const shown = await terminal('sync show');
  t.match(shown.out, '\u001b[32m+', 'added lines are green');
  t.notMatch(shown.out, '\u001b[31mred', 'control characters of an artifact reach no terminal');
  t.match((await terminal('show MERGE-009')).out, 'Long \ufffd[31mred');
});
