/** A person is erased, with what they wrote, at a real origin and in every clone: nothing of it is left in any file. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { tombstoneOf } from '../../lib/core/erasure/tombstone.js';
import {
  checkExport,
  fetch,
  fsck,
  importArtifacts,
  listArtifacts,
  listOperations,
  log,
  pull,
  push,
  setMember,
  status,
} from '../../lib/index.js';
import { ACTOR, commitOf, pushOf } from '../../lib/origin/contract/specimens.js';
import { layoutOf } from '../../lib/origin/embedded/layout.js';
import { supabaseRemote } from '../../lib/origin/supabase/client.js';
import { Shell } from '../cli/shell.js';
import { vacuumed } from '../origin/cast.js';
import { originDirectory, withEmbeddedOrigin } from '../origin/with-origin.js';
import { Developer, storyText } from './developer.js';

const directory = originDirectory(t);
const origin = await withEmbeddedOrigin(t, { directory });

const ADA = 'Adalgisa Quibbleworth';
const MAIL = 'adalgisa.quibbleworth@example.org';
/** Stands in what only Ada wrote. */
const CANARY = 'the zanzibar telescope is calibrated by moonlight';
const HERS = 'stories/TEAM/TEAM-001-hers.md';
const HERS_ALONE = 'stories/TEAM/TEAM-002-alone.md';
const HIS = 'stories/TEAM/TEAM-003-his.md';

/** Every way in which a text could lie in a file. */
function spellings(text: string): Buffer[] {
  const utf16 = Buffer.from(text, 'utf16le');
  return [
    Buffer.from(text),
    Buffer.from(text.toLowerCase()),
    utf16,
    Buffer.from(utf16).swap16(),
    // Of base64 the middle, which is the same whatever comes before, at one of three places.
    ...[0, 1, 2].map((skip) =>
      Buffer.from(Buffer.from(text.slice(skip, skip + 3 * Math.floor((text.length - skip) / 3))).toString('base64')),
    ),
    Buffer.from(Buffer.from(text).toString('hex')),
    Buffer.from(encodeURIComponent(text)),
  ];
}

/** The files below folders in which one of the texts stands, by name and text. */
function findInFiles(folders: readonly string[], texts: readonly string[]): string[] {
  const found: string[] = [];
  for (const folder of folders) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, name);
      if (!existsSync(file) || !statSync(file).isFile()) continue;
      const bytes = readFileSync(file);
      for (const text of texts) {
        if (spellings(text).some((spelling) => bytes.includes(spelling))) found.push(`${name}: ${text}`);
      }
    }
  }
  return found;
}

/** Every row of every table of the origin as text. */
async function dump(): Promise<string> {
  const tables = await origin.sql<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname in ('agent_sync', 'realtime')`,
  );
  const texts = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await origin.sql<{ row: string }>(`select row_to_json(r)::text as row from ${name} r`);
      return rows.map(({ row }) => row).join('\n');
    }),
  );
  return texts.join('\n');
}

interface Team {
  readonly ada: Developer;
  readonly ben: Developer;
  readonly cleo: Developer;
  readonly adaId: string;
  readonly project: string;
}

/** Ben owns a project in which Ada and Cleo write: three clones, and artifacts by Ada, Ben and both. */
async function team(t: Test): Promise<Team> {
  const project = `team-${randomUUID()}`;
  const join = async (name: string, person = `${name} <${name}@example.org>`) => {
    const user = await origin.addUser(`${name}-${project}`);
    const env = { SUPABASE_USER: person, SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: user.token };
    return { user, developer: new Developer(t, name, env) };
  };
  const { developer: ben } = await join('ben');
  const { developer: ada, user: adaUser } = await join('ada', `${ADA} <${MAIL}>`);
  const { developer: cleo, user: cleoUser } = await join('cleo');
  await ben.init({ origin: origin.url, project });
  await ben.run((repo) => setMember(repo, adaUser.userId, 'writer'));
  await ben.run((repo) => setMember(repo, cleoUser.userId, 'writer'));
  ben.write(HIS, storyText('TEAM-003', 'His'));
  await ben.run(importArtifacts);
  await ben.run(push);
  await ada.init({ origin: origin.url, project });
  await ada.run(pull);
  ada.write(HERS, storyText('TEAM-001', CANARY, [CANARY, 'Two.', 'Three.']));
  ada.write(HERS_ALONE, storyText('TEAM-002', 'Alone', [`Once ${CANARY}.`]));
  ada.edit(HIS, 'Two.', 'Two, by another hand.');
  await ada.run(importArtifacts);
  ada.edit(HERS_ALONE, 'Once', 'Twice');
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run(pull);
  // What Ben makes of a text of hers is his, and has no word of hers left.
  ben.write(HIS, storyText('TEAM-003', 'His', ['All', 'of', 'it', 'new']));
  await ben.run(importArtifacts);
  await ben.run(push);
  await cleo.init({ origin: origin.url, project });
  await cleo.run(pull);
  return { ada, ben, cleo, adaId: adaUser.userId, project };
}

const CLEAN = { local: [], remote: [], disk: [], merging: false };

const agent = (t: Test, who: Developer) => new Shell(t, { folder: who.root, env: who.env });

t.test('an owner erases a writer and all that only she wrote', async (t) => {
  const { ada, ben, cleo, adaId } = await team(t);
  const texts = [ADA, MAIL, CANARY];
  const places = () => findInFiles([ben.root, cleo.root], texts);
  t.ok(places().length > 0, 'before, she is found');
  const before = await cleo.run((repo) => log(repo));
  const [{ id: adaActor } = { id: '' }] = await cleo.run((repo) =>
    repo.store.actors.list().filter(({ name }) => name === ADA),
  );
  const shell = agent(t, ben);

  const planned = await shell.run(`agent sync purge --actor ${MAIL} --content`);
  t.match(planned, {
    code: 0,
    out: new RegExp(
      `${adaActor} +${ADA} <${MAIL}>(.|\n)*${HERS_ALONE}(.|\n)*Would go at the origin: 1 name, 4 versions, 1 membership(.|\n)*Nothing was erased`,
    ),
  });
  t.match(await dump(), MAIL, 'without --yes nothing goes');
  t.match(ben.read(HERS), CANARY);
  // As autovacuum does it now and then: the planner's samples are copies.
  await origin.sql('analyze');
  const sampled = await origin.sql(
    "select from pg_stats where schemaname = 'agent_sync' and histogram_bounds::text ~ $1",
    [ADA],
  );
  t.ok(sampled.length > 0, 'the planner has seen her name');

  const done = await shell.run(`agent sync purge --actor ${MAIL} --content --yes`);
  t.match(
    done,
    { code: 0, out: new RegExp(`Gone here: 1 name(.|\n)*4 versions(.|\n)*${HERS} shows '\\[erased\\]' now`) },
    done.err,
  );
  t.same(
    findInFiles([ben.root], texts),
    [],
    'nothing of her is left in any file of the project, the database included',
  );

  const oid = (await ben.run((repo) => repo.store.index.get(HERS)))!.oid;
  t.equal(ben.read(HERS), Buffer.from(tombstoneOf(oid)).toString(), 'the file says that it was erased');
  t.match(await ben.run((repo) => fsck(repo.store)), { problems: [] });
  t.match(await ben.run(status), CLEAN, 'and is no change');
  t.match(await ben.run(importArtifacts), { status: 'unchanged' });
  t.same(await ben.run((repo) => checkExport(repo)), []);
  t.notMatch(JSON.stringify(await ben.run(listArtifacts)), CANARY, 'the title that it had is gone');
  t.equal((await ben.run(listArtifacts)).length, 3);
  const after = await ben.run((repo) => log(repo));
  t.same(
    after.map(({ oid }) => oid),
    before.map(({ oid }) => oid),
    'history is as it was',
  );
  t.ok(
    after.some(({ author }) => author === adaActor),
    'and shows the id in place of the name',
  );
  for (const line of ['sync log', 'sync log -p', 'sync diff HEAD~2 HEAD', `sync show HEAD~1 `, 'sync op log', 'list']) {
    const { out, err } = await shell.run(`agent ${line}`);
    t.notMatch(out + err, new RegExp(texts.join('|')), line);
  }
  t.match(await shell.run(`agent show TEAM-001`), { out: '[erased]' });

  await vacuumed(origin);
  const rows = await dump();
  for (const text of [...texts, adaId]) {
    t.notOk(
      spellings(text).some((spelling) => rows.includes(spelling.toString('latin1'))),
      `no row of the origin has ${text}`,
    );
  }
  t.same(findInFiles([directory], texts), [], 'nor has any file of its database');

  await t.test('another clone follows when it next asks the origin', async (t) => {
    t.ok(findInFiles([cleo.root], texts).length > 0, 'until then it has all of it');
    const fetched = await agent(t, cleo).run('agent sync fetch');
    t.match(fetched, {
      code: 0,
      out: /^The origin has erased 1 name and 4 versions of artifacts that were here; they are gone\./,
    });
    t.same(findInFiles([cleo.root], texts), []);
    t.match(await cleo.run((repo) => fsck(repo.store)), { problems: [] });
    t.match(await cleo.run(status), CLEAN);
    t.match(await cleo.run(fetch), { refs: [], received: 0 });
  });

  await t.test('a new clone has the history, and nothing that was erased', async (t) => {
    const dora = new Developer(t, 'dora', { ...cleo.env, SUPABASE_USER: 'dora <dora@example.org>' });
    await dora.init({ origin: origin.url, project: (await cleo.run((repo) => repo.config()))!.origin!.project });
    await dora.run(pull);
    t.match(await dora.run((repo) => fsck(repo.store)), { problems: [] });
    t.equal(dora.read(HERS), ben.read(HERS));
    t.same(findInFiles([dora.root], texts), []);
  });

  await t.test('nobody brings back what was erased', async (t) => {
    ben.write('stories/TEAM/TEAM-009-again.md', storyText('TEAM-001', CANARY, [CANARY, 'Two.', 'Three.']));
    await t.rejects(ben.run(importArtifacts), { code: 'OBJECT_ERASED' }, 'not from a file');
    ben.run((repo) => repo.worktree.remove('stories/TEAM/TEAM-009-again.md'));
    t.match(await agent(t, ben).run('agent sync undo'), { code: 1, out: /nothing to undo/i });
    t.match(await agent(t, ben).run('agent sync undo 1'), { code: 128, err: /\[UNDO_IMPOSSIBLE\]/ });
    t.ok(
      (await ben.run((repo) => listOperations(repo))).some(({ closed }) => closed),
      'what was done before is still listed',
    );

    // Her own clone has all of it, and the name, and a commit that was never pushed.
    ada.edit(HIS, 'Three.', 'Three, and more.');
    await ada.run(importArtifacts);
    await t.rejects(ada.run(push), { code: 'ORIGIN_REFUSED' }, 'and she is no member any more');
  });
});

t.test('a writer erases her own name, and nothing else', async (t) => {
  const { ada, ben, cleo, adaId, project } = await team(t);
  const [{ id } = { id: '' }] = await origin.sql<{ id: string }>('select id from agent_sync.projects where name = $1', [
    project,
  ]);
  const shell = agent(t, ada);
  for (const line of ['--actor ben@example.org', '--actor ben', `--actor ${MAIL} --content`]) {
    t.match(await shell.run(`agent sync purge ${line} --yes`), { code: 128, err: /\[ORIGIN_REFUSED\]/ }, line);
  }
  const pseudonymOf = async () =>
    (
      await origin.sql('select pseudonym from agent_sync.pseudonyms where project = $1 and user_id = $2', [id, adaId])
    )[0];
  const before = await pseudonymOf();
  t.match(await shell.run(`agent sync purge --actor ${MAIL} --yes`), {
    code: 0,
    out: /Gone at the origin: 1 name, 1 link/,
  });
  await cleo.run(fetch);
  t.notMatch(JSON.stringify(await cleo.run((repo) => log(repo))), ADA);
  t.notSame(await pseudonymOf(), before, 'what she did until now is of a pseudonym that is nobody');
  const audit = await origin.sql(
    `select a.number, a.hash = sha256(convert_to(agent_sync.audit_text(a), 'UTF8')) as sound,
        a.previous = lag(a.hash, 1, decode(repeat('00', 32), 'hex')) over (order by a.number) as follows
      from agent_sync.audit a where a.project = $1 order by a.number`,
    [id],
  );
  t.ok(
    audit.length > 5 && audit.every(({ sound, follows }) => sound && follows),
    'the audit is as it was, and its chain holds',
  );
  await ada.run(pull);
  t.match(await ada.run(push), { status: 'up-to-date' }, 'she is a member still');

  const config = join(ben.root, '.agent/etc/sync.yaml');
  // Nobody listens there.
  writeFileSync(config, readFileSync(config, 'utf8').replace(origin.url, 'http://127.0.0.1:9'));
  const offline = await agent(t, ben).run('agent sync purge --actor cleo --yes');
  t.match(offline, { code: 128, err: /\[ORIGIN_UNREACHABLE\]/ });
  t.ok(await ben.run((repo) => repo.store.actors.list().length > 0), 'without the origin nothing is erased');
});

t.test('who registered a project is in no file of its tables', async (t) => {
  const { url, key } = origin;
  const project = `registered-${randomUUID()}`;
  const [gone, heir] = [await origin.addUser('gone'), await origin.addUser('heir')];
  const remoteOf = ({ token: accessToken }: typeof gone) => supabaseRemote({ url, key, accessToken, project });
  const registrar = remoteOf(gone);
  await registrar.register();
  await registrar.setMember(heir.userId, 'owner');
  await registrar.push(pushOf(commitOf({ 'INFRA-001-first.md': 'one\n' }), null));
  const files = async () => {
    const rows = await origin.sql<{ name: string; file: string }>(
      `select relname as name, pg_relation_filepath(oid) as file from pg_class
        where relnamespace = 'agent_sync'::regnamespace and relkind in ('r', 'i')`,
    );
    const id = Buffer.from(gone.userId.replaceAll('-', ''), 'hex');
    await origin.sql('checkpoint');
    const { data } = layoutOf(directory);
    return rows.filter(({ file }) => readFileSync(join(data, file)).includes(id)).map(({ name }) => name);
  };
  t.ok((await files()).includes('projects'), 'until then it is');
  await remoteOf(heir).purge({ actors: [ACTOR.id], blobs: [] });
  await vacuumed(origin);
  t.same(await files(), []);
});
