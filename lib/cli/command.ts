import { Command, Option } from 'clipanion';
import { recordOperation } from '../repo/operations/operation.js';
import type { Repository } from '../repo/repository.js';
import type { AgentContext } from './context.js';
import { type Answer, printAnswer, printFailure, printText, toJson } from './output.js';
import { recordedCommand } from './recorded-command.js';

/** A command of `agent`: options in fields, one use case in `answer`, printing here. */
export abstract class AgentCommand extends Command<AgentContext> {
  json = Option.Boolean('--json', false, { description: 'Print one JSON document instead of text' });

  /** Does the work and says what came of it. Failures are thrown. */
  protected abstract answer(): Promise<Answer>;

  async execute(): Promise<number> {
    try {
      return printAnswer(this.context, this.json, await this.answer());
    } catch (error) {
      return printFailure(this.context, this.json, error);
    }
  }
}

/** A command that works in a project: the nearest folder at or above the current one that holds `.agent/cache/agent.db`. */
export abstract class RepositoryCommand extends AgentCommand {
  protected abstract run(repo: Repository): Promise<Answer>;

  protected override answer(): Promise<Answer> {
    return withRepository(this.context, (repo) => {
      const command = recordedCommand(this.context.argv, (line) => repo.gate.redactForLog(line));
      return recordOperation(repo, command, () => this.run(repo));
    });
  }
}

/** A command that tells things as they happen: with `--json` one document a line, the failure that ends it included. */
export abstract class StreamingCommand extends Command<AgentContext> {
  json = Option.Boolean('--json', false, { description: 'Print a JSON document a line instead of text' });

  /** @returns the exit code */
  protected abstract stream(repo: Repository): Promise<number>;

  protected print(text: string, document: unknown): void {
    printText(this.context, `${this.json ? toJson(document) : text}\n`);
  }

  async execute(): Promise<number> {
    try {
      return await withRepository(this.context, (repo) => this.stream(repo));
    } catch (error) {
      return printFailure(this.context, this.json, error, { indent: 0 });
    }
  }
}

async function withRepository<T>(context: AgentContext, work: (repo: Repository) => Promise<T>): Promise<T> {
  const { openRepository } = await import('../open.js');
  const { cwd, env, telemetry } = context;
  const repo = await openRepository(cwd, { env, telemetry, ask: asker(context) });
  try {
    return await work(repo);
  } finally {
    await repo.close();
  }
}

/** Asks for a passphrase or the like, where there is somebody at a terminal. */
export function asker(context: AgentContext): (question: string) => Promise<string | undefined> {
  return async (question) => {
    const { askSecret } = await import('./ask-secret.js');
    return askSecret(context, question);
  };
}

/** A command that asks on a terminal what it leaves to other commands elsewhere. */
export abstract class AskingCommand extends RepositoryCommand {
  noInteractive = Option.Boolean('--no-interactive', false, { description: 'Ask nothing, even on a terminal' });

  /**
   * Whether there is a person to ask, who reads text, at a terminal that can take back what it shows.
   *
   * @see git(1), `GIT_TERMINAL_PROMPT`
   */
  protected get mayAsk(): boolean {
    const { stdin, stdout, env } = this.context;
    if (this.noInteractive || this.json || env.TERM === 'dumb' || env.GIT_TERMINAL_PROMPT === '0') return false;
    return stdin.isTTY === true && stdout.isTTY === true;
  }

  /**
   * Has the person settle the conflicts that the command stopped for, if there is one.
   *
   * @param answer what the command says of them
   * @returns with code 1 unless the merge is finished
   */
  protected async walkAfter(repo: Repository, answer: Answer): Promise<Answer> {
    if (!this.mayAsk) return answer;
    printAnswer(this.context, false, answer);
    const { answerByWalk } = await import('./walk/answer-by-walk.js');
    const walked = await answerByWalk(this.context, repo);
    return { ...walked, code: repo.store.merge.get() ? 1 : 0 };
  }
}
