import { Command } from 'clipanion';
import { AgentCommand, asker } from '../command.js';
import { formatWhoAmI } from '../login-text.js';
import { valueOption } from '../options.js';
import { type Answer, plain } from '../output.js';

export class SyncWhoamiCommand extends AgentCommand {
  static override paths = [['sync', 'whoami']];
  static override usage = Command.Usage({
    category: 'Login',
    description: 'tell who is logged in, and with which role in the project',
    details: `
      Asks the origin; where it cannot be reached, tells what the login says. Exit code 1 tells that nobody is logged in.
    `,
    examples: [
      ['Ask', 'agent sync whoami'],
      ['The user id, for an owner to add', 'agent sync whoami --json | jq -r .user.id'],
    ],
  });

  origin = valueOption('--origin', 'URL', 'Which origin is meant; that of this project when left out');

  protected override async answer(): Promise<Answer> {
    const { cwd, env, signal } = this.context;
    const { openLogin } = await import('../../open-login.js');
    const { whoAmI } = await import('../../repo/sync/login.js');
    const place = await openLogin(cwd, this.origin, { env, ask: asker(this.context) });
    const { access, project } = place;
    const found = await whoAmI(access, project === undefined ? undefined : place.roleOf, { signal });
    if (found) return formatWhoAmI(found, project);
    const { origin } = access;
    const text = `Nobody is logged in at ${plain(origin)}. Log in with 'agent sync login'.`;
    return { text, document: { origin, user: null }, code: 1 };
  }
}
