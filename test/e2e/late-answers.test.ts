/** Answers that come out of order: two commands at once in one store, and the earlier question is answered last. */
import t from 'tap';
import { fetch, importArtifacts, pull, push } from '../../lib/index.js';
import { type Fault, pass } from '../origin/faulty-proxy.js';
import { endState, faultyStage, type Scene } from './faulty-stage.js';

const TRACKING = 'refs/remotes/origin/main';
const prepare = await faultyStage(t, 60);

/** A network that has the answer to one request, and keeps it until it is let go. */
function holding(at: string): { readonly fault: Fault; readonly letGo: () => void } {
  let letGo!: () => void;
  let isFirst = true;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return {
    letGo,
    fault: async (exchange) => {
      if (!isFirst || !exchange.incoming.url!.endsWith(`/${at}`)) return pass(exchange);
      isFirst = false;
      const answer = await exchange.forward();
      await held;
      await pass({ ...exchange, forward: async () => answer });
    },
  };
}

function tracking({ developer }: Scene): Promise<string | undefined> {
  return developer.run(({ store }) => store.refs.get(TRACKING));
}

t.test('a fetch that hears of the origin after a push has moved it', async (t) => {
  const scene = await prepare(t, { store: 'ahead', teammate: false, writes: true });
  const { fault, letGo } = holding('describe');
  const asked = scene.proxy.breakAt('describe', fault);
  const late = scene.developer.run((repo) => fetch(repo));
  await asked;
  t.equal((await scene.developer.run((repo) => push(repo))).status, 'pushed');
  letGo();
  t.strictSame((await late).refs, [], 'moves nothing back');
  t.equal(await tracking(scene), await scene.originMain(), 'what was pushed is still known to be');
});

t.test('a push that hears of its success after a fetch that saw more', async (t) => {
  const scene = await prepare(t, { store: 'ahead', teammate: false, writes: true });
  const ben = scene.teammate();
  const { fault, letGo } = holding('push');
  const asked = scene.proxy.breakAt('push', fault);
  const late = scene.developer.run((repo) => push(repo));
  await asked;
  // The answer is held; the push itself is soon through.
  while ((await scene.originMain()) === (await tracking(scene)));
  await ben.run((repo) => pull(repo));
  ben.edit('stories/SYNC/SYNC-001-one.md', 'One.', 'Ben was here.');
  await ben.run((repo) => importArtifacts(repo));
  await ben.run((repo) => push(repo));
  t.equal((await scene.developer.run((repo) => fetch(repo))).refs.length, 1);
  letGo();
  t.equal((await late).status, 'pushed');
  t.equal(await tracking(scene), await scene.originMain(), 'does not forget what came after');
  t.match(await endState(scene), { isTrackingRight: true, problems: [] });
});
