/** `npm run demo`: the main job of agent-sync, with real commands, on an origin of this machine. Leaves nothing behind. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reachableFolder } from '../origin/with-origin.js';
import { Person } from './person.js';
import { Stage } from './stage.js';
import { ORIGIN_FOLDER, playStory } from './story.js';

const start = performance.now();
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());

const stage = new Stage(process.stdout, process.env);
const folder = mkdtempSync(join(reachableFolder(), 'agent-sync-demo-'));
// PostgreSQL runs as another account where we are root, and has to get through.
chmodSync(folder, 0o711);
stage.title(`agent-sync: two people share Plans, Stories and Runbooks (in ${folder})`);

let failure: Error | undefined;
try {
  const person = (name: string) => new Person(name, join(folder, name), stage, ending.signal);
  const operator = new Person('operator', folder, stage, ending.signal);
  await playStory(stage, { operator, ada: person('ada'), ben: person('ben') });
} catch (error) {
  failure = error as Error;
}

try {
  stage.step('The origin stops, and the folders of this demo are removed.');
  await new Person('operator', folder, stage).agent(['origin', 'stop', '--directory', ORIGIN_FOLDER]);
  rmSync(folder, { recursive: true, force: true });
} catch (error) {
  failure ??= error as Error;
}

const seconds = ((performance.now() - start) / 1000).toFixed(1);
if (ending.signal.aborted) {
  stage.failure(`The demo was interrupted after ${seconds} s.`);
  process.exitCode = 130;
} else if (failure) {
  stage.failure(`The demo failed after ${seconds} s: ${failure.message}`);
  process.exitCode = 1;
} else {
  stage.success(`Done: ${stage.commands} commands in ${seconds} s, and both people have the same files.`);
  stage.output('Next: README.md for a project of your own, docs/cli.md for the commands, npx agent --help.');
}
