import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cli } from 'clipanion';
import t from 'tap';
import { COMMANDS, loadCommands } from '../../lib/cli/commands.js';
import type { AgentContext } from '../../lib/cli/context.js';
import { formatCommandHelp } from '../../lib/cli/help.js';
import { ERROR_CODES } from '../../lib/core/errors.js';
import { repoRoot } from '../paths.js';
import { runAll, Shell } from './shell.js';

const NAMES = Object.keys(COMMANDS);

t.test('what is asked for is printed on standard output, and the exit code is 0', async (t) => {
  const version = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8')).version;
  await runAll(
    new Shell(t),
    [
      { line: 'agent --version', says: [`${version}\n`] },
      { line: 'agent -v', says: [`${version}\n`] },
      { line: 'agent', says: NAMES.map((name) => `agent ${name} `) },
      { line: 'agent -h', says: NAMES.map((name) => `agent ${name} `) },
      { line: 'agent help', says: NAMES.map((name) => `agent ${name} `) },
      { line: 'agent sync --help', says: ['agent sync init ', 'agent sync members add '], not: ['agent list'] },
      { line: 'agent origin user -h', says: ['agent origin user add '], not: ['agent origin start'] },
      {
        line: 'agent sync import --help',
        says: ['usage: agent sync import [OPTIONS] [PATHS]', '--path PATH', 'Examples'],
      },
      {
        line: 'agent help sync diff',
        says: ['usage: agent sync diff [OPTIONS] [A] [B] [-- PATH...]', '--name-status'],
      },
      { line: 'agent sync members --help', says: ['usage: agent sync members [OPTIONS]\n'] },
      { line: 'agent sync members add -h', says: ['usage: agent sync members add [OPTIONS] WHO'] },
    ],
    ({ line, says, not = [] }: { line: string; says: string[]; not?: string[] }, { code, out, err }) => {
      t.equal(code, 0, line);
      t.equal(err, '', `${line}: nothing on standard error`);
      for (const text of says) t.match(out, text, `${line}: ${text}`);
      for (const text of not) t.notMatch(out, text, `${line}: not ${text}`);
      t.notMatch(out, '\u001b', `${line}: no colour in a pipe`);
    },
  );
});

t.test('a command line that cannot be read is explained on standard error, and the exit code is 129', async (t) => {
  const project = new Shell(t);
  await project.run('agent sync init');
  await runAll(
    project,
    [
      { line: 'agent frobnicate', says: ["'agent frobnicate' is not a command", "'agent --help' lists the commands"] },
      { line: 'agent sync', says: ["'agent sync' is not a command", "'agent sync --help' lists what can follow"] },
      {
        line: 'agent sync statuss',
        says: ["'agent sync statuss' is not a command", "Did you mean 'agent sync status'?"],
      },
      { line: 'agent lst', says: ["Did you mean 'agent list'?"] },
      { line: 'agent frobnicate --help', says: ["'agent frobnicate' is not a command"] },
      { line: 'agent --frobnicate', says: ['--frobnicate'] },
      { line: 'agent sync log --frobnicate', says: ['"--frobnicate"', "See 'agent sync log --help'."] },
      { line: 'agent show', says: ['not enough positional arguments', "See 'agent show --help'."] },
      { line: 'agent show a b', says: ['"b"'] },
      {
        line: 'agent list plan story',
        says: ['extraneous positional argument', '"story"', "See 'agent list --help'."],
      },
      {
        line: 'agent sync resolve a --file',
        says: ['not enough arguments to option --file', "See 'agent sync resolve --help'."],
      },
      { line: 'agent sync resolve a b', says: ['"b"', "See 'agent sync resolve --help'."] },
      { line: 'agent new-plan T --prefix A --story A-1', says: ["'--story'", "'--prefix'", 'not both'] },
      { line: 'agent list chapter', says: ["the kind is plan, story or runbook, not 'chapter'"] },
      { line: 'agent list plan --kind story', says: ['two kinds'] },
      { line: 'agent sync log -n many', says: ["--max-count is a whole number from 0 on, not 'many'"] },
      { line: 'agent sync resolve', says: ["name an artifact, or give '--all' or '--input'"] },
      { line: 'agent sync resolve a --ours --theirs', says: ["'--ours' and '--theirs' exclude each other"] },
      { line: 'agent sync resolve a --all --ours', says: ["'--all' and an artifact exclude each other"] },
      {
        line: 'agent sync resolve --all --base',
        says: ["'--all' goes with '--ours', '--theirs', '--union' or '--rerere'"],
      },
      { line: 'agent sync resolve a --hunk 1', says: ["--hunk is N=SIDE, such as 1=ours, not '1'"] },
      {
        line: 'agent sync resolve a --hunk 1=both',
        says: ["the answer to hunk 1 is ours, theirs, union or base, not 'both'"],
      },
      { line: 'agent sync resolve a --hunk 1=ours --hunk 1=base', says: ['hunk 1 is answered twice'] },
      { line: 'agent sync merge', says: ['give one of REV, --continue and --abort'] },
      { line: 'agent sync merge HEAD --abort', says: ['give one of REV, --continue and --abort'] },
      { line: 'agent sync merge --continue --no-ff', says: ['take no other option'] },
      { line: 'agent sync merge --ff-only --no-ff HEAD', says: ["'--ff-only' and '--no-ff' exclude each other"] },
      { line: 'agent sync rebase', says: ['give one of REV, --continue, --skip and --abort'] },
      { line: 'agent sync rebase --skip -X ours', says: ['takes no other option'] },
      { line: 'agent sync pull --rebase --ff-only', says: ["'--rebase' goes with neither '--ff-only' nor '--no-ff'"] },
      { line: 'agent sync pull -X union', says: ["--strategy-option is ours or theirs, not 'union'"] },
      { line: 'agent sync diff a b c', says: ['a diff has two sides, not 3', "Paths go after '--'."] },
      { line: 'agent sync diff --find-renames 8', says: ["a percentage from 1% to 100%, not '8'"] },
      { line: 'agent sync diff --find-renames=101%', says: ["not '101%'"] },
      { line: 'agent sync export --git x --check', says: ["'--git'"] },
      { line: 'agent sync import --path a', says: ["'--path' goes with '-'"] },
      { line: 'agent sync members set-role x king', says: ["ROLE is owner, writer or reader, not 'king'"] },
      { line: 'agent sync members set-role x', says: ['not enough positional arguments'] },
      { line: 'agent sync members add x --role king', says: ["--role is owner, writer or reader, not 'king'"] },
      { line: 'agent origin start --port 70000', says: ["--port is a whole number from 1 to 65535, not '70000'"] },
      { line: 'agent origin user add ada --role owner', says: ["'--role' goes with '--project'"] },
    ],
    ({ line, says }, { code, out, err }) => {
      t.equal(code, 129, line);
      t.equal(out, '', `${line}: nothing on standard output`);
      t.match(err, /^fatal: .* \[USAGE\]\n/, `${line}: one sentence and the code`);
      for (const text of says) t.ok(err.includes(text), `${line}: ${text}`, { err });
    },
  );
});

t.test('help tells all about each command', async (t) => {
  const classes = await loadCommands(NAMES);
  const cli = new Cli<AgentContext>({ binaryName: 'agent' });
  for (const command of classes) cli.register(command);
  const manual = readFileSync(join(repoRoot, 'docs/cli.md'), 'utf8');
  const sections = new Map(
    manual
      .split(/^### agent /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0]!, section]),
  );
  t.same([...sections.keys()], NAMES, 'docs/cli.md describes every command and no other, in the order of the help');
  const categories = [...manual.matchAll(/^## (.+)$/gm)].map(([, title]) => title!);
  t.same(categories, [...new Set(classes.map(({ usage }) => usage!.category))], 'under the same headings');

  NAMES.forEach((name, i) => {
    t.equal(classes[i]!.paths![0]!.join(' '), name, `'${name}' is found by its words`);
    const help = formatCommandHelp(cli, classes[i]!);
    t.match(help, new RegExp(`^usage: agent ${name}\\b`), `agent ${name}: usage`);
    const examples = help.split('\nExamples\n')[1]!.split('\n');
    t.ok(
      examples.some((line) => line.includes(`agent ${name}`)),
      `agent ${name}: an example`,
    );
    for (const line of examples) {
      // What runs in a shell is more than one command; those are read by people only.
      if (!line.startsWith('  agent ') || /[|<>&;(]/.test(line)) continue;
      const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|\S+/g)].map(
        ([word, single, double]) => single ?? double ?? word,
      );
      t.doesNotThrow(() => cli.process(words.slice(1), {} as AgentContext), `example: ${line.trim()}`);
    }
    const section = sections.get(name) ?? '';
    const options = [
      ...help
        .split('\nOptions\n')[1]!
        .split('\nExamples\n')[0]!
        .matchAll(/--[a-z-]+/g),
    ].map(([option]) => option);
    for (const option of new Set(options)) {
      if (option !== '--json')
        t.ok(
          section.includes(`\`${option}`) || section.includes(`, ${option}`),
          `docs/cli.md: agent ${name} ${option}`,
        );
    }
    t.match(section, /^`agent /m, `docs/cli.md: agent ${name} has a synopsis`);
    t.match(section, '```ts', `docs/cli.md: agent ${name} has the shape of its document`);
    t.match(section, '```\n$ ', `docs/cli.md: agent ${name} has an example`);
  });
});

t.test('docs/errors.md describes every code and no other', async (t) => {
  const manual = readFileSync(join(repoRoot, 'docs/errors.md'), 'utf8');
  const described = [...manual.matchAll(/^\| `([A-Z_0-9]+)` \| .+ \| .+ \|$/gm)].map(([, code]) => code!);
  t.same(described.sort(), Object.keys(ERROR_CODES).sort());
});
