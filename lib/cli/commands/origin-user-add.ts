import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import { AgentCommand } from '../command.js';
import { readSecretLine } from '../input.js';
import { oneOf, ROLES, valueOption } from '../options.js';
import { type Answer, plain } from '../output.js';

export class OriginUserAddCommand extends AgentCommand {
  static override paths = [['origin', 'user', 'add']];
  static override usage = Command.Usage({
    category: 'Origin on this machine',
    description: 'make a user of the origin on this machine, and print an access token',
    details: `
      A user who is there already gets a fresh token. With \`--project\` the user becomes a member at once. The token is for
      the environment variable SUPABASE_ACCESS_TOKEN, and good for a year. With a password, read from standard input, the user
      can sign in with \`agent sync login\` as well.
    `,
    examples: [
      ['Make a user', 'agent origin user add ada'],
      ['Who may push to a project', 'agent origin user add grace --project website --role writer'],
      [
        'Who may sign in with a password',
        'agent origin user add ada --email ada@example.org --password-stdin < password',
      ],
      ['Only the token', 'agent origin user add ada --json | jq -r .token'],
    ],
  });

  userName = Option.String({ name: 'NAME' });
  directory = valueOption('--directory', 'DIR', 'The folder it lives in; one for this user when left out');
  email = valueOption('--email', 'ADDRESS', 'The e-mail address; NAME@example.invalid when left out');
  passwordStdin = Option.Boolean('--password-stdin', false, {
    description: 'Read a password from the first line of standard input',
  });
  project = valueOption('--project', 'NAME', 'A project to make the user a member of');
  role = valueOption('--role', 'ROLE', 'owner, writer or reader of the project; writer when left out');

  protected override async answer(): Promise<Answer> {
    const role = oneOf('--role', this.role, ROLES);
    if (role !== undefined && this.project === undefined)
      throw new SyncError('USAGE', "'--role' goes with '--project', which says where");
    const password = this.passwordStdin ? await readSecretLine(this.context) : undefined;
    const { localOrigin } = await import('../../open.js');
    const { cwd, env } = this.context;
    const origin = await localOrigin(cwd, this.directory, { env });
    const user = await origin.addUser(this.userName, {
      ...(this.email === undefined ? {} : { email: this.email }),
      ...(password === undefined ? {} : { password }),
      ...(this.project === undefined ? {} : { project: this.project }),
      ...(role === undefined ? {} : { role }),
    });
    const text = `User ${plain(this.userName)} has the id ${user.userId} and the address ${plain(user.email)}. An access token:\n${user.token}`;
    return { text, document: { name: this.userName, ...user } };
  }
}
