import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import { decodeUtf8Strict } from '../../core/object/text.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatPurge } from '../erasure-text.js';
import { readUserFile } from '../input.js';
import { valueOption } from '../options.js';
import type { Answer } from '../output.js';

export class SyncPurgeCommand extends RepositoryCommand {
  static override paths = [['sync', 'purge']];
  static override usage = Command.Usage({
    category: 'Privacy',
    description: 'erase a person, and on request what they wrote',
    details: `
      Deletes a person's name, e-mail address and user from the origin and from here; other clones follow when they next ask the
      origin. Commits stay, and show the random id that they always had. With \`--content\` the versions of artifacts that only
      this person wrote are replaced by a note that they were erased; history and ids stay whole.

      Without \`--yes\` it only says what would go, here and at the origin, and what cannot. A purge cannot be undone, and after
      one of contents nothing that was done before can be undone here. An owner may purge anything, everybody their own name.
      docs/privacy.md says what remains: backups, git exports, forks.
    `,
    examples: [
      ['See what is known of somebody', 'agent sync purge --actor ada@example.org'],
      ['See which versions only they wrote', 'agent sync purge --actor ada@example.org --content'],
      [
        'See which versions have a text in them, without the text in the history of the shell',
        'agent sync purge --matching -',
      ],
    ],
  });

  actor = valueOption('--actor', 'NAME', 'A name, an e-mail address or an actor id');
  content = Option.Boolean('--content', false, { description: 'Also the versions of artifacts that only they wrote' });
  matching = valueOption(
    '--matching',
    'FILE',
    "All versions with the text of this file in them; '-' is standard input",
  );
  yes = Option.Boolean('--yes', false, { description: 'Do it; there is no way back' });
  trust = valueOption(
    '--trust',
    'FINGERPRINT',
    "Take the word of an origin that was made anew, by its key's fingerprint",
  );

  protected override async run(repo: Repository): Promise<Answer> {
    const { actor, content, matching, yes, trust } = this;
    if (trust !== undefined) {
      if (actor !== undefined || content || matching !== undefined || yes)
        throw new SyncError('USAGE', "'--trust' stands alone");
      const { trustOrigin } = await import('../../repo/erasure/learn-erasures.js');
      trustOrigin(repo, trust);
      return { text: 'What is signed with that key is erased here, too, from now on.', document: { trusted: trust } };
    }
    const text = matching === undefined ? undefined : await this.#readText(matching);
    const { purge } = await import('../../repo/erasure/purge.js');
    const result = await purge(repo, {
      signal: this.context.signal,
      dryRun: !yes,
      content,
      ...(actor === undefined ? {} : { actor }),
      ...(text === undefined ? {} : { matching: text }),
    });
    return { text: formatPurge(result), document: result };
  }

  async #readText(file: string): Promise<string> {
    const text = decodeUtf8Strict(await readUserFile(this.context, file));
    if (text === undefined) throw new SyncError('FILE_NOT_UTF8', 'the text to erase is not UTF-8');
    return text.replace(/\r?\n$/, '');
  }
}
