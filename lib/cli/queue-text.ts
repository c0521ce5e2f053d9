import type { Intent, QueuedIntent } from '../core/ports.js';
import { catchUp } from '../repo/queue/catch-up.js';
import type { Queued } from '../repo/queue/queue.js';
import type { QueueRun, QueueStep } from '../repo/queue/run-queue.js';
import type { Repository } from '../repo/repository.js';
import { type Answer, count, plain } from './output.js';

/** What an intent asks for, as a person would type it. */
function formatIntent(intent: Intent): string {
  switch (intent.do) {
    case 'number':
      return 'number the drafts';
    case 'push':
      return intent.pull ? 'push --pull' : 'push';
    case 'pull': {
      const { rebase, favor, fastForward, allowUnrelated } = intent;
      const options = [
        rebase ? ' --rebase' : '',
        favor ? ` --strategy-option ${favor}` : '',
        fastForward === 'only' ? ' --ff-only' : fastForward === 'never' ? ' --no-ff' : '',
        allowUnrelated ? ' --allow-unrelated-histories' : '',
      ];
      return `pull${options.join('')}`;
    }
  }
}

const WAITS_FOR = { waiting: 'waits', blocked: 'needs you', refused: 'refused' } as const;

/** The queue, one intent a line, with what its last attempt came to below it. */
export function formatQueue(queue: readonly QueuedIntent[], now: number): string {
  if (queue.length === 0) return 'Nothing is queued.';
  return queue.flatMap((item) => formatItem(item, now)).join('\n');
}

function formatItem({ id, intent, status, attempts, notBefore, failure }: QueuedIntent, now: number): string[] {
  const soon = notBefore !== null && notBefore > now ? `, the next in ${notBefore - now} s` : '';
  const often = attempts > 0 ? `, ${count(attempts, 'attempt')}` : '';
  const line = `${String(id).padStart(3)}  ${WAITS_FOR[status].padEnd(9)}  ${formatIntent(intent)}${often}${soon}`;
  return failure ? [line, `       ${plain(failure.message)} [${failure.code}]`] : [line];
}

/** What became of one intent. */
function formatStep({ intent, status, message, failure }: QueueStep): string {
  const what = formatIntent(intent);
  if (status === 'done') return `Queued ${what}: ${plain(message)}.`;
  const next = { waiting: 'is tried again later', blocked: 'needs you', refused: 'was refused' }[status];
  return `Queued ${what} ${next}: ${plain(failure?.message ?? '')} [${failure?.code}]`;
}

/** What a run of the queue did. */
export function answerQueueRun(run: QueueRun): Answer {
  const { steps, left } = run;
  const lines = steps.map(formatStep);
  const untried = left.filter(({ id }) => !steps.some((step) => step.id === id));
  if (steps.length === 0) lines.push(left.length === 0 ? 'Nothing is queued.' : 'Nothing in the queue is due.');
  if (untried.length > 0) lines.push(`${untried.length} more in the queue; 'agent sync queue' shows them.`);
  return { text: lines.join('\n'), document: run, code: steps.some(({ status }) => status !== 'done') ? 1 : 0 };
}

/** That something waits for a connection. */
export function answerQueued(queued: Queued): Answer {
  const { intent, reason } = queued;
  return {
    text: `Queued: ${formatIntent(intent)}. It runs with the next command that reaches the origin, or by 'agent sync queue run'.`,
    document: queued,
    notes: [`no connection: ${reason.message} [${reason.code}]`],
  };
}

/** Does what waits in the queue before a command that talks to the origin, and says what came of it. */
export async function catchUpNotes(repo: Repository, signal: AbortSignal): Promise<readonly string[]> {
  return (await catchUp(repo, { signal })).map(formatStep);
}
