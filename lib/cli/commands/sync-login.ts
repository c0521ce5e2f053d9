import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { LoginPlace } from '../../open-login.js';
import type { Proof } from '../../repo/sync/login.js';
import { askLine, askSecret } from '../ask-secret.js';
import { AgentCommand, asker } from '../command.js';
import { readSecretLine } from '../input.js';
import { formatLogin } from '../login-text.js';
import { valueOption } from '../options.js';
import type { Answer } from '../output.js';

export class SyncLoginCommand extends AgentCommand {
  static override paths = [['sync', 'login']];
  static override usage = Command.Usage({
    category: 'Login',
    description: 'log in at the origin, so that later commands need no keys in the environment',
    details: `
      Signs in with an e-mail address and a password, with a one-time code that the origin sends, or with an access token that
      you have. What is not given is asked for at the terminal; secrets are read from there or from standard input, and are
      no arguments, which other users of the machine could see.

      The login is kept in the keyring of the operating system or, where there is none, in a file that is encrypted with a
      passphrase (AGENT_SYNC_PASSPHRASE, or asked for). AGENT_SYNC_CREDENTIALS=file or keyring says which. It is renewed by
      itself. The publishable key is taken from the environment, from the login before, or asked for, and kept with it.
    `,
    examples: [
      ['Log in', 'agent sync login --email ada@example.org'],
      ['Log in before the project knows its origin', 'agent sync login --origin https://abcdefgh.supabase.co'],
      ['With a code that comes by mail', 'agent sync login --email ada@example.org --otp'],
      ['In a script', 'agent sync login --email ada@example.org --password-stdin < password'],
    ],
  });

  origin = valueOption('--origin', 'URL', 'Where to log in; at the origin of this project when left out');
  email = valueOption('--email', 'ADDRESS', 'Who logs in');
  passwordStdin = Option.Boolean('--password-stdin', false, {
    description: 'Read the password from the first line of standard input',
  });
  otp = Option.Boolean('--otp', false, {
    description: 'Have a one-time code sent; it is asked for, or the first line of standard input',
  });
  tokenStdin = Option.Boolean('--token-stdin', false, {
    description: 'Read an access token from the first line of standard input',
  });

  protected override async answer(): Promise<Answer> {
    const ways = [this.passwordStdin, this.otp, this.tokenStdin].filter(Boolean).length;
    if (ways > 1) throw new SyncError('USAGE', "'--password-stdin', '--otp' and '--token-stdin' exclude each other");
    if (this.tokenStdin && this.email !== undefined)
      throw new SyncError('USAGE', "'--email' does not go with '--token-stdin': the token says who it is");
    const { cwd, env, signal } = this.context;
    const { openLogin } = await import('../../open-login.js');
    const place = await openLogin(cwd, this.origin, { env, ask: asker(this.context) });
    const key = await this.#key(place);
    const { login } = await import('../../repo/sync/login.js');
    const done = await login(place.access, key, await this.#proof(), { signal });
    const notes = place.access.environment.token
      ? ['The environment has an access token, which comes before this login as long as it is there.']
      : [];
    return { ...formatLogin(done), notes };
  }

  async #key({ access }: LoginPlace): Promise<string> {
    const known = access.environment.key ?? (await access.credentials.read(access.origin))?.key;
    const key = known ?? (await askSecret(this.context, `The publishable (anon) key of ${access.origin}: `));
    if (key) return key.trim();
    throw new SyncError('ORIGIN_KEY_MISSING', `the origin ${access.origin} wants its publishable (anon) key`, {
      hint: `Set ${access.environment.keyEnv} to it, or run the command on a terminal. The dashboard of the Supabase project shows it; for an origin on this machine, 'agent origin start'.`,
    });
  }

  async #proof(): Promise<Proof> {
    if (this.tokenStdin) return { kind: 'token', token: (await readSecretLine(this.context)).trim() };
    const email = this.email ?? (await askLine(this.context, 'E-mail address: '));
    if (!email) throw new SyncError('USAGE', "'--email' is missing, and there is no terminal to ask at");
    if (this.otp) {
      const code = async () =>
        (
          (await askSecret(this.context, `The code that was sent to ${email}: `)) ??
          (await readSecretLine(this.context))
        ).trim();
      return { kind: 'otp', email, code };
    }
    const password = this.passwordStdin
      ? await readSecretLine(this.context)
      : await askSecret(this.context, 'Password: ');
    if (!password)
      throw new SyncError('USAGE', "'--password-stdin' or '--otp' is missing, and there is no terminal to ask at");
    return { kind: 'password', email, password };
  }
}
