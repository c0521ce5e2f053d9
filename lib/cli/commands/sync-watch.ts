import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { Repository } from '../../repo/repository.js';
import type { WatchEvent } from '../../repo/sync/watch.js';
import { StreamingCommand } from '../command.js';
import { execWithDocument } from '../exec-change.js';
import { valueOption, wholeNumber } from '../options.js';
import { printNote } from '../output.js';
import { describeEvent, formatEvent } from '../watch-text.js';

const INTERVAL = 30;
const DAY = 86_400;

export class SyncWatchCommand extends StreamingCommand {
  static override paths = [['sync', 'watch']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'tell what others bring to the origin, as it happens',
    details: `
      Prints each change at the origin within a second of its push, with who made it and which artifacts it is about, until
      Ctrl-C. An origin that does not tell of changes by itself is asked now and then. While it cannot be reached, the
      watch waits for it, and tells what was missed. Your own commits of this project are no news.

      The changes are fetched and, with \`--pull\`, merged. Work on disk that is not imported, or a merge that waits, is
      told once and the watch goes on; it merges when that is settled. What waits in the queue is done as well.

      The command of \`--exec\` is run by the shell, once for each change and one after the other, with the change as a
      JSON document on standard input. That it fails is told, and ends nothing.
    `,
    examples: [
      ['See what the others do', 'agent sync watch'],
      ['Keep the files on disk up to date', 'agent sync watch --pull'],
      ['Wait for the next change, ten minutes at most', 'agent sync watch --once --pull --timeout 600'],
      ['Run a script at each change', "agent sync watch --exec 'jq -r .artifacts[].path >> changed'"],
    ],
  });

  pull = Option.Boolean('--pull', false, { description: 'Merge what comes, and bring the files on disk along' });
  once = Option.Boolean('--once', false, { description: 'End after the next change' });
  exec = valueOption('--exec', 'CMD', 'Run a command with each change');
  interval = valueOption(
    '--interval',
    'SECONDS',
    `How often to ask an origin that does not tell; ${INTERVAL} when left out`,
  );
  timeout = valueOption('--timeout', 'SECONDS', 'With --once, how long to wait before ending with exit code 1');

  protected override async stream(repo: Repository): Promise<number> {
    const interval = seconds('--interval', this.interval) ?? INTERVAL;
    const timeout = seconds('--timeout', this.timeout);
    if (timeout !== undefined && !this.once) throw new SyncError('USAGE', "'--timeout' goes with '--once' only");
    const { watch } = await import('../../repo/sync/watch.js');
    const ending = new AbortController();
    // The reader of a pipe has seen enough.
    this.context.stdout.once('error', () => ending.abort());
    const timer = timeout === undefined ? undefined : setTimeout(() => ending.abort(), 1000 * timeout);
    const signal = AbortSignal.any([this.context.signal, ending.signal]);
    let merged = true;
    let found = false;
    try {
      for await (const events of watch(repo, { signal, pull: this.pull, interval, once: this.once })) {
        for (const event of events) this.print(formatEvent(event, interval), describeEvent(event));
        merged = !events.some(({ type }) => type === 'conflicted' || type === 'blocked');
        found ||= events.some(({ type }) => type === 'change');
        if (found) clearTimeout(timer);
        await this.#runCommand(events);
      }
    } finally {
      clearTimeout(timer);
    }
    if (this.context.signal.aborted) return 130;
    return this.once && !(found && merged) ? 1 : 0;
  }

  async #runCommand(events: readonly WatchEvent[]): Promise<void> {
    for (const event of events) {
      if (this.exec === undefined || event.type !== 'change' || this.context.signal.aborted) continue;
      const ended = await execWithDocument(this.context, this.exec, describeEvent(event), this.json);
      if (ended !== 0) printNote(this.context, `The command '${this.exec}' ended with ${ended}.\n`);
    }
  }
}

function seconds(name: string, value: string | undefined): number | undefined {
  return value === undefined ? undefined : wholeNumber(name, value, { from: 1, to: DAY });
}
