/** What a client makes of an origin that means it ill: it refuses with a code, and nothing has changed. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  type ErrorCode,
  fetch,
  fsck,
  type IdentifiedObject,
  importArtifacts,
  initRepository,
  newArtifact,
  openRepository,
  pull,
  type Repository,
  SyncError,
} from '../../../lib/index.js';
import { commitOf } from '../../../lib/origin/contract/specimens.js';
import { parseJson } from '../../../lib/origin/supabase/bounded-json.js';
import { Developer, storyText } from '../../e2e/developer.js';
import { ANSWER_ROWS, type AnswerRow, ID_ROWS, PAGE_ROWS } from './answer-rows.js';
import { page, type Replies, type Stock, withHostileOrigin } from './hostile-origin.js';
import { FORM_ROWS, LINK_ROWS, type ObjectRow } from './object-rows.js';
import { BLOB, commit, entry, tree } from './specimens.js';

const origin = await withHostileOrigin(t);
const MAIN = 'refs/heads/main';
const FIRST = 'INFRA-001-first.md';
const env = {
  SUPABASE_USER: 'ada <ada@example.org>',
  SUPABASE_ANON_KEY: 'sb_publishable_x',
  SUPABASE_ACCESS_TOKEN: 'eyJ.to.ken',
};

/** In memory where there is such a folder: two hundred stores would wait for the disk. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** What an honest origin has, and what it has after another push. */
const old = commitOf({ [FIRST]: storyText('INFRA-001', 'First') });
const next = commitOf({ [FIRST]: storyText('INFRA-001', 'Second') }, [old.oid]);
const before: Stock = { refs: { [MAIN]: old.oid }, objects: old.objects };
const after: Stock = {
  refs: { [MAIN]: next.oid },
  objects: [...old.objects, ...next.objects.filter(({ oid }) => !old.objects.some((known) => known.oid === oid))],
};

/** A folder in which a project, and beside it a file that is nobody's business, wait to be copied for each row. */
const template = mkdtempSync(join(FOLDER, 'agent-sync-hostile-'));
t.teardown(() => rmSync(template, { recursive: true, force: true }));
mkdirSync(join(template, 'project'));
writeFileSync(join(template, 'canary'), 'alive\n');
origin.serve(before);
await initRepository(join(template, 'project'), { origin: origin.url, project: 'hostile', env });
await using(join(template, 'project'), pull);

async function using<T>(root: string, work: (repo: Repository) => T | Promise<T>): Promise<T> {
  const repo = await openRepository(root, { env });
  try {
    return await work(repo);
  } finally {
    await repo.close();
  }
}

/** Every file below a folder but the store's, with its contents. */
function filesBelow(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => !path.includes('agent.db'));
  return Object.fromEntries(
    paths.map((path) => {
      const stat = lstatSync(join(root, path));
      return [path, stat.isFile() ? readFileSync(join(root, path), 'utf8') : stat.isDirectory() ? 'folder' : 'other'];
    }),
  );
}

function state(repo: Repository): unknown {
  return [[...repo.store.refs.list()], repo.store.refs.get('HEAD'), repo.store.merge.get()];
}

/** A request that fails, what it is asked of, and how. */
interface Attack {
  /** Completes "an origin that". */
  readonly sentence: string;
  readonly code: ErrorCode | readonly ErrorCode[];
  readonly stock: Stock;
  readonly replies?: Replies;
  readonly does: (repo: Repository) => Promise<unknown>;
}

let cases = 0;

/** Has a client ask, and looks whether anything came of it. */
async function attack(t: Test, repo: Repository, { sentence, code, stock, replies, does }: Attack): Promise<void> {
  cases++;
  const place = join(repo.root, '..');
  const [states, files] = [state(repo), filesBelow(place)];
  origin.serve(stock, replies);
  const failure = await does(repo).then(
    () => undefined,
    (error: unknown) => error,
  );
  const told = failure instanceof SyncError ? failure.code : `no code: ${failure}`;
  t.ok([code].flat().includes(told as ErrorCode), `an origin that ${sentence}: ${told}`);
  t.same(state(repo), states, 'no ref moved');
  t.same(filesBelow(place), files, 'no file changed');
}

/** Whether a store that was attacked is sound, and is of use with an honest origin. */
async function recovers(t: Test, repo: Repository): Promise<void> {
  t.same(fsck(repo.store).problems, [], 'fsck finds nothing');
  origin.serve(after);
  await pull(repo);
  t.equal(repo.store.refs.get('refs/remotes/origin/main'), next.oid, 'an honest origin is fetched from');
  t.same(fsck(repo.store).problems, [], 'into a sound store');
}

/** Works in a copy of the project. */
async function inCopy(work: (repo: Repository) => Promise<void>): Promise<void> {
  const place = mkdtempSync(join(FOLDER, 'agent-sync-hostile-'));
  try {
    cpSync(template, place, { recursive: true });
    await using(join(place, 'project'), work);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** One project is attacked in all these ways, and keeps nothing of any. */
function attackOne(
  t: Test,
  attacks: readonly Attack[],
  prepare?: (repo: Repository) => Promise<unknown>,
): Promise<void> {
  return inCopy(async (repo) => {
    await prepare?.(repo);
    const kept = () => [repo.store.objects.lastSequence(), repo.store.settings.get('remote.origin.sequence')];
    const known = kept();
    for (const one of attacks) {
      await attack(t, repo, one);
      t.same(kept(), known, 'nothing is kept');
    }
    await recovers(t, repo);
  });
}

/** Each of these may leave something, and an honest origin is asked after each. */
async function attackEach(t: Test, attacks: readonly Attack[]): Promise<void> {
  for (const one of attacks) {
    await inCopy(async (repo) => {
      await attack(t, repo, one);
      await recovers(t, repo);
    });
  }
}

/** Every second row goes by pull, which would go on to the disk. */
function sending({ sentence, code, objects }: ObjectRow, i: number): Attack {
  const sent = objects(old.oid, old.tree);
  const stock: Stock = { refs: { [MAIN]: sent.at(-1)!.oid }, objects: [...old.objects, ...sent] };
  return { sentence: `sends ${sentence}`, code, stock, does: i % 2 === 0 ? fetch : pull };
}

function answering({ does = fetch, replies, ...row }: AnswerRow): Attack {
  return { ...row, does, stock: before, replies: replies(before) };
}

t.test('objects that are wrong', (t) => attackOne(t, FORM_ROWS.map(sending)));

t.test('objects that do not fit together', (t) => attackEach(t, LINK_ROWS.map(sending)));

t.test('answers', (t) =>
  attackOne(t, ANSWER_ROWS.map(answering), (repo) => {
    const own = '.agent/cache/plans/INFRA/INFRA-002-own.md';
    writeFileSync(join(repo.root, own), storyText('INFRA-002', 'Own'));
    return importArtifacts(repo);
  }),
);

t.test('pages', (t) => attackEach(t, PAGE_ROWS.map(answering)));

t.test('ids', (t) => {
  const does = (repo: Repository) => newArtifact(repo, { kind: 'story', title: 'New', prefix: 'SYNC' });
  return attackOne(
    t,
    ID_ROWS.map(([what, replies]) =>
      answering({ sentence: `issues ${what}`, code: 'ORIGIN_ANSWER_INVALID', does, replies }),
    ),
  );
});

t.test('a project that begins at such an origin', async (t) => {
  const rows = [...FORM_ROWS.filter((_, i) => i % 20 === 0), ...LINK_ROWS.filter((_, i) => i % 5 === 0)];
  for (const { sentence, code, objects } of rows) {
    cases++;
    const sent = [...old.objects, ...objects(old.oid, old.tree)];
    origin.serve({ refs: { [MAIN]: sent.at(-1)!.oid }, objects: sent });
    const eve = new Developer(t, 'eve', env);
    await t.rejects(eve.init({ origin: origin.url, project: 'hostile' }), { code }, `sends ${sentence}`);
    t.same(await eve.run((repo) => [...repo.store.refs.list()]), [], 'has no ref');
    origin.serve(after);
    await eve.run(pull);
    t.match(eve.read(`plans/INFRA/${FIRST}`), /Second/, 'and gets on with an honest one');
  }
});

t.test('what is only odd comes in', async (t) => {
  const names = ['what?.md', 'ä.md', '\u65e5\u672c.md', ' a.md', 'a..b.md', `${'n'.repeat(252)}.md`];
  const odd = commitOf(Object.fromEntries(names.map((name) => [name, 'text\n'])), [old.oid]);
  const reader = new Developer(t, 'reader', env);
  origin.serve(before);
  await reader.init({ origin: origin.url, project: 'hostile' });
  // Pages are cut where no honest origin cuts them.
  const objects = [...new Map([...old.objects, ...odd.objects].map((object) => [object.oid, object])).values()];
  origin.serve(
    { refs: { [MAIN]: odd.oid }, objects },
    {
      fetch: ({ after }) =>
        page(objects.slice(after, after + 1), { sequence: after + 1, more: after + 1 < objects.length }),
    },
  );
  await reader.run(pull);
  for (const name of names) t.equal(reader.read(`plans/INFRA/${name}`), 'text\n', name);
  t.same(await reader.run((repo) => fsck(repo.store).problems), []);
});

t.test('what is no artifact stays off the disk, and HEAD where it was', async (t) => {
  const inner = tree(entry('100644', 'x.md'));
  const roots: readonly [what: string, root: IdentifiedObject][] = [
    ['the store itself', tree(entry('100644', 'agent.db'))],
    ['a folder in the place of its log', tree(entry('40000', 'agent.db-wal', inner.oid))],
    ['the note of what the files come from', tree(entry('100644', '.agent-sync-base'))],
    ['a file in the place of a kind’s folder', tree(entry('100644', 'plans'))],
    ['a hidden file', tree(entry('100644', '.hidden.md'))],
    ['a program', tree(entry('100755', 'run.sh'))],
    ['a folder of its own', tree(entry('40000', 'evil', inner.oid))],
  ];
  for (const [what, root] of roots) {
    cases++;
    const tip = commit(root.oid, [old.oid]);
    origin.serve({ refs: { [MAIN]: tip.oid }, objects: [...old.objects, BLOB, inner, root, tip] });
    await inCopy(async (repo) => {
      const files = filesBelow(join(repo.root, '..'));
      await t.rejects(pull(repo), { code: 'PATH_UNSAFE' }, what);
      t.equal(repo.store.refs.get('HEAD'), old.oid, 'HEAD did not move');
      t.same(filesBelow(join(repo.root, '..')), files, 'no file changed');
      await recovers(t, repo);
    });
  }
});

t.test('a history without end of small steps comes in, and takes no stack', async (t) => {
  const steps = process.env.AGENT_TEST_FULL ? 100_000 : 2_000;
  const objects = [...old.objects];
  for (let i = 0; i < steps; i++) objects.push(commit(old.tree, [i === 0 ? old.oid : objects.at(-1)!.oid]));
  origin.serve(
    { refs: { [MAIN]: objects.at(-1)!.oid }, objects },
    {
      fetch: ({ after }) =>
        page(objects.slice(after, after + 10_000), {
          sequence: Math.min(after + 10_000, objects.length),
          more: after + 10_000 < objects.length,
        }),
    },
  );
  await inCopy(async (repo) => {
    t.match(await pull(repo), { merged: { status: 'fast-forward' } });
    t.same(fsck(repo.store).problems, []);
  });
});

t.test('how many there were', async (t) => {
  t.ok(cases >= 90, `${cases} hostile cases were refused with a code`);
});

t.test('JSON is read if no answer has more levels and values, whatever is in its strings', async (t) => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  const rows: readonly [what: string, text: string, isRead: boolean][] = [
    ['64 levels', nested(64), true],
    ['65 levels', nested(65), false],
    ['levels that end before others begin', `[${Array(100).fill(nested(60)).join()}]`, true],
    ['65 brackets in a string', `["${'['.repeat(65)}"]`, true],
    ['65 brackets in a string behind a quote in it', `["\\"${'['.repeat(65)}"]`, true],
    ['65 levels behind a string that ends in a backslash', `["\\\\",${nested(65)}]`, false],
    ['4 million values', `[${'0,'.repeat(3_999_998)}0]`, true],
    ['more than that', `[${'0,'.repeat(4_000_000)}0]`, false],
  ];
  for (const [what, text, isRead] of rows) {
    const read = () => parseJson(Buffer.from(text));
    if (isRead) t.doesNotThrow(read, what);
    else t.throws(read, { code: 'ORIGIN_ANSWER_INVALID', message: /without end/ }, what);
  }
});
