import { cpSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from '../paths.js';
import { Shell } from './shell.js';

/** Git names the function around a hunk behind the second '@@'. */
const withoutFunctions = (patch: string) => patch.replace(/^(@@ [^@]* @@).*$/gm, '$1');

/** Options for `agent sync diff` and `git diff` alike, and what both say. */
const rows: { line: string; says: string }[] = [
  { line: '', says: 'rename to stories/MERGE/MERGE-001-renamed.md\nindex ' },
  { line: '--stat', says: '-line-merge.md => MERGE-001-renamed.md} |  1 +\n' },
  { line: '--name-status', says: 'R100\tplans/STORE/STORE-001-one-file-for-all-artifacts.md\tplans/STORE-001.md\n' },
  { line: '--no-renames --name-status', says: 'A\tplans/STORE-001.md\n' },
  { line: '--find-renames=100% --name-status', says: 'A\tstories/MERGE/MERGE-001-renamed.md\n' },
  { line: '--find-renames=90% --name-status', says: '\tstories/MERGE/MERGE-001-renamed.md\n' },
  { line: '--stat -- stories', says: 'stories/MERGE/{' },
  { line: '--name-status -- plans/STORE', says: 'D\tplans/STORE/STORE-001-one-file-for-all-artifacts.md\n' },
];

t.test('a diff is what git says about the same commits', async (t) => {
  const shell = new Shell(t, { env: { SUPABASE_USER: 'ada <ada@example.org>' } });
  cpSync(join(repoRoot, 'fixtures/artifacts'), shell.path('.agent/cache'), { recursive: true });
  const made = await shell.run(`
    set -e
    git init -q . && agent sync init && agent sync import
    (
      cd .agent/cache
      mv stories/MERGE/MERGE-001-line-merge.md stories/MERGE/MERGE-001-renamed.md
      echo edited >> stories/MERGE/MERGE-001-renamed.md
      mv plans/STORE/STORE-001-one-file-for-all-artifacts.md plans/STORE-001.md
      sed -i '3s/^/edited /' plans/ORIGIN/ORIGIN-001-plan.md
      rm runbooks/ORIGIN/ORIGIN-001-runbook.md
    )
    agent sync import && agent sync export --git history
  `);
  t.equal(made.code, 0, made.out + made.err);
  const git = (line: string) => shell.run(`git -C history ${line}`);
  for (const { line, says } of rows) {
    const [ours, theirs] = await Promise.all([
      shell.run(`agent sync diff HEAD~1 HEAD ${line}`),
      git(`diff HEAD~1 HEAD ${line}`),
    ]);
    t.equal(ours.out, withoutFunctions(theirs.out), `'${line}', as git`);
    t.ok(ours.out.includes(says), `'${line}' says ${says}`, ours);
  }
  for (const range of ['HEAD~1..HEAD', 'HEAD~1...HEAD', 'HEAD..HEAD~1', 'HEAD...HEAD~1', 'HEAD~1...']) {
    const [ours, theirs] = await Promise.all([
      shell.run(`agent sync diff ${range} --name-status`),
      git(`diff ${range} --name-status`),
    ]);
    t.equal(ours.out, theirs.out, `'${range}', as git`);
    t.equal(ours.out === '', range === 'HEAD...HEAD~1', `'${range}' is empty only where nothing happened since`);
  }
  const shown = await shell.run('agent sync show');
  const patch = withoutFunctions((await git('show --format=')).out);
  t.equal(shown.out.slice(shown.out.indexOf('\ndiff --git') + 1), patch, 'show has the same patch');

  const { out } = await shell.run('agent sync diff HEAD~1 --json -- stories');
  t.match(JSON.parse(out).files, [
    {
      change: 'R',
      from: 'stories/MERGE/MERGE-001-line-merge.md',
      path: 'stories/MERGE/MERGE-001-renamed.md',
      similarity: 99,
      added: 1,
      deleted: 0,
    },
  ]);
});
