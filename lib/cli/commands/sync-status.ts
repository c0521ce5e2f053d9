import { Command } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import type { Status, StatusChange } from '../../repo/status.js';
import { RepositoryCommand } from '../command.js';
import { shorten } from '../commit-text.js';
import { type Answer, count, painter, plain } from '../output.js';

export class SyncStatusCommand extends RepositoryCommand {
  static override paths = [['sync', 'status']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'show what changed here, at the origin, on both sides, and on disk',
    details:
      'Compares the files on disk, the store, and the origin as it was last fetched. Nothing is sent or changed.',
    examples: [
      ['Show where things stand', 'agent sync status'],
      ['For a program', 'agent sync status --json'],
    ],
  });

  protected override async run(repo: Repository): Promise<Answer> {
    const { status } = await import('../../repo/status.js');
    const found = status(repo);
    return { text: this.#format(found), document: found };
  }

  #format(found: Status): string {
    const paint = painter(this.context);
    const list = (title: string, changes: readonly StatusChange[], color: 'green' | 'yellow' | 'red') =>
      changes.length === 0
        ? []
        : ['', title, ...changes.map(({ change, path }) => paint(color, `  ${change.padEnd(9)} ${plain(path)}`))];
    const open = found.conflicts.filter(({ resolution }) => resolution === undefined);
    const lines = [
      compare(found),
      ...(found.merging ? ['', `${inProgress(found)}: ${count(open.length, 'conflict')} open.`] : []),
      ...found.conflicts.map(({ path, kind, resolution }) =>
        resolution === undefined
          ? paint('red', `  ${kind}: ${plain(path)}`)
          : paint('green', `  settled: ${plain(path)}`),
      ),
      ...list("Changed here (to be pushed with 'agent sync push'):", found.local, 'green'),
      ...list("Changed at the origin (to be merged with 'agent sync pull'):", found.remote, 'yellow'),
      ...(found.both.length > 0
        ? ['', 'Changed on both sides:', ...found.both.map((path) => paint('red', `  ${plain(path)}`))]
        : []),
      ...list("Changed on disk (to be stored with 'agent sync import'):", found.disk, 'red'),
      ...formatQueued(found),
      ...found.skipped.map(({ path, reason }) => `  ignored   ${plain(path)}: ${reason}`),
    ];
    return lines.join('\n');
  }
}

function formatQueued({ queue, drafts }: Status): string[] {
  const parts = [
    queue.waiting > 0 ? `${queue.waiting} waiting for the origin` : '',
    queue.blocked > 0 ? `${queue.blocked} waiting for you` : '',
    queue.refused > 0 ? `${queue.refused} refused` : '',
  ].filter(Boolean);
  const lines = [
    ...(drafts.length > 0 ? [`${count(drafts.length, 'draft')} without a number: ${drafts.join(', ')}.`] : []),
    ...(parts.length > 0 ? [`In the queue: ${parts.join(', ')} ('agent sync queue').`] : []),
  ];
  return lines.length > 0 ? ['', ...lines] : [];
}

function inProgress({ rebase }: Status): string {
  if (!rebase) return 'A merge is in progress';
  if (rebase.commit === null) return "A rebase is done, and 'agent sync rebase --continue' brings the files along";
  const { commit, done, todo } = rebase;
  return `A rebase is in progress, ${count(done, 'commit')} done, at ${shorten(commit)}, ${todo} to come`;
}

function compare({ head, origin, ahead, behind }: Status): string {
  if (head === null) return 'Nothing is committed yet.';
  if (origin === null) return `On main at ${head.slice(0, 7)}; nothing was fetched from an origin yet.`;
  if (ahead === 0 && behind === 0) return `On main at ${head.slice(0, 7)}, the same as origin/main.`;
  const parts = [
    ahead > 0 ? `${count(ahead, 'commit')} ahead` : '',
    behind > 0 ? `${count(behind, 'commit')} behind` : '',
  ];
  return `On main at ${head.slice(0, 7)}, ${parts.filter(Boolean).join(' and ')} of origin/main.`;
}
