import { Command } from 'clipanion';
import type { InitResult } from '../../open.js';
import { AgentCommand, asker } from '../command.js';
import { formatFetched } from '../fetch-text.js';
import { valueOption } from '../options.js';
import { type Answer, plain } from '../output.js';

export class SyncInitCommand extends AgentCommand {
  static override paths = [['sync', 'init']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: "make a project's store and configuration, and join its origin",
    details: `
      Makes .agent/cache/agent.db and .agent/etc/sync.yaml, and adds the database to .gitignore. With an origin, it registers
      the project there, or joins it if you are a member or invited, and fetches what is there.

      Running it again changes nothing that is there already.

      An origin is a Supabase project (\`https://…\`), an origin on this machine (\`http://127.0.0.1:…\`, see
      \`agent origin start\`), or a file that several people can write (\`file:/path/to/origin.db\`). Log in with
      \`agent sync login --origin URL\` first. Keys are never written to sync.yaml.
    `,
    examples: [
      ['Work alone, for now', 'agent sync init'],
      ['Share through Supabase', 'agent sync init --origin https://abcdefgh.supabase.co --project website'],
      ['Share through a file', 'agent sync init --origin file:/srv/team/origin.db'],
    ],
  });

  origin = valueOption('--origin', 'URL', 'Where the project is shared');
  project = valueOption('--project', 'NAME', "The project's name there; the folder's name when left out");

  protected override async answer(): Promise<Answer> {
    const { initRepository } = await import('../../open.js');
    const { cwd, env, signal, telemetry } = this.context;
    const result = await initRepository(cwd, {
      env,
      signal,
      ask: asker(this.context),
      telemetry,
      ...(this.origin === undefined ? {} : { origin: this.origin }),
      ...(this.project === undefined ? {} : { project: this.project }),
    });
    return { text: format(result), document: { ...result, joined: result.joined ?? null } };
  }
}

function format({ root, written, joined }: InitResult): string {
  const lines =
    written.length === 0
      ? [`Everything is there already in ${plain(root)}.`]
      : [`Set up agent-sync in ${plain(root)}:`, ...written.map((path) => `  ${path}`)];
  if (!joined) return lines.join('\n');
  const { created, project, url, role, fetched } = joined;
  return [
    ...lines,
    `${created ? 'Made' : 'Joined'} project '${plain(project)}' at ${plain(url)} as ${role}.`,
    ...formatFetched(fetched),
    ...(fetched.refs.length > 0 ? ["'agent sync pull' brings it into your files."] : []),
  ].join('\n');
}
