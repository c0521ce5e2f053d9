import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { repoRoot } from '../paths.js';
import type { Person } from './person.js';
import type { Stage } from './stage.js';

/** Who takes part: `operator` runs the origin, `ada` and `ben` work on one project. */
export interface Cast {
  readonly operator: Person;
  readonly ada: Person;
  readonly ben: Person;
}

/** The folder of the origin, below the operator's. */
export const ORIGIN_FOLDER = 'origin';

const STORY = 'stories/STORE/STORE-001-objects-as-git-has-them.md';
const LINE =
  '- [ ] **Negative test**: an object whose bytes do not match its id is refused, and nothing of it is kept.';
const BENS_LINE = '- [x] **Negative test**: an object whose bytes do not match its id is refused; the error names it.';
const ADAS_LINE = '- [ ] **Negative test**: an object whose bytes do not match its id is refused by both sides.';
const BOTH_LINES =
  '- [x] **Negative test**: an object whose bytes do not match its id is refused by both sides, by name.';

/**
 * Plays the main job from an empty folder on: two people share artifacts, meet in a conflict, and end with the same files.
 *
 * @throws {Error} when a command ends otherwise than it should, or the two do not end with the same
 */
export async function playStory(stage: Stage, { operator, ada, ben }: Cast): Promise<void> {
  stage.step('An origin starts on this machine: PostgreSQL, PostgREST and a gateway, as a Supabase project has them.');
  const started = await operator.agent(['origin', 'start', '--directory', ORIGIN_FOLDER]);
  const url = printed(started, /\bat (http:\S+)/);
  const key = printed(started, /SUPABASE_ANON_KEY=(\S+)/);

  stage.step('Two people get an account there.');
  const addUser = (name: string) => operator.agent(['origin', 'user', 'add', name, '--directory', ORIGIN_FOLDER]);
  const adasAccount = await addUser('ada');
  const bensAccount = await addUser('ben');
  const token = (account: string) => printed(account, /^(eyJ\S+)$/m);
  const bensId = printed(bensAccount, /\bid (\S+)/);

  stage.step('Ada makes the project. Its keys are in her environment, never in a file.');
  ada.export({ SUPABASE_USER: 'Ada <ada@example.org>', SUPABASE_ANON_KEY: key });
  ada.export({ SUPABASE_ACCESS_TOKEN: token(adasAccount) });
  await ada.agent(['sync', 'init', '--origin', url, '--project', 'demo']);

  stage.step(
    'She has Plans, Stories and Runbooks as Markdown, commits them to her store, and sends them to the origin.',
  );
  ada.copyIntoCache(join(repoRoot, 'fixtures/artifacts'), 'fixtures/artifacts');
  await ada.agent(['sync', 'import']);
  await ada.agent(['sync', 'push']);

  stage.step('She makes Ben a member, by the id of his account. Nobody else can read or write the project.');
  await ada.agent(['sync', 'members', 'add', bensId]);

  stage.step('Ben joins the project and gets everything.');
  ben.export({ SUPABASE_USER: 'Ben <ben@example.org>', SUPABASE_ANON_KEY: key });
  ben.export({ SUPABASE_ACCESS_TOKEN: token(bensAccount) });
  await ben.agent(['sync', 'init', '--origin', url, '--project', 'demo']);
  await ben.agent(['sync', 'pull'], { lines: 6 });
  await ben.agent(['list'], { lines: 20 });

  stage.step('Ben sets a Story to COMMITTED, edits a line of another one, and pushes both.');
  await ben.agent(['set-state', 'story/STORE-002', 'COMMITTED']);
  ben.editLine(STORY, LINE, BENS_LINE);
  await ben.agent(['sync', 'import']);
  await ben.agent(['sync', 'push']);

  stage.step('Ada knows nothing of it and edits the same line. Her push is refused, so that nothing of his gets lost.');
  ada.editLine(STORY, LINE, ADAS_LINE);
  await ada.agent(['sync', 'import']);
  await ada.agent(['sync', 'push'], { exit: 1 });

  stage.step(
    'She pulls. All else is merged; of the Story that both edited, the file shows both versions between markers.',
  );
  await ada.agent(['sync', 'pull'], { exit: 1 });
  await ada.agent(['sync', 'status'], { lines: 20 });
  ada.showPart(STORY, '<<<<<<<', '>>>>>>>');

  stage.step('She makes one line of the two, tells so, finishes the merge and pushes.');
  ada.replaceConflict(STORY, BOTH_LINES);
  await ada.agent(['sync', 'resolve', 'story/STORE-001', '--file', `.agent/cache/${STORY}`]);
  await ada.agent(['sync', 'merge', '--continue']);
  await ada.agent(['sync', 'push']);

  stage.step('Ben pulls, and reads who did what.');
  await ben.agent(['sync', 'pull']);
  await ben.agent(['sync', 'log', '--oneline']);
  await ben.agent(['sync', 'log', 'story/STORE-001'], { lines: 30 });

  stage.step('Both have the same commit, and the same bytes on disk.');
  const status = [await ada.agent(['sync', 'status']), await ben.agent(['sync', 'status'])];
  if (status[0] !== status[1]) throw new Error('ada and ben do not stand at the same commit');
  if (!isDeepStrictEqual(ada.markdown(), ben.markdown())) throw new Error('ada and ben have different files');
}

/** What a command printed for its user to copy. */
function printed(output: string, pattern: RegExp): string {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`a command did not print what was expected of it (${pattern})`);
  return found;
}
