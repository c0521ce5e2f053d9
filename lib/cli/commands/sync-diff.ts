import { Command, Option } from 'clipanion';
import type { FileChange } from '../../core/diff/detect-renames.js';
import type { FileDiff } from '../../core/diff/diff-file.js';
import { formatNameStatus, formatStat } from '../../core/diff/stat.js';
import { SyncError } from '../../core/errors.js';
import type { CompareOptions } from '../../repo/history/compare.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { argumentsAfterDashes } from '../input.js';
import { valueOption } from '../options.js';
import type { Answer } from '../output.js';
import { diffDocuments, formatPatches } from '../patch-text.js';

export class SyncDiffCommand extends RepositoryCommand {
  static override paths = [['sync', 'diff']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'show what differs between two revisions',
    details: `
      Compares origin/main, as it was last fetched, with HEAD: what a push would change. With one revision A it compares A
      with HEAD, with two (A B, or A..B) those; A...B shows what B did since they parted. After \`--\` stand artifacts, or files and folders below .agent/cache.

      A file that was deleted here and added there is shown as renamed where half of it stayed the same.

      The output is a patch that \`git apply\` takes. What is on disk and not imported takes no part; \`agent sync status\`
      lists that.
    `,
    examples: [
      ['What a push would change', 'agent sync diff'],
      ['What a pull would bring', 'agent sync diff HEAD origin/main'],
      ['What the last commit did to the Stories', 'agent sync diff HEAD~1 HEAD -- stories'],
      ['What the others did since you parted', 'agent sync diff HEAD...origin/main'],
      ['Only how much', 'agent sync diff --stat'],
    ],
  });

  static readonly operands = '[A] [B] [-- PATH...]';

  words = Option.Rest();
  stat = Option.Boolean('--stat', false, { description: 'Count changed lines by file instead' });
  nameStatus = Option.Boolean('--name-status', false, { description: 'List changed files with a letter instead' });

  findRenames = valueOption(
    '--find-renames',
    'PERCENT',
    'How alike the old and the new file are: 1% to 100%; 50% when left out',
  );
  noRenames = Option.Boolean('--no-renames', false, { description: 'Show renamed files as deleted and added' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { compareRevisions, diffChanges } = await import('../../repo/history/compare.js');
    const { from, to, changes } = compareRevisions(repo, this.#options());
    const diffs = diffChanges(repo, this.nameStatus && !this.json ? [] : changes);
    return { text: this.#format(changes, diffs), document: { from, to, files: diffDocuments(diffs) } };
  }

  #options(): CompareOptions {
    const paths = argumentsAfterDashes(this.context.argv) ?? [];
    const words = this.words.slice(0, this.words.length - paths.length);
    if (this.stat && this.nameStatus) throw new SyncError('USAGE', "'--stat' and '--name-status' exclude each other");
    const [, left, dots, right] = (words.length === 1 && /^(.*?)(\.{2,3})(.*)$/.exec(words[0]!)) || [];
    const revisions = dots === undefined ? words : [left, right];
    if (revisions.length > 2)
      throw new SyncError('USAGE', `a diff has two sides, not ${revisions.length}`, { hint: "Paths go after '--'." });
    const [from, to] = revisions;
    return {
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
      ...(dots === '...' ? { sinceMergeBase: true } : {}),
      ...(paths.length > 0 ? { paths } : {}),
      ...this.#renameOption(),
    };
  }

  #renameOption(): Pick<CompareOptions, 'findRenames'> {
    if (this.noRenames) return { findRenames: false };
    if (this.findRenames === undefined) return {};
    // Without the sign git would take 8 for 80%.
    const percent = Number(/^(\d+)%$/.exec(this.findRenames)?.[1]);
    if (percent >= 1 && percent <= 100) return { findRenames: percent };
    throw new SyncError('USAGE', `--find-renames is a percentage from 1% to 100%, not '${this.findRenames}'`);
  }

  #format(changes: readonly FileChange[], diffs: readonly FileDiff[]): string | Uint8Array {
    if (this.nameStatus) return formatNameStatus(changes);
    if (this.stat) return formatStat(diffs, this.context.stdout.columns);
    return formatPatches(this.context, diffs);
  }
}
