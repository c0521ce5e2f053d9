/**
 * What people read on a terminal is what is there: nothing out of an artifact, a name, a message, a file name or an error reaches it
 * that could steer it, or make text look like another.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { COMMANDS } from '../../lib/cli/commands.js';
import { main } from '../../lib/cli/main.js';
import { plain } from '../../lib/cli/output.js';
import { encodeCommit } from '../../lib/core/object/commit.js';
import { abortMerge, importArtifacts, pull, push, type Repository } from '../../lib/index.js';
import { Developer } from '../e2e/developer.js';
import { repoRoot } from '../paths.js';

/** Moves the cursor, renames the window, hides what follows, writes backwards, is not seen. */
const EVIL = 'evil\x1b[2J\x1b]0;pwned\x07\x1b[8m\u009b31m\r\b\u202e\u2066\u200b\u{e0041}';
/** What a file name can hold of it. */
const EVIL_NAME = 'evil\u202e\u2066\u200b\u{e0041}';
const ARTIFACT = `stories/SYNC/SYNC-001-${EVIL_NAME}.md`;
const OTHER = 'stories/SYNC/SYNC-002-other.md';

/** What must not reach a terminal: controls, and what is not seen or turns text around. */
const DECEIVING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
/** The colours that our own text has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLORS = /\u001b\[(?:[012]|22|3[1-6]|39)m/g;

/**
 * Command lines for each command, `EVIL` where a person could type it. `…` before one: what is evil is in its answer, too; it has to
 * be seen there, made harmless.
 */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'sync init': ['sync init --origin file:../EVIL'],
  'sync import': ['sync import', 'sync import stories/EVIL', 'sync import --stdin --path stories/EVIL'],
  'sync status': ['…sync status'],
  'sync log': ['…sync log', '…sync log --oneline', '…sync log EVIL', '…sync log SYNC-001'],
  'sync show': ['…sync show HEAD', '…sync show EVIL', `…sync show HEAD:${ARTIFACT}`],
  'sync diff': [
    '…sync diff HEAD~1 HEAD',
    'sync diff --stat HEAD~1 HEAD',
    'sync diff --name-status HEAD~1 HEAD',
    '…sync diff EVIL',
  ],
  'sync purge': ['sync purge --actor EVIL', 'sync purge --content --actor eveEVIL@example.org'],
  'sync fetch': ['sync fetch'],
  'sync pull': ['…sync pull --dry-run', '…sync pull'],
  'sync push': ['sync push --dry-run', 'sync push'],
  'sync queue': ['sync queue'],
  'sync queue run': ['sync queue run'],
  'sync queue drop': ['…sync queue drop EVIL'],
  'sync watch': ['…sync watch --once --timeout 1 --interval EVIL'],
  'sync export': ['sync export', 'sync export --to EVIL/EVIL'],
  'sync fsck': ['sync fsck'],
  'sync gc': ['…sync gc --grace EVIL'],
  'sync backup': ['…sync backup nowhere/EVIL'],
  'sync restore': ['…sync restore EVIL'],
  'sync doctor': ['sync doctor'],
  'sync conflicts': ['…sync conflicts', '…sync conflicts SYNC-001', '…sync conflicts EVIL'],
  'sync resolve': ['…sync resolve EVIL --ours', '…sync resolve SYNC-001 --ours'],
  'sync merge': ['…sync merge EVIL', '…sync merge origin/main'],
  'sync rebase': ['…sync rebase EVIL'],
  'sync op log': ['sync op log'],
  'sync op restore': ['…sync op restore EVIL'],
  'sync undo': ['…sync undo EVIL'],
  'sync members': ['sync members'],
  'sync members list': ['sync members list'],
  'sync members add': ['sync members add EVIL writer'],
  'sync members set-role': ['sync members set-role EVIL writer'],
  'sync members remove': ['sync members remove EVIL'],
  'sync login': ['sync login --origin EVIL --email EVIL'],
  'sync logout': ['sync logout --origin EVIL'],
  'sync whoami': ['sync whoami --origin EVIL'],
  'sync audit': ['sync audit', 'sync audit --csv', '…sync audit --since EVIL', 'sync audit --actor EVIL'],
  'sync stats': ['sync stats', 'sync stats --prometheus'],
  'sync scrub': ['sync scrub --check', '…sync scrub EVIL'],
  'new-plan': ['new-plan EVIL --prefix EVIL'],
  'new-story': ['new-story EVIL --prefix EVIL'],
  'new-runbook': ['new-runbook EVIL'],
  list: ['…list', '…list EVIL', 'list --state EVIL'],
  show: ['…show SYNC-001', '…show EVIL'],
  edit: ['…edit EVIL --file EVIL'],
  'set-state': ['…set-state SYNC-001 EVIL', '…set-state EVIL DONE'],
  rm: ['…rm EVIL', '…rm SYNC-001'],
  'origin start': ['…origin start --EVIL'],
  'origin status': ['…origin status --EVIL'],
  'origin stop': ['…origin stop --EVIL'],
  'origin user add': ['…origin user add --EVIL'],
};

/** Runs a command line in this process, on a terminal that is none. */
async function run(
  who: Developer,
  line: string,
  isTTY: boolean,
): Promise<{ readonly out: string; readonly err: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  if (isTTY) Object.assign(stdout, { isTTY }, { columns: 120 });
  const [out, err] = [text(stdout), text(stderr)];
  const { signal } = new AbortController();
  const argv = line.split(' ').map((word) => word.replaceAll('EVIL', EVIL));
  const env = { ...who.env, AGENT_DEBUG: '1', TERM: 'xterm', PATH: process.env.PATH };
  await main(argv, { stdin, stdout, stderr, env, cwd: join(who.root, '.agent/cache'), signal });
  stdout.end();
  stderr.end();
  return { out: await out, err: await err };
}

/** Somebody with whom nothing is what it says: their name, their files, their titles, states and messages. */
async function evilWriter(t: Test): Promise<{ eve: Developer; ada: Developer }> {
  const eve = new Developer(t, 'eve', { SUPABASE_USER: `Eve ${EVIL}x <eve${EVIL}@example.org>` });
  const ada = new Developer(t, 'ada');
  const origin = `file:${join(ada.root, 'origin.db')}`;
  await eve.init({ origin, project: 'evil' });
  eve.write(ARTIFACT, story('One.'));
  eve.write(OTHER, story('Other.').replaceAll('SYNC-001', 'SYNC-002'));
  await eve.run(importArtifacts);
  eve.write(ARTIFACT, story('Two.'));
  await eve.run(importArtifacts);
  await eve.run(commitEvil);
  await eve.run(push);
  await ada.init({ origin, project: 'evil' });
  await ada.run(pull);
  return { eve, ada };
}

function story(line: string): string {
  return `# SYNC-001: Title ${EVIL}\n\n## State\n\nDRAFT ${EVIL}\n\n## Problem Statement\n\n${line} ${EVIL}\n`;
}

/** A commit whose message our own commands would not write. */
function commitEvil({ store }: Repository): void {
  const head = store.refs.get('HEAD')!;
  const actor = store.actors.list()[0]!.id;
  const signature = { actor, time: 1_700_000_000, offset: 0 };
  const tree = readTreeOf(store.objects.read(head).body);
  const body = encodeCommit({
    tree,
    parents: [head],
    author: signature,
    committer: signature,
    message: `Subject ${EVIL}\n\nBody ${EVIL}\n`,
  });
  const target = store.objects.write({ type: 'commit', body });
  store.refs.update([{ name: 'refs/heads/main', expected: head, target }], { actor, time: 0, message: `log ${EVIL}` });
}

function readTreeOf(commit: Uint8Array): string {
  return Buffer.from(commit)
    .toString()
    .slice('tree '.length, 'tree '.length + 40);
}

t.test('every command, on a terminal and in a pipe', async (t) => {
  t.strictSame(Object.keys(LINES).sort(), Object.keys(COMMANDS).sort(), 'no command is left out');
  const { eve, ada } = await evilWriter(t);
  eve.write(ARTIFACT, story('Eve’s.'));
  eve.write(`plans/SYNC/SYNC-003-${EVIL_NAME}.md`, story('Three.'));
  await eve.run(importArtifacts);
  await eve.run(push);
  for (const isTTY of [true, false]) {
    const where = isTTY ? 'on a terminal' : 'in a pipe';
    ada.write(ARTIFACT, story(`Ada’s ${where}.`));
    await ada.run(importArtifacts);
    for (const [command, lines] of Object.entries(LINES)) {
      for (const line of lines) {
        await ada.run((repo) => prepare(repo, command));
        const typed = line.replace(/^…/, '');
        const printed = await run(ada, typed, isTTY);
        await ada.run((repo) => prepare(repo, command));
        const json = isTTY ? await run(ada, `${typed} --json`, isTTY) : { out: '', err: '' };
        // What is shown of an artifact in a pipe are its bytes, as git does it.
        const isBytes = !isTTY && /^show SYNC|^sync (show|diff) HEAD/.test(typed) && !typed.includes('--');
        // The lines of CSV end as RFC 4180 has it.
        const out = !isTTY && typed.includes('--csv') ? printed.out.replaceAll('\r\n', '\n') : printed.out;
        const read = [isBytes ? '' : out, printed.err, json.out, json.err];
        const bad = read.flatMap((part) => DECEIVING.exec(part.replace(COLORS, ''))?.[0] ?? []);
        t.strictSame(bad, [], `agent ${typed} ${where}`);
        if (line.startsWith('…') && !isBytes)
          t.match(`${printed.out}${printed.err}`, '\ufffd', 'and it did meet what is evil');
      }
    }
  }
});

/** A conflict waits for the commands that are about one, and for no others. */
async function prepare(repo: Repository, command: string): Promise<void> {
  const wanted = command === 'sync conflicts' || command === 'sync resolve';
  const waits = repo.store.merge.get() !== undefined;
  if (waits && !wanted) await abortMerge(repo);
  if (!waits && wanted) await pull(repo);
}

t.test('a colour that is not ours is none', async (t) => {
  t.equal(plain('\x1b[31mred'), '\ufffd[31mred');
  t.equal(
    plain('family 👨‍👩‍👧, نمی‌خواهم, tab\tand line\n'),
    'family 👨‍👩‍👧, نمی‌خواهم, tab\tand line\n',
    'what scripts need stays',
  );
});

t.test('JSON says the same, in other letters', async (t) => {
  const { ada } = await evilWriter(t);
  const { out } = await run(ada, 'show SYNC-001 --json', false);
  t.match(JSON.parse(out).text ?? out, EVIL);
});

t.test('text goes to a terminal by one way only', async (t) => {
  const folder = join(repoRoot, 'lib/cli');
  const direct = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== 'output.ts')
    .filter((path) => /\b(stdout|stderr)\s*\.write\(|console\./.test(readFileSync(join(folder, path), 'utf8')));
  // They show what a person types, print a version number, nothing at all, and that nothing can be printed.
  t.strictSame(direct.sort(), ['ask-secret.ts', 'main.ts', 'pipes.ts']);
});
