import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { HistoryScrub } from '../../repo/privacy/scrub-history.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { shorten } from '../commit-text.js';
import { type Answer, count } from '../output.js';
import { formatDiskFindings, formatPushed, formatUncleanCommits } from '../scrub-text.js';

export class SyncScrubCommand extends RepositoryCommand {
  static override paths = [['sync', 'scrub']];
  static override usage = Command.Usage({
    category: 'Privacy',
    description: 'take out of the files what says who somebody is, or lets somebody in',
    details: `
      What is stored was scrubbed before; the files on disk stay as they were written. This writes them as the store has them,
      and imports them. What is replaced is gone, and no undo brings it back.

      With \`--history\`, commits that were never pushed are made again without it, and the old ones are removed from the store: what was
      done before cannot be undone any more. Commits that were pushed stay as they are, and are named.
    `,
    examples: [
      ['See what would be replaced', 'agent sync scrub --check'],
      ['Scrub one folder', 'agent sync scrub .agent/cache/runbooks/INFRA'],
      ['Scrub commits that a push has refused', 'agent sync scrub --history'],
    ],
  });

  files = Option.String({ name: 'PATHS', required: false });
  check = Option.Boolean('--check', false, {
    description: 'Say what is found and change nothing; exit 1 if there is any',
  });
  history = Option.Boolean('--history', false, { description: 'The commits that were never pushed, not the files' });

  protected override async run(repo: Repository): Promise<Answer> {
    if (!this.history) return this.#scrubFiles(repo);
    if (this.files !== undefined) throw new SyncError('USAGE', "'--history' and paths exclude each other");
    const { checkHistory, scrubHistory } = await import('../../repo/privacy/scrub-history.js');
    if (!this.check) return answerHistory(await scrubHistory(repo));
    const found = await checkHistory(repo);
    const text = formatUncleanCommits(found.own);
    return {
      text,
      document: found,
      notes: formatPushed(found),
      code: found.own.length + found.pushed.length > 0 ? 1 : 0,
    };
  }

  async #scrubFiles(repo: Repository): Promise<Answer> {
    const { checkDisk, scrubDisk } = await import('../../repo/privacy/scrub-disk.js');
    const { isReplaced } = await import('../../repo/privacy/gate.js');
    const paths = this.files?.split(',').map((path) => repo.worktree.resolvePath(path.trim(), this.context.cwd));
    if (this.check) {
      const found = checkDisk(repo, paths);
      return {
        text: formatDiskFindings(found.findings),
        document: found,
        code: found.findings.some(isReplaced) ? 1 : 0,
      };
    }
    const result = await scrubDisk(repo, paths);
    const { findings, rewritten, imported } = result;
    const lines = [formatDiskFindings(findings), `Rewrote ${count(rewritten.length, 'file')}.`];
    if (imported.status === 'imported') lines.push(`Imported them as ${shorten(imported.commit)}.`);
    return { text: lines.join('\n'), document: result, code: imported.status === 'conflicted' ? 1 : 0 };
  }
}

function answerHistory(result: HistoryScrub): Answer {
  const { own, rewritten, erased } = result;
  const lines = [formatUncleanCommits(own)];
  if (rewritten) lines.push(`Rewrote ${count(rewritten.commits, 'commit')}: main is now ${shorten(rewritten.to)}.`);
  const notes = formatPushed(result);
  if (!erased) {
    notes.push(
      "warning: another process has the store open; run 'agent sync gc' later, so that its file forgets the old bytes",
    );
  }
  return { text: lines.join('\n'), document: result, notes };
}
