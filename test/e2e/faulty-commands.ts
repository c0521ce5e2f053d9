/** Commands in a network that breaks: with every fault, at every request that they make, and once more when it is well. */
import type { Test } from 'tap';
import { type ErrorCode, fsck } from '../../lib/index.js';
import { type Ended, runHere } from '../cli/command-line.js';
import { FAULTS, type FaultKind } from '../origin/faults.js';
import { type EndState, endState, faultyStage, type Scene, type Situation } from './faulty-stage.js';

/** A command, and where it is disturbed. */
export interface Command extends Situation {
  readonly argv: readonly string[];
  /** What does the work that was queued, where the command queues it. */
  readonly again?: readonly string[];
  /** In order; each is where the network breaks once. What another command asks in the same way is left to that one. */
  readonly requests: readonly string[];
}

/** What may pass by itself, and is waited for. */
const QUEUED: ReadonlySet<ErrorCode> = new Set([
  'ORIGIN_UNREACHABLE',
  'ORIGIN_BUSY',
  'ORIGIN_FAILED',
  'ORIGIN_ANSWER_INVALID',
]);

/** What came of a command, as far as it can be right or wrong. */
interface Verdict {
  /** The exit code and the code of the failure. */
  readonly ended: string;
  /** What it did not do, and said it did. */
  readonly lied: boolean;
  /** Whether the origin has what the command was to bring. */
  readonly origin: 'all' | 'nothing' | 'something else';
  /** In the store, right after. */
  readonly problems: readonly unknown[];
  /** After the same command in a network that is well. */
  readonly end: EndState;
}

/** The end of what was begun last, see `alone`. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Every second kind at one request and the others at the next, which is all of them for most commands; every kind at every request
 * where `AGENT_TEST_FULL` is set.
 */
function isTried(request: number): (kind: FaultKind, number: number) => boolean {
  return (_, number) => process.env.AGENT_TEST_FULL !== undefined || (request + number) % 2 === 0;
}

/** Tries each command in many kinds of broken network. */
export async function breakCommands(t: Test, commands: readonly Command[]): Promise<void> {
  t.setTimeout(170_000);
  const prepare = await faultyStage(t, 1);
  for (const command of commands) {
    await t.test(`agent ${command.argv.join(' ')}`, async (t) => {
      const calm = await prepare(t, command);
      t.equal((await run(calm, command.argv)).code, 0);
      t.strictSame(
        command.requests.filter((at) => !calm.proxy.asked.includes(at)),
        [],
        'makes the requests that are disturbed here',
      );
      const undisturbed = await endState(calm);
      const cells = command.requests.flatMap((at, i) => FAULTS.filter(isTried(i)).map((kind) => ({ at, kind })));
      await Promise.all(
        cells.map(async ({ at, kind }) => {
          const verdict = await tryOut(await alone(() => prepare(t, command)), command, at, kind);
          // The number of an answer that got lost is not given out again.
          const skipped = command.argv[0] === 'new-story' && at === 'issue_id' && kind.reaches && kind.codes.length > 0;
          const end = skipped
            ? JSON.parse(JSON.stringify(undisturbed).replaceAll('SYNC-003', 'SYNC-004'))
            : undisturbed;
          const ended = expectedEnds(command, at, kind);
          const reached = kind.codes.length === 0 || (at === 'push' && kind.reaches);
          t.strictSame(
            { ...verdict, ended: ended.includes(verdict.ended) ? ended : verdict.ended },
            { ended, lied: false, origin: reached && command.writes ? 'all' : 'nothing', problems: [], end },
            `${at}, in a network that ${kind.sentence}`,
          );
        }),
      );
    });
  }
}

async function tryOut(scene: Scene, command: Command, at: string, kind: FaultKind): Promise<Verdict> {
  const before = await scene.originMain();
  const started = await alone(async () => {
    const broken = scene.proxy.breakAt(at, kind.fault);
    const ended = run(scene, command.argv);
    await Promise.race([broken, ended]);
    return { ended };
  });
  const { code, document } = await started.ended;
  const failure = (document.error ?? (document.push as { error?: unknown } | undefined)?.error) as { code: string };
  return alone(async () => {
    const { head, tracking, problems } = await scene.developer.run(({ store }) => ({
      head: store.refs.get('HEAD'),
      tracking: store.refs.get('refs/remotes/origin/main'),
      problems: fsck(store).problems,
    }));
    const main = await scene.originMain();
    const isQueued = document.status === 'queued';
    const isDone = tracking === main && (!command.writes || head === main);
    scene.proxy.heal();
    if (code !== 0) {
      const again = await run(scene, 'id' in document ? ['sync', 'push'] : command.argv);
      if (again.code !== 0) throw new Error(again.err);
    } else if (isQueued) {
      const again = await run(scene, command.again!);
      if (again.code !== 0) throw new Error(again.err);
    }
    return {
      ended: code !== 0 ? `${code} ${failure?.code}` : isQueued ? '0 queued' : '0',
      lied: code === 0 && !isQueued && !isDone,
      origin: main === before ? 'nothing' : main === head ? 'all' : 'something else',
      problems,
      end: await endState(scene),
    };
  });
}

/** A new artifact whose push failed is made, and a "no"; all else that fails is not done. */
function expectedEnds({ argv, again }: Command, at: string, { codes }: FaultKind): readonly string[] {
  if (codes.length === 0) return ['0'];
  if (again) return codes.map((code) => (QUEUED.has(code) ? '0 queued' : `128 ${code}`));
  const isMade = argv[0]!.startsWith('new-') && (at === 'push' || at === 'describe 2');
  return codes.map((code) => `${isMade ? 1 : 128} ${code}`);
}

function run({ developer: { root, env } }: Scene, argv: readonly string[]): Promise<Ended> {
  return runHere(argv, { cwd: root, env });
}

/** Of what computes one at a time, so that each waits for nothing but its network; all wait for that at once. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work, work);
  last = done.catch(() => {});
  return done;
}
