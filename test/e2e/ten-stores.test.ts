import { randomUUID } from 'node:crypto';
import t from 'tap';
import { importArtifacts, initRepository, log, openRepository, pull, push, pushWithPull } from '../../lib/index.js';
import { withEmbeddedOrigin } from '../origin/with-origin.js';
import { Developer, storyText } from './developer.js';

const STORES = 10;
/** With AGENT_TEST_FULL as many as the crowd was first tried with; the test command has the convergence test besides. */
const COMMITS = process.env.AGENT_TEST_FULL === undefined ? 10 : 20;

t.test(`${STORES} stores push ${COMMITS} commits each to one origin at once`, async (t) => {
  const origin = await withEmbeddedOrigin(t);
  const project = `project-${randomUUID()}`;
  const { token: ownerToken } = await origin.addUser('owner');
  const key = { SUPABASE_ANON_KEY: origin.key };
  const owner = new Developer(t, 'owner', { ...key, SUPABASE_ACCESS_TOKEN: ownerToken });
  await owner.init({ origin: origin.url, project });
  owner.write('stories/CROWD/CROWD-000-shared.md', storyText('CROWD-000', 'Shared'));
  await owner.run(importArtifacts);
  await owner.run(push);

  const developers = await Promise.all(
    Array.from({ length: STORES }, async (_, i) => {
      const { token } = await origin.addUser(`dev-${i}`, { project, role: 'writer' });
      const developer = new Developer(t, `dev-${i}`, { ...key, SUPABASE_ACCESS_TOKEN: token });
      await initRepository(developer.root, { origin: origin.url, project, env: developer.env });
      return developer;
    }),
  );

  const work = async (developer: Developer, i: number): Promise<string[]> => {
    const repo = await openRepository(developer.root, { env: developer.env });
    try {
      await pull(repo);
      const made: string[] = [];
      for (let n = 0; n < COMMITS; n++) {
        const id = `CROWD-${100 * (i + 1) + n}`;
        developer.write(`stories/CROWD/${id}-work.md`, storyText(id, `Commit ${n} of ${developer.name}`));
        const result = await importArtifacts(repo);
        if (result.status !== 'imported') throw new Error(`import ${result.status}`);
        made.push(result.commit);
        const { status } = await pushWithPull(repo, { attempts: 1000 });
        if (status !== 'pushed') throw new Error(`push ${status}`);
      }
      return made;
    } finally {
      await repo.close();
    }
  };
  const made = (await Promise.all(developers.map(work))).flat();
  t.equal(new Set(made).size, STORES * COMMITS, 'every commit was made');

  await owner.run(pull);
  const history = (await owner.run((repo) => log(repo))).map(({ oid }) => oid);
  t.equal(new Set(history).size, history.length, 'no commit is in the history twice');
  t.strictSame(
    made.filter((oid) => !history.includes(oid)),
    [],
    'every commit is in the final history',
  );

  for (const developer of developers) await developer.run(pull);
  const heads = await Promise.all(developers.map((developer) => developer.run((repo) => repo.store.refs.get('HEAD'))));
  t.strictSame(new Set(heads).size, 1, 'and all stores end at the same commit');
});
