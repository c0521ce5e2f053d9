import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brokenLinks } from '../../lib/core/graph/reachable.js';
import type { Oid } from '../../lib/core/object/oid.js';
import { fsck, gc, importArtifacts } from '../../lib/index.js';
import { openStore } from '../../lib/store/open-store.js';
import { fuzz } from '../fuzz.js';
import { repoRoot } from '../paths.js';
import type { Developer } from './developer.js';
import { pair } from './pair.js';

const run = promisify(execFile);
const writer = join(repoRoot, 'dist/test/e2e/gc-writer.js');
const ROUND_MS = 4000;

/** Removes what nothing names, without any grace, over and over, as if so many days had passed. */
async function collect(
  who: Developer,
  days: number,
  until: Promise<unknown>,
): Promise<{ rounds: number; removed: number }> {
  let over = false;
  until.then(
    () => (over = true),
    () => (over = true),
  );
  let [rounds, removed] = [0, 0];
  while (!over) {
    removed += await who.run((repo) => {
      const now = () => ({ seconds: repo.clock.now().seconds + days * 24 * 60 * 60, offset: 0 });
      return gc({ ...repo, clock: { now } }, { graceDays: 0 }).removed;
    });
    rounds++;
    await new Promise(setImmediate);
  }
  return { rounds, removed };
}

fuzz('a gc without grace takes nothing from those who work meanwhile', 1, async (t, seed) => {
  const { ada, ben } = await pair(t);
  const work = async (who: Developer, name: string, i: number) => {
    const args = [writer, who.root, name, String(10 * seed + i), String(ROUND_MS)];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
    return { who, oids: stdout.split('\n').filter((oid) => oid !== '') };
  };
  const working = Promise.all([work(ada, 'ada', 0), work(ada, 'eve', 1), work(ben, 'ben', 2), work(ben, 'fay', 3)]);
  const [made, ...gcs] = await Promise.all([
    working,
    collect(ada, 0, working),
    // Without logs only refs, the merge and the disk's base keep anything.
    collect(ben, 100, working),
  ]);
  for (const { removed } of gcs) t.ok(removed > 0, `something was removed: ${JSON.stringify(gcs)}`);
  t.ok(
    made.every(({ oids }) => oids.length > 0),
    'everybody made commits',
  );
  for (const who of [ada, ben]) {
    await who.run((repo) => {
      t.strictSame(fsck(repo.store).problems, [], `${who.name}'s store is whole`);
      const oids: Oid[] = made.flatMap((one) => (one.who === who && who === ada ? one.oids : []));
      t.strictSame(
        oids.filter((oid) => !repo.store.objects.has(oid)),
        [],
        `${oids.length} commits are there`,
      );
      t.strictSame([...brokenLinks(repo.store.objects, oids)], [], 'with all that they need');
      // The base is what tells edits from what was there: without it this would fail.
      if (!repo.store.merge.get()) return importArtifacts(repo);
    });
  }
  const origin = openStore(join(ada.root, 'origin.db'));
  const problems = fsck(origin).problems.filter(({ area }) => area !== 'index');
  t.strictSame(problems, [], 'so is the origin, which has no index');
  origin.close();
});
