import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { HunkAnswer, PendingConflict } from '../../core/ports.js';
import type { Repository } from '../../repo/repository.js';
import { AskingCommand } from '../command.js';
import { formatSettled } from '../conflict-text.js';
import { readUserFile } from '../input.js';
import { listOption, oneOf, valueOption } from '../options.js';
import type { Answer } from '../output.js';

export class SyncResolveCommand extends AskingCommand {
  static override paths = [['sync', 'resolve']];
  static override usage = Command.Usage({
    category: 'Merge',
    description: 'settle conflicts of the merge that waits',
    details: `
      On a terminal, and without an answer on the command line, you are shown one conflict after the other, or those of one
      artifact, and asked; each answer is kept at once, and in the end you can commit the merge.

      An answer is one version as it is, single hunks of both, a text that you made, or what a program says. The file on disk
      follows; what it held is kept in the store. Without an answer and a terminal, the file on disk is taken as it is, once its
      markers are gone. When all conflicts are settled, \`agent sync merge --continue\` commits the merge.

      In a pull, ours is your version and theirs the origin's. In an import, ours is the store's and theirs the one on disk. A
      renamed artifact may be in conflict at several paths: a version is taken at each of them.
    `,
    examples: [
      ['Settle what is open, one conflict after the other', 'agent sync resolve'],
      ['Keep your version', 'agent sync resolve INFRA-004 --ours'],
      ['Take the version of the origin, of everything', 'agent sync resolve --all --theirs'],
      [
        'Take the first hunk from yours, the second from theirs',
        'agent sync resolve INFRA-004 --hunk 1=ours --hunk 2=theirs',
      ],
      ['Edit out the markers where they are, and use that', 'agent sync resolve INFRA-004 --no-interactive'],
      ['Take a text from another program', 'merge-tool | agent sync resolve INFRA-004 --file -'],
      ['Take the answers of an agent', 'agent sync conflicts --json | my-agent | agent sync resolve --input -'],
    ],
  });

  artifact = Option.String({ name: 'ARTIFACT', required: false });
  all = Option.Boolean('--all', false, {
    description: 'Every conflict that is open, with --ours, --theirs, --union or --rerere',
  });
  ours = Option.Boolean('--ours', false, {
    description: 'The version of HEAD; where it has none, the file is removed',
  });
  theirs = Option.Boolean('--theirs', false, { description: 'The version that is merged in' });
  base = Option.Boolean('--base', false, { description: 'The version before both' });
  union = Option.Boolean('--union', false, { description: "Both: in every hunk the lines of ours, then theirs'" });
  hunks = listOption('--hunk', 'N=SIDE', 'Hunk N with ours, theirs, union or base; may be given several times');
  rerere = Option.Boolean('--rerere', false, { description: 'As the same conflict was resolved before' });
  file = valueOption('--file', 'FILE', "A file with the resolved text; '-' is standard input");
  input = valueOption('--input', 'JSON', "A file with answers to what 'conflicts --json' told; '-' is standard input");

  protected override async run(repo: Repository): Promise<Answer> {
    const way = this.#way();
    if (way === undefined && !this.all && this.mayAsk) {
      const { answerByWalk } = await import('../walk/answer-by-walk.js');
      return answerByWalk(this.context, repo, this.artifact);
    }
    const settled = await this.#settle(repo, way);
    const { listConflicts } = await import('../../repo/conflicts/conflicts.js');
    const paths = new Set(settled.map(({ path }) => path));
    const left = listConflicts(repo.store);
    const conflicts = left.conflicts.filter(({ path }) => paths.has(path));
    return { text: formatSettled(conflicts, left), document: { settled: conflicts, open: left.open } };
  }

  #way(): Way | undefined {
    const { ours, theirs, base, union, rerere, hunks, file, input } = this;
    const given = {
      ours,
      theirs,
      base,
      union,
      rerere,
      hunk: hunks.length > 0,
      file: file !== undefined,
      input: input !== undefined,
    };
    const ways = WAYS.filter((way) => given[way]);
    if (ways.length > 1) throw new SyncError('USAGE', `'--${ways[0]}' and '--${ways[1]}' exclude each other`);
    return ways[0];
  }

  async #settle(repo: Repository, way: Way | undefined): Promise<readonly PendingConflict[]> {
    const { resolveAll, resolveConflict } = await import('../../repo/conflicts/resolve.js');
    const { resolveAsBefore } = await import('../../repo/conflicts/rerere.js');
    if (this.all) {
      if (this.artifact !== undefined) throw new SyncError('USAGE', "'--all' and an artifact exclude each other");
      if (way === 'ours' || way === 'theirs' || way === 'union') return resolveAll(repo, way);
      if (way === 'rerere') return resolveAsBefore(repo);
      throw new SyncError('USAGE', "'--all' goes with '--ours', '--theirs', '--union' or '--rerere'");
    }
    if (way === 'input') {
      const { readAnswers } = await import('../../repo/conflicts/read-answers.js');
      const { resolveWithInput } = await import('../../repo/conflicts/resolve-input.js');
      return resolveWithInput(repo, readAnswers(await readUserFile(this.context, this.input!)), this.artifact);
    }
    if (this.artifact === undefined) throw new SyncError('USAGE', "name an artifact, or give '--all' or '--input'");
    switch (way) {
      case undefined:
        return takeFromDisk(() => resolveConflict(repo, this.artifact!, 'disk'));
      case 'rerere':
        return resolveAsBefore(repo, this.artifact);
      case 'hunk':
        return resolveConflict(repo, this.artifact, { hunks: readHunks(this.hunks) });
      case 'file':
        return resolveConflict(repo, this.artifact, { bytes: await readUserFile(this.context, this.file!) });
      default:
        return resolveConflict(repo, this.artifact, way);
    }
  }
}

const WAYS = ['ours', 'theirs', 'base', 'union', 'rerere', 'hunk', 'file', 'input'] as const;
type Way = (typeof WAYS)[number];

/** Without an option a text that is not done yet is no failure of ours: there is just nothing said of how to settle it. */
function takeFromDisk<T>(take: () => T): T {
  try {
    return take();
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'MERGE_UNRESOLVED') throw error;
    throw new SyncError('USAGE', 'the file on disk still has conflict markers of this merge in it', {
      hint: `Edit it until they are gone, or give one of ${WAYS.map((way) => `--${way}`).join(', ')}.`,
      cause: error,
    });
  }
}

function readHunks(given: readonly string[]): Map<number, HunkAnswer> {
  const answers = new Map<number, HunkAnswer>();
  for (const text of given) {
    const [, number, side] = /^(\d+)=(.*)$/.exec(text) ?? [];
    if (side === undefined) throw new SyncError('USAGE', `--hunk is N=SIDE, such as 1=ours, not '${text}'`);
    const index = Number(number);
    if (answers.has(index)) throw new SyncError('USAGE', `hunk ${index} is answered twice`);
    answers.set(index, oneOf(`the answer to hunk ${index}`, side, ['ours', 'theirs', 'union', 'base'] as const));
  }
  return answers;
}
