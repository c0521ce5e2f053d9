import { Command } from 'clipanion';
import { AgentCommand, asker } from '../command.js';
import { valueOption } from '../options.js';
import { type Answer, describeFailure, plain } from '../output.js';

export class SyncLogoutCommand extends AgentCommand {
  static override paths = [['sync', 'logout']];
  static override usage = Command.Usage({
    category: 'Login',
    description: 'forget the login at the origin, and end it there',
    details: `
      Removes what \`agent sync login\` kept, the publishable key included, and has the origin end the session. Without a
      connection it is removed all the same. An access token that somebody copied is good until it expires, within the hour.
    `,
    examples: [['Log out', 'agent sync logout']],
  });

  origin = valueOption('--origin', 'URL', 'Where to log out; of the origin of this project when left out');

  protected override async answer(): Promise<Answer> {
    const { cwd, env, signal } = this.context;
    const { openLogin } = await import('../../open-login.js');
    const { logout } = await import('../../repo/sync/login.js');
    const { access } = await openLogin(cwd, this.origin, { env, ask: asker(this.context) });
    const { origin, wasLoggedIn, ended, failure } = await logout(access, { signal });
    const notes = failure ? [`The session was not ended at the origin: ${failure.message}`] : [];
    if (access.environment.token) notes.push('The environment still has an access token.');
    return {
      text: wasLoggedIn ? `Logged out of ${plain(origin)}.` : `Nobody was logged in at ${plain(origin)}.`,
      document: { origin, wasLoggedIn, ended, failure: failure ? describeFailure(failure) : null },
      notes,
    };
  }
}
