import { Command } from 'clipanion';
import { AgentCommand } from '../command.js';
import { valueOption } from '../options.js';
import { type Answer, plain } from '../output.js';

export class OriginStopCommand extends AgentCommand {
  static override paths = [['origin', 'stop']];
  static override usage = Command.Usage({
    category: 'Origin on this machine',
    description: 'stop the origin on this machine',
    details: 'Ends every process of it, also what one that was killed left behind. Its data and keys stay.',
    examples: [['Stop it', 'agent origin stop']],
  });

  directory = valueOption('--directory', 'DIR', 'The folder it lives in; one for this user when left out');

  protected override async answer(): Promise<Answer> {
    const { localOrigin } = await import('../../open.js');
    const { cwd, env } = this.context;
    const { directory, stop } = await localOrigin(cwd, this.directory, { env });
    const stopped = await stop();
    return {
      text: stopped ? `Stopped the origin in ${plain(directory)}.` : `No origin was running in ${plain(directory)}.`,
      document: { directory, stopped },
    };
  }
}
