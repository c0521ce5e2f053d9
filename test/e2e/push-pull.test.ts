import t from 'tap';
import { push, pushWithPull } from '../../lib/index.js';
import { Shell } from '../cli/shell.js';
import { commit, OTHER, pair, STORY } from './pair.js';

t.test('push --pull after others were first', async (t) => {
  const { ada, ben } = await pair(t);
  const shell = new Shell(t, { folder: ben.root, env: ben.env });
  await commit(ada, STORY, 'One.', 'One, by Ada.');
  await ada.run(push);
  await commit(ben, OTHER, 'Two.', 'Two, by Ben.');
  t.match(await shell.run('agent sync push'), { code: 1, out: /rejected/ }, 'without it the push is rejected');
  t.match(await shell.run('agent sync push --pull --json'), {
    code: 0,
    out: /"status": "pushed",(.|\n)*"attempts": 2/,
  });
  t.match(ben.read(STORY), 'One, by Ada.');

  await commit(ada, STORY, 'Three.', 'Three, by Ada.');
  await ada.run((repo) => pushWithPull(repo));
  await commit(ben, STORY, 'Three.', 'Three, by Ben.');
  const stopped = await shell.run('agent sync push --pull');
  t.match(stopped, {
    code: 1,
    out: /^Nothing was pushed: 1 artifact changed both here and at the origin:\n {2}content: /,
  });
  t.match(ben.read(STORY), '<<<<<<<', 'conflicts stop it as they stop a pull');
  t.match(await shell.run('agent sync push --pull'), { code: 128, err: /\[MERGE_IN_PROGRESS\]/ });
  await shell.run('agent sync resolve --all --union && agent sync merge --continue');
  t.match(await shell.run('agent sync push --pull'), { code: 0 });
  t.match(await shell.run('agent sync push --pull --dry-run'), { code: 129, err: /\[USAGE\]/ });
});
