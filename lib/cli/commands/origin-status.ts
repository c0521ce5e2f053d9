import { Command } from 'clipanion';
import { AgentCommand } from '../command.js';
import { valueOption } from '../options.js';
import { type Answer, plain } from '../output.js';

export class OriginStatusCommand extends AgentCommand {
  static override paths = [['origin', 'status']];
  static override usage = Command.Usage({
    category: 'Origin on this machine',
    description: 'tell whether the origin on this machine runs, and where',
    details: 'Exit code 1 tells that it does not run.',
    examples: [['Ask', 'agent origin status']],
  });

  directory = valueOption('--directory', 'DIR', 'The folder it lives in; one for this user when left out');

  protected override async answer(): Promise<Answer> {
    const { localOrigin } = await import('../../open.js');
    const { cwd, env } = this.context;
    const { directory, mail, status } = await localOrigin(cwd, this.directory, { env });
    const found = status();
    const where = `in ${plain(directory)}`;
    const text = {
      running: () =>
        `The origin ${where} runs at ${found.state === 'running' ? found.url : ''}.\nIts mail, such as one-time codes, is in ${plain(mail)}.`,
      starting: () => `The origin ${where} is starting.`,
      stale: () => `The origin ${where} was killed; 'agent origin stop' removes what it left.`,
      stopped: () => `No origin runs ${where}.`,
    }[found.state]();
    return { text, document: { directory, mail, ...found }, code: found.state === 'running' ? 0 : 1 };
  }
}
