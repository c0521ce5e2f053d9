/** Commands with a file for an origin, or with none. */
import { storyText } from '../e2e/developer.js';
import { dropLogs, makeOld, spoilIndex } from './old-store.js';
import type { Scenario } from './scenario.js';
import type { Person, Stage } from './stage.js';

export const CART = 'stories/SHOP/SHOP-001-cart.md';
const LIST = 'stories/SHOP/SHOP-002-list.md';
const GONE = 'stories/SHOP/SHOP-003-gone.md';
export const PLAN = 'plans/SHOP/SHOP-001-plan.md';
export const NEW = 'stories/SHOP/SHOP-004-new.md';
const OWN = 'stories/MINE/MINE-001-own.md';

/** Makes a project that the file beside everybody's folders is the origin of, or joins it. */
export const INIT = 'sync init --origin file:../origin.db --project shop';

/** A folder of Markdown that agent-sync has not seen. */
export function markdown(who: Person): void {
  who.write(CART, storyText('SHOP-001', 'Cart'));
  who.write(LIST, storyText('SHOP-002', 'List'));
  who.write(GONE, storyText('SHOP-003', 'Gone'));
  who.write(PLAN, '# SHOP-001: Plan\n\n## State\n\nDRAFT\n');
}

/** A project with one commit, and no origin. */
export async function alone({ ada }: Stage): Promise<void> {
  markdown(ada);
  await ada.does('sync init', 'sync import');
}

/** A project that Ada and Bob have from their origin, at the same commit. */
export async function together({ ada, bob }: Stage): Promise<void> {
  markdown(bob);
  await bob.does(INIT, 'sync import', 'sync push');
  await ada.does(INIT, 'sync pull', 'set-state SHOP-002 ACCEPTED', 'sync push');
  await bob.does('sync pull');
}

/** Bob has pushed a change of one Story, a new one and a removal; Ada has changed another line or another Story. */
export async function diverged(stage: Stage): Promise<void> {
  const { ada, bob } = stage;
  await together(stage);
  bob.edit(CART, 'One.', 'One, by Bob.');
  bob.write(NEW, storyText('SHOP-004', 'New'));
  bob.remove(GONE);
  await bob.does('sync import', 'sync push');
  ada.edit(CART, 'Five.', 'Five, by Ada.');
  ada.write(OWN, storyText('MINE-001', 'Own'));
  await ada.does('sync import');
}

/** Only Bob has changed something. */
async function behind(stage: Stage): Promise<void> {
  const { bob } = stage;
  await together(stage);
  bob.edit(CART, 'One.', 'One, by Bob.');
  bob.remove(GONE);
  bob.write(NEW, storyText('SHOP-004', 'New'));
  await bob.does('sync import', 'sync push');
}

/** Ada's store has gone on, and her files are put back to what they were, as by a checkout of an older branch. */
async function stale({ ada }: Stage): Promise<void> {
  const before = [CART, GONE, '.agent-sync-base'].map((path) => [path, ada.read(path)] as const);
  ada.edit(CART, 'One.', 'One, later.');
  ada.remove(GONE);
  await ada.does('sync import');
  for (const [path, text] of before) ada.write(path, text);
}

/** Both have changed the same line of one Story, and Ada the one that Bob removed; the rest of Bob's merges cleanly. */
export async function clashing(stage: Stage): Promise<void> {
  const { ada, bob } = stage;
  await together(stage);
  bob.edit(CART, 'One.', 'One, by Bob.');
  bob.edit(CART, 'Five.', 'Five, by Bob.');
  bob.edit(PLAN, 'DRAFT', 'ACCEPTED');
  bob.remove(GONE);
  bob.write(NEW, storyText('SHOP-004', 'New'));
  await bob.does('sync import', 'sync push');
  ada.edit(CART, 'One.', 'One, by Ada.');
  ada.edit(CART, 'Five.', 'Five, by Ada.');
  ada.edit(GONE, 'Three.', 'Three, by Ada.');
  ada.edit(LIST, 'Two.', 'Two, by Ada.');
  await ada.does('sync import');
}

/** The merge of that has stopped. */
async function stopped(stage: Stage): Promise<void> {
  await clashing(stage);
  await stage.ada.does('1: sync pull');
}

/** And every conflict is settled. */
async function settled(stage: Stage): Promise<void> {
  await stopped(stage);
  await stage.ada.does('sync resolve SHOP-001 --union', 'sync resolve --all --ours');
}

/** The same by a rebase, which has another commit to come. */
async function rebasing(stage: Stage): Promise<void> {
  await clashing(stage);
  stage.ada.write(OWN, storyText('MINE-001', 'Own'));
  await stage.ada.does('sync import', '1: sync pull --rebase');
}

async function rebaseSettled(stage: Stage): Promise<void> {
  await rebasing(stage);
  await stage.ada.does('sync resolve --all --theirs');
}

/** A second commit, of an edit, a new file and a removal. */
async function imported(stage: Stage): Promise<void> {
  await alone(stage);
  stage.ada.edit(CART, 'One.', 'First.');
  stage.ada.write(NEW, storyText('SHOP-004', 'New'));
  stage.ada.remove(GONE);
  await stage.ada.does('sync import');
}

/** A merge that stopped, an answer to it by hand, and what went before. */
async function undoable(stage: Stage): Promise<void> {
  await stopped(stage);
  await stage.ada.does('sync resolve SHOP-001 --theirs');
}

/** A change on disk that nothing has imported, beside what the command is about. */
function withWorkOnDisk(prepare: (stage: Stage) => Promise<void>) {
  return async (stage: Stage) => {
    await prepare(stage);
    stage.ada.edit(LIST, 'Five.', 'Five, not yet imported.');
  };
}

/** A run of `line` with what leads up to it. */
type Row = readonly [name: string, prepare: Scenario['prepare'], line: string, more?: Partial<Scenario>];

const STOPS = { code: 1, codeAgain: 128 };
/** Run again it has nothing left to do, and says so as an error. */
const DONE = { codeAgain: 128 };

const ROWS: readonly Row[] = [
  ['init beside Markdown', ({ ada }) => markdown(ada), 'sync init'],
  ['init that makes a project at the origin', ({ ada }) => markdown(ada), INIT],
  [
    'init that joins a project',
    async ({ bob }) => {
      markdown(bob);
      await bob.does(INIT, 'sync import', 'sync push');
    },
    INIT,
  ],
  ['init that adds an origin', alone, INIT],
  [
    'the first import',
    async ({ ada }) => {
      markdown(ada);
      await ada.does('sync init');
    },
    'sync import',
  ],
  [
    'import of an edit, a new file and a removal',
    async (stage) => {
      await alone(stage);
      stage.ada.edit(CART, 'One.', 'First.');
      stage.ada.write(NEW, storyText('SHOP-004', 'New'));
      stage.ada.remove(GONE);
    },
    'sync import',
  ],
  [
    'import of stale files, which the disk then follows',
    async (stage) => {
      await together(stage);
      await stale(stage);
      stage.ada.edit(CART, 'Five.', 'Five, here.');
    },
    'sync import',
  ],
  [
    'import that stops at a conflict',
    async (stage) => {
      await together(stage);
      await stale(stage);
      stage.ada.edit(CART, 'One.', 'One, here.');
    },
    'sync import',
    STOPS,
  ],
  ['edit', alone, 'edit story/SHOP-001 --file -', { input: storyText('SHOP-001', 'Cart', ['Other.']) }],
  ['set-state', alone, 'set-state story/SHOP-001 ACCEPTED'],
  ['rm', alone, 'rm SHOP-003', DONE],
  [
    'export over an older state',
    async (stage) => {
      await together(stage);
      await stale(stage);
    },
    'sync export',
  ],
  ['export to another folder', alone, 'sync export --to ../elsewhere'],
  ['export to git', alone, 'sync export --git ../git'],
  [
    'export to git, again',
    async (stage) => {
      await alone(stage);
      await stage.ada.does('sync export --git ../git', 'rm SHOP-003', 'set-state story/SHOP-001 ACCEPTED');
    },
    'sync export --git ../git',
  ],
  ['fetch', diverged, 'sync fetch'],
  ['pull that fast-forwards', withWorkOnDisk(behind), 'sync pull'],
  ['pull that merges', diverged, 'sync pull'],
  ['pull that merges beside work on disk', withWorkOnDisk(diverged), 'sync pull'],
  ['pull that stops at conflicts', clashing, 'sync pull', STOPS],
  ['pull --rebase', diverged, 'sync pull --rebase'],
  ['pull --rebase that stops at conflicts', clashing, 'sync pull --rebase', STOPS],
  ['resolve by hunks', stopped, 'sync resolve SHOP-001 --union'],
  ['resolve with one side', stopped, 'sync resolve --all --theirs'],
  ['merge --continue', withWorkOnDisk(settled), 'sync merge --continue', DONE],
  ['merge --abort', settled, 'sync merge --abort', DONE],
  ['rebase --continue', withWorkOnDisk(rebaseSettled), 'sync rebase --continue', DONE],
  ['rebase --skip', rebasing, 'sync rebase --skip', DONE],
  ['rebase --abort', rebasing, 'sync rebase --abort', DONE],
  [
    'push',
    async (stage) => {
      await diverged(stage);
      await stage.ada.does('sync pull');
    },
    'sync push',
  ],
  [
    'the first command after an upgrade',
    async (stage) => {
      await together(stage);
      makeOld(stage.ada.file('agent.db'));
    },
    'list',
  ],
  [
    'gc',
    async (stage) => {
      await stopped(stage);
      await stage.ada.does('sync merge --abort', 'sync gc --grace 0');
      dropLogs(stage.ada.file('agent.db'));
    },
    'sync gc --grace 0',
    { drops: true },
  ],
  [
    'purge of the other, and of what only they wrote',
    async (stage) => {
      await diverged(stage);
      await stage.ada.does('sync pull');
    },
    'sync purge --actor bob@example.org --content --yes',
    { drops: true, ...DONE },
  ],
  [
    'fetch that learns of a purge',
    async (stage) => {
      await diverged(stage);
      await stage.ada.does('sync pull');
      await stage.bob.does('sync purge --actor bob@example.org --content --yes');
    },
    'sync fetch',
    { drops: true },
  ],
  ['undo of an import', imported, 'sync undo', { once: true }],
  [
    'undo of a merge, beside work on disk',
    async (stage) => {
      await diverged(stage);
      await stage.ada.does('sync pull');
      stage.ada.edit(LIST, 'Five.', 'Five, not yet imported.');
    },
    'sync undo',
    { once: true },
  ],
  ['undo of a stopped merge and an answer', undoable, 'sync op restore 2', { once: true }],
  ['backup', imported, 'sync backup ../backup.db --force'],
  [
    'restore of a backup',
    async (stage) => {
      await imported(stage);
      await stage.ada.does('sync backup ../backup.db', 'set-state story/SHOP-001 ACCEPTED');
    },
    'sync restore ../backup.db',
    { drops: true },
  ],
  [
    'doctor --fix of derived tables',
    async (stage) => {
      await imported(stage);
      spoilIndex(stage.ada.file('agent.db'));
    },
    'sync doctor --fix',
    { damaged: true },
  ],
  ['new-story --draft', together, "new-story 'A basket' --prefix SHOP --draft", { once: true }],
  [
    'push that numbers a draft',
    async (stage) => {
      await together(stage);
      await stage.ada.does("new-story 'A basket' --prefix SHOP --draft", "new-story 'A bag' --prefix SHOP --draft");
    },
    'sync push',
  ],
  ['new-story', together, "new-story 'A basket' --prefix SHOP", { once: true }],
];

/** The commands, each with what leads up to it. */
export const SCENARIOS: readonly Scenario[] = ROWS.map(([name, prepare, line, more]) => ({
  name,
  prepare,
  line,
  ...more,
}));
