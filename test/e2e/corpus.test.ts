import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { exportGit, exportMarkdown, fsck, importArtifacts, listArtifacts, setState } from '../../lib/index.js';
import { repoRoot, sharedPath } from '../paths.js';
import { Developer } from './developer.js';

const corpus = sharedPath('corpus', 'agentic-dev');
const KINDS = ['plans', 'stories', 'runbooks'];

function markdownIn(directory: string): string[] {
  return KINDS.flatMap((kind) =>
    readdirSync(join(directory, kind), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => `${kind}/${path}`),
  );
}

const sets: [name: string, directory: string | undefined][] = [
  ['our own fixtures', join(repoRoot, 'fixtures/artifacts')],
  ['the 340 real artifacts', corpus],
];

for (const [name, directory] of sets) {
  t.test(
    `${name}, from disk to store to disk to git`,
    { skip: directory ? false : 'shared/ is not here' },
    async (t) => {
      const source = directory!;
      const files = markdownIn(source);
      const ada = new Developer(t, 'ada');
      await ada.init();
      for (const kind of KINDS) cpSync(join(source, kind), ada.file(kind), { recursive: true });

      const imported = await ada.run(importArtifacts);
      t.equal(
        imported.status === 'imported' && imported.changes.length,
        files.length,
        'all are imported, none rejected',
      );
      if (source === corpus) {
        const warned = (code: string) =>
          new Set(imported.warnings.filter((w) => w.code === code).map(({ path }) => path));
        t.equal(files.length, 340);
        t.equal(warned('STATE_MISSING').size, 7, 'seven have no state, and it is said');
        t.equal(warned('STATE_UNREADABLE').size, 3, 'three have a corrupt one, and it is said');
        const rows = await ada.run(listArtifacts);
        t.equal(rows.filter(({ state }) => state === null).length, 10, 'all others have one');
        t.notOk(
          rows.some(({ state }) => state === 'REVIEW'),
          'REVIEW_NEEDED is not cut',
        );
        t.equal(
          rows.filter(({ state }) => state === 'REVIEW_NEEDED').length,
          countStates(source, files, 'REVIEW_NEEDED'),
        );
      }

      const elsewhere = join(ada.root, 'exported');
      await ada.run((repo) => exportMarkdown(repo, elsewhere));
      t.strictSame(markdownIn(elsewhere).sort(), [...files].sort());
      const different = files.filter(
        (path) => readFileSync(join(elsewhere, path), 'utf8') !== scrubbed(join(source, path)),
      );
      t.strictSame(different, [], 'and come back byte for byte, but for whose disk a file was on');

      const [first] = (await ada.run(listArtifacts)).filter(({ state }) => state !== null && state !== 'COMMITTED');
      await ada.run((repo) => setState(repo, first!.path, 'COMMITTED'));
      const directoryForGit = join(ada.root, 'git');
      await ada.run((repo) => exportGit(repo, directoryForGit));
      const git = (args: string[], input?: string) =>
        execFileSync('git', args, {
          cwd: directoryForGit,
          encoding: 'utf8',
          maxBuffer: 1 << 28,
          ...(input ? { input } : {}),
        });
      const oids = await ada.run((repo) => [...repo.store.objects.list()]);
      const batch = git(
        ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'],
        `${oids.join('\n')}\n`,
      );
      const expected = await ada.run((repo) =>
        oids
          .map((oid) => [oid, repo.store.objects.read(oid)] as const)
          .map(([oid, o]) => `${oid} ${o.type} ${o.body.length}`),
      );
      t.strictSame(batch.trim().split('\n'), expected, 'git has every object under the same id');
      t.equal(git(['fsck', '--strict', '--no-dangling']), '', 'and finds nothing wrong');
      t.equal(git(['status', '--porcelain']), '');
      t.strictSame(git(['log', '--format=%aN: %s']).trim().split('\n'), [
        `ada: Set ${first!.id} to COMMITTED`,
        `ada: Import ${files.length} artifacts`,
      ]);
      t.match(git(['show', '--format=', 'HEAD']), /^\+.*COMMITTED/m);
      t.strictSame(await ada.run((repo) => fsck(repo.store).problems), []);
    },
  );
}

/** The only thing in the corpus that is redacted, as fixtures/privacy/corpus-findings.json lists it. */
function scrubbed(file: string): string {
  return readFileSync(file, 'utf8').replace(/(?<=\/Users\/)[a-z]+(?=\/)/g, 'REDACTED-USER');
}

/** An independent count: a line that is the state's heading or label, followed by the word alone. */
function countStates(directory: string, files: readonly string[], state: string): number {
  const pattern = new RegExp(`^(## (State|Status)\\s+|\\**(State|Status)\\**: *)\\**${state}\\**\\s*$`, 'm');
  return files.filter((path) => pattern.test(readFileSync(join(directory, path), 'utf8'))).length;
}
