import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { fsck, importArtifacts, listArtifacts, log, status } from '../../lib/index.js';
import { repoRoot } from '../paths.js';
import { Developer, storyText } from './developer.js';

const PROCESSES = 10;
const ROUNDS = 3;
const agent = join(repoRoot, 'dist/bin/agent.js');
const run = promisify(execFile);

t.test(`${PROCESSES} processes import into one store at once, ${ROUNDS} times`, async (t) => {
  const ada = new Developer(t, 'ada');
  await ada.init();
  const ids: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const works = Array.from({ length: PROCESSES }, async (_, i) => {
      const id = `CROWD-${100 * (round + 1) + i}`;
      const path = `stories/CROWD/${id}-work.md`;
      ids.push(id);
      ada.write(path, storyText(id, `Work ${i}`));
      const env = { ...process.env, ...ada.env };
      return run(process.execPath, [agent, 'sync', 'import', `.agent/cache/${path}`], { cwd: ada.root, env });
    });
    await Promise.all(works);
  }
  const listed = await ada.run(listArtifacts);
  t.strictSame(listed.map(({ id }) => id).sort(), ids.sort(), 'every artifact is there');
  t.ok(
    listed.every(({ version }) => version === 1),
    'each committed once',
  );
  t.equal((await ada.run((repo) => log(repo))).length, PROCESSES * ROUNDS, 'every process made its commit');
  t.strictSame((await ada.run((repo) => fsck(repo.store))).problems, []);
  t.match(await ada.run(importArtifacts), { status: 'unchanged' }, 'nothing is left to import');
  t.match(await ada.run(status), { disk: { length: 0 } });
});
