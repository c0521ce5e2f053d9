import { Command } from 'clipanion';
import { AgentCommand } from '../command.js';
import { valueOption, wholeNumber } from '../options.js';
import type { Answer } from '../output.js';

export class OriginStartCommand extends AgentCommand {
  static override paths = [['origin', 'start']];
  static override usage = Command.Usage({
    category: 'Origin on this machine',
    description: 'start an origin on this machine',
    details: `
      Runs PostgreSQL, PostgREST and a gateway on loopback, with the migrations that a hosted Supabase project gets, and
      prints where it is and its key. It goes on running after this command; one that runs already is left as it is, and data
      and keys survive a restart.
    `,
    examples: [
      ['Start it', 'agent origin start'],
      ['On a port of your choice', 'agent origin start --port 54321'],
    ],
  });

  directory = valueOption('--directory', 'DIR', 'The folder it lives in; one for this user when left out');
  port = valueOption('--port', 'PORT', 'The port to listen on; the one of last time, or any, when left out');

  protected override async answer(): Promise<Answer> {
    const { cwd, env, signal } = this.context;
    const port = this.port === undefined ? {} : { port: wholeNumber('--port', this.port, { from: 1, to: 65_535 }) };
    const { localOrigin } = await import('../../open.js');
    const origin = await localOrigin(cwd, this.directory, { env });
    const running = await origin.start({ signal, ...port });
    const text = [
      `The origin ${running.started ? 'runs' : 'was running already'} at ${running.url}`,
      `  in   ${origin.directory}`,
      `  key  ${running.key}`,
      '',
      'To use it from a project, as a user that `agent origin user add NAME --email ADDRESS --password-stdin` made:',
      `  export SUPABASE_ANON_KEY=${running.key}`,
      `  agent sync login --origin ${running.url} --email ADDRESS`,
      `  agent sync init --origin ${running.url}`,
      '',
      'Without a login, SUPABASE_ACCESS_TOKEN is the token that `agent origin user add NAME` prints.',
    ].join('\n');
    return { text, document: { directory: origin.directory, ...running } };
  }
}
