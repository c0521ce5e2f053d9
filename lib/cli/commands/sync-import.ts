import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { ImportOptions, ImportResult } from '../../repo/disk/import.js';
import type { Repository } from '../../repo/repository.js';
import { AskingCommand } from '../command.js';
import { shorten } from '../commit-text.js';
import { readStdin } from '../input.js';
import { formatStop } from '../merge-text.js';
import { valueOption } from '../options.js';
import { type Answer, count } from '../output.js';

export class SyncImportCommand extends AskingCommand {
  static override paths = [['sync', 'import']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'commit the Markdown on disk to the store',
    details: `
      Takes all of .agent/cache, or the files and folders of a comma-delimited list. With \`-\`, standard input holds a list
      of paths, one a line; together with \`--path\` it holds one document.

      An import is a merge of the tree that the files started from, the store, and the files: a stale checkout adds its own
      changes and reverts nobody's. Where both changed the same lines, it stops; on a terminal you are asked about each
      conflict at once.
    `,
    examples: [
      ['Import everything that changed', 'agent sync import'],
      ['Import two files', 'agent sync import .agent/cache/plans/INFRA/INFRA-008.md,.agent/cache/stories/WEB'],
      ['Import what git changed', 'git diff --name-only | agent sync import -'],
      ['Import one document', 'agent sync import - --path stories/INFRA/INFRA-004-sync.md < draft.md'],
    ],
  });

  files = Option.String({ name: 'PATHS', required: false });
  documentPath = valueOption('--path', 'PATH', 'Where the document on standard input belongs, below .agent/cache');
  base = valueOption('--base', 'REV', 'The revision that the files started from, if they do not say');

  protected override async run(repo: Repository): Promise<Answer> {
    const { importArtifacts } = await import('../../repo/disk/import.js');
    const result = await importArtifacts(repo, await this.#options(repo));
    const answer: Answer = {
      text: format(result),
      document: result,
      notes: result.warnings.map(
        ({ path, line, column, message }) =>
          `warning: ${path}${line > 0 ? `:${line}` : ''}${column ? `:${column}` : ''}: ${message}`,
      ),
    };
    return result.status === 'conflicted' ? this.walkAfter(repo, { ...answer, code: 1 }) : answer;
  }

  async #options(repo: Repository): Promise<ImportOptions> {
    const base = this.base === undefined ? {} : { base: this.base };
    const below = (path: string) => repo.worktree.resolvePath(path, this.context.cwd);
    if (this.documentPath !== undefined) {
      if (this.files !== '-')
        throw new SyncError('USAGE', "'--path' goes with '-', which reads the document from standard input");
      return { ...base, document: { path: this.documentPath, bytes: await readStdin(this.context) } };
    }
    if (this.files === undefined) return base;
    const listed =
      this.files === '-' ? (await readStdin(this.context)).toString('utf8').split('\n') : this.files.split(',');
    return {
      ...base,
      paths: listed
        .map((path) => path.trim())
        .filter(Boolean)
        .map(below),
    };
  }
}

function format(result: ImportResult): string {
  switch (result.status) {
    case 'unchanged':
      return 'Nothing to import: the store has it all.';
    case 'imported':
      return `Imported ${count(result.changes.length, 'artifact')} as ${shorten(result.commit)}.`;
    case 'conflicted':
      return [
        `${count(result.conflicts.length, 'artifact')} changed both on disk and in the store:`,
        ...formatStop(result),
      ].join('\n');
  }
}
