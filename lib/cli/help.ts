import type { Cli, CommandClass } from 'clipanion';
import type { AgentContext } from './context.js';
import { splitValueName } from './options.js';

/** Lists commands with what they do, one a line, by category. */
export function formatOverview(classes: readonly CommandClass<AgentContext>[]): string {
  const rows = classes.map(({ paths, usage }) => ({
    category: usage?.category ?? '',
    name: `agent ${paths![0]!.join(' ')}`,
    description: usage?.description ?? '',
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  const sections = [...new Set(rows.map(({ category }) => category))].map((category) =>
    [
      category,
      ...rows
        .filter((row) => row.category === category)
        .map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`),
    ].join('\n'),
  );
  return `${sections.join('\n\n')}\n\nEach has '--help' of its own, with examples. 'agent --version' prints the version.\n`;
}

/** All that there is to say about one command. */
export function formatCommandHelp(cli: Cli<AgentContext>, command: CommandClass<AgentContext>): string {
  const name = `agent ${command.paths![0]!.join(' ')}`;
  const definition = cli.definitions().find(({ path }) => path === name)!;
  const options = definition.options.map(({ definition, description = '' }) => {
    const { value, text } = splitValueName(description);
    return { names: definition.replace(' #0', ` ${value}`).replace(',', ', '), text };
  });
  const width = Math.max(...options.map(({ names }) => names.length));
  const operands = definition.usage.slice(name.length + 1).replaceAll(/<(\w+)>/g, '$1');
  const usage = `usage: ${name} [OPTIONS] ${'operands' in command ? command.operands : operands}`.trimEnd();
  return [
    usage,
    '',
    capitalize(definition.description!.trim()),
    '',
    definition.details!.trim().replaceAll(/(?<! ) +$/gm, ''),
    '',
    'Options',
    ...options.map(({ names, text }) => `  ${names.padEnd(width)}  ${text}`),
    '',
    'Examples',
    ...definition.examples!.flatMap(([label, line]) => [`  # ${label.trim()}`, `  ${line}`]),
    '',
  ].join('\n');
}

function capitalize(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
