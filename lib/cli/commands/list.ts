import { Command, Option } from 'clipanion';
import { KINDS } from '../../artifact/path.js';
import { SyncError } from '../../core/errors.js';
import type { ArtifactFilter } from '../../core/ports.js';
import type { ListedArtifact } from '../../repo/artifacts/list.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { oneOf, valueOption } from '../options.js';
import { type Answer, painter, plain } from '../output.js';

export class ListCommand extends RepositoryCommand {
  static override paths = [['list']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: 'list the artifacts of HEAD',
    details: `
      One line each: kind, id, state and title. \`--json\` adds path, version, author and time of the last change.
    `,
    examples: [
      ['List everything', 'agent list'],
      ['List the Stories that are committed', 'agent list story --state COMMITTED'],
    ],
  });

  kindArgument = Option.String({ name: 'KIND', required: false });
  kind = valueOption('--kind', 'KIND', 'plan, story or runbook');
  state = valueOption('--state', 'STATE', 'Only artifacts in this state, such as COMMITTED');

  protected override async run(repo: Repository): Promise<Answer> {
    const { listArtifacts } = await import('../../repo/artifacts/list.js');
    const artifacts = listArtifacts(repo, this.#filter());
    return { text: this.#format(artifacts), document: { artifacts } };
  }

  #filter(): ArtifactFilter {
    if (this.kind !== undefined && this.kindArgument !== undefined && this.kind !== this.kindArgument)
      throw new SyncError('USAGE', `'${this.kindArgument}' and '--kind ${this.kind}' are two kinds; give one`);
    const kind = oneOf('the kind', this.kindArgument ?? this.kind, KINDS);
    return {
      ...(kind === undefined ? {} : { kind }),
      ...(this.state === undefined ? {} : { state: this.state }),
    };
  }

  #format(artifacts: readonly ListedArtifact[]): string {
    const paint = painter(this.context);
    const width = (texts: readonly string[]) => Math.min(16, Math.max(0, ...texts.map((text) => text.length)));
    const ids = width(artifacts.map(({ id }) => plain(id)));
    const states = width(artifacts.map(({ state }) => plain(state ?? '-')));
    return artifacts
      .map(({ kind, id, state, title }) => {
        const columns = [kind.padEnd(7), paint('yellow', plain(id).padEnd(ids)), plain(state ?? '-').padEnd(states)];
        return [...columns, plain(title)].join('  ').trimEnd();
      })
      .join('\n');
  }
}
