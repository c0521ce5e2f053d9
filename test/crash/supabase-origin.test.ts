import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { storyText } from '../e2e/developer.js';
import { withEmbeddedOrigin } from '../origin/with-origin.js';
import { diverged, INIT, markdown, together } from './file-origin.js';
import { killAtEachBoundary, type Scenario, type World } from './scenario.js';
import type { Person, Stage } from './stage.js';

/** Kill points of each command in the short run; a push in parts has the most sorts. */
const FEW = 6;

const origin = await withEmbeddedOrigin(t);
const ada = await origin.addUser('ada');
const bob = await origin.addUser('bob');
// Bob makes a project a run.
await origin.sql(`update agent_sync.quotas set most = 10000 where name = 'projects_of_user'`);
let projects = 0;

const known = (token: string) => ({ SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: token });
const configOf = ({ root }: Person) => join(root, '.agent/etc/sync.yaml');
const projectOf = ({ bob }: Stage) => /crash-\d+/.exec(readFileSync(configOf(bob), 'utf8'))![0];

/** Every run has a project of its own, which Bob makes, with what he has; on the stage the origin was a file. */
const world: World = {
  env: { ada: known(ada.token), bob: known(bob.token) },

  enter: async (stage) => {
    const project = `crash-${++projects}`;
    for (const file of [stage.ada, stage.bob].map(configOf).filter((file) => existsSync(file))) {
      const text = readFileSync(file, 'utf8').replace('file:../origin.db', origin.url);
      writeFileSync(file, text.replace('project: shop', `project: ${project}`));
    }
    await stage.bob.does('sync init');
    await origin.addUser('ada', { project });
    await stage.bob.does('sync push');
  },

  look: async (stage) => {
    const rows = async (columns: string, table: string) => {
      const found = await origin.sql(
        `select ${columns} from agent_sync.${table} where project = (select id from agent_sync.projects where name = $1)`,
        [projectOf(stage)],
      );
      return found.map((row) => JSON.stringify(row));
    };
    return {
      refs: await rows(`name, encode(oid, 'hex') as oid`, 'refs'),
      objects: await rows(`encode(oid, 'hex') as oid`, 'objects'),
      receipts: await rows('answer', 'push_receipts'),
      ids: await rows('kind, id', 'issued_ids'),
      // A fetch and its repetition are two.
      audit: (await rows('action', 'audit')).filter((row) => !row.includes('fetch')),
      chunks: await rows('push, chunk', 'push_chunks'),
    };
  },
};

/** Stories that no compression helps, of which a request takes two. */
function writeLarge(who: Person, count: number): void {
  for (let n = 1; n <= count; n++) {
    const id = `LARGE-00${n}`;
    const filler = randomBytes(1_400_000)
      .toString('base64')
      .replace(/.{100}/g, '$&\n');
    who.write(`stories/LARGE/${id}-large.md`, storyText(id, 'Large', [filler]));
  }
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'init that joins a project',
    prepare: async ({ ada, bob }) => {
      markdown(bob);
      await bob.does(INIT, 'sync import', 'sync push');
      cpSync(configOf(bob), configOf(ada), { recursive: true });
    },
    line: 'sync init',
  },
  {
    name: 'push in one request',
    prepare: async (stage) => {
      await diverged(stage);
      await stage.ada.does('sync pull');
    },
    line: 'sync push',
  },
  {
    name: 'push in three parts',
    prepare: async (stage) => {
      await together(stage);
      writeLarge(stage.ada, 5);
      await stage.ada.does('sync import');
    },
    line: 'sync push',
  },
  {
    name: 'fetch of several pages',
    prepare: async (stage) => {
      await together(stage);
      writeLarge(stage.bob, 4);
      await stage.bob.does('sync import');
    },
    line: 'sync fetch',
  },
  {
    name: 'queue run of a pull and a push',
    prepare: async (stage) => {
      await diverged(stage);
      const text = readFileSync(configOf(stage.ada), 'utf8');
      // Nobody listens there.
      writeFileSync(configOf(stage.ada), text.replace('file:../origin.db', 'http://127.0.0.1:9'));
      await stage.ada.does('sync pull --queue', 'sync push --queue');
      writeFileSync(configOf(stage.ada), text);
    },
    line: 'sync queue run --force',
  },
  { name: 'pull that merges', prepare: diverged, line: 'sync pull' },
  { name: 'new-story', prepare: together, line: "new-story 'A basket' --prefix SHOP", once: true },
];

t.test('a command killed anywhere on its way to the origin and back', async (t) => {
  let points = 0;
  for (const scenario of SCENARIOS) {
    await t.test(scenario.name, async (t) => {
      points += await killAtEachBoundary(t, scenario, FEW, world);
    });
  }
  t.comment(`${points} kill points of ${SCENARIOS.length} commands`);
});
