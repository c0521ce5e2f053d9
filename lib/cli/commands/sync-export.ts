import { resolve } from 'node:path';
import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { GitExportReport } from '../../core/ports.js';
import type { ExportDifference, ExportResult } from '../../repo/disk/export.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { valueOption } from '../options.js';
import { type Answer, count, plain } from '../output.js';

export class SyncExportCommand extends RepositoryCommand {
  static override paths = [['sync', 'export']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'write the artifacts of the store as Markdown, or as a git repository',
    details: `
      Writes every artifact of HEAD, byte for byte, each file in one step. Files whose bytes the store does not have are
      somebody's work: they stop the export before anything is written. Files that HEAD does not have are left alone.

      \`--check\` writes nothing and ends with exit code 1 when disk and store differ. \`--git\` writes objects, refs and
      history as a git repository that plain git reads.
    `,
    examples: [
      ['Bring .agent/cache to HEAD', 'agent sync export'],
      ['Fail a build when somebody forgot to import or export', 'agent sync export --check'],
      ['Write to another folder', 'agent sync export --to /tmp/artifacts'],
      ['Read the history with git', 'agent sync export --git /tmp/history && git -C /tmp/history log --stat'],
    ],
  });

  to = valueOption('--to', 'DIR', 'A folder to write to instead of .agent/cache');
  check = Option.Boolean('--check', false, { description: 'Only compare; exit code 1 when something differs' });
  git = valueOption('--git', 'DIR', 'A folder to write a git repository to');

  protected override async run(repo: Repository): Promise<Answer> {
    if (this.git !== undefined) return this.#exportGit(repo, this.git);
    const { checkExport, exportMarkdown } = await import('../../repo/disk/export.js');
    const folder = this.to === undefined ? undefined : resolve(this.context.cwd, this.to);
    if (this.check) {
      const differences = checkExport(repo, folder);
      return { text: formatCheck(differences), document: { differences }, code: differences.length > 0 ? 1 : 0 };
    }
    const result = exportMarkdown(repo, folder);
    return {
      text: formatExport(result),
      document: result,
      notes: result.extra.map((path) => `note: left alone, not in HEAD: ${path}`),
    };
  }

  async #exportGit(repo: Repository, folder: string): Promise<Answer> {
    if (this.check || this.to !== undefined)
      throw new SyncError('USAGE', "'--git' goes with neither '--to' nor '--check'");
    const { exportGit } = await import('../../repo/disk/export-git.js');
    const result = await exportGit(repo, resolve(this.context.cwd, folder));
    return { text: formatGit(result, folder), document: result };
  }
}

function formatExport({ commit, written, removed, unchanged }: ExportResult): string {
  if (commit === null) return 'Nothing to export: nothing is committed yet.';
  const parts = [`wrote ${written.length}`, `removed ${removed.length}`, `left ${unchanged} as they were`];
  return `Exported ${count(written.length + unchanged, 'artifact')}: ${parts.join(', ')}.`;
}

function formatCheck(differences: readonly ExportDifference[]): string {
  if (differences.length === 0) return 'Disk and store agree.';
  return differences.map(({ path, what }) => `${what.padEnd(9)}  ${plain(path)}`).join('\n');
}

function formatGit({ created, objects, refs }: GitExportReport, folder: string): string {
  const what = created ? 'Made a git repository in' : 'Brought up to date the git repository in';
  return `${what} ${plain(folder)}: ${count(objects, 'new object')}, ${count(refs.length, 'ref')} moved.`;
}
