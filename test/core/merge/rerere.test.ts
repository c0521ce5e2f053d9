import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { type NormalConflict, normalizeConflict } from '../../../lib/core/merge/conflict-id.js';
import { type MergeTextOptions, mergeText } from '../../../lib/core/merge/merge-text.js';
import { replayResolution } from '../../../lib/core/merge/replay-resolution.js';
import { type Triple, triples } from './random-texts.js';

/** Three versions as lines separated by spaces. */
function triple(base: string, ours: string, theirs: string): Triple {
  const bytes = (lines: string) => Buffer.from(lines.replace(/ |$/g, '\n'));
  return { base: bytes(base), ours: bytes(ours), theirs: bytes(theirs) };
}

function conflictOf({ base, ours, theirs }: Triple, options: MergeTextOptions = {}): NormalConflict | undefined {
  const { bytes, hunks } = mergeText(base, ours, theirs, options);
  return normalizeConflict(bytes, hunks);
}

t.test('which conflicts are the same', async (t) => {
  const id = (row: Triple, options?: MergeTextOptions) => conflictOf(row, options)?.id;
  const known = id(triple('a b c', 'a o c', 'a t c'));
  const rows: [string, string | undefined, boolean][] = [
    ['met from the other side', id(triple('a b c', 'a t c', 'a o c')), true],
    ['under other labels', id(triple('a b c', 'a o c', 'a t c'), { labels: { ours: 'A', theirs: 'B' } }), true],
    ['in a style that shows base', id(triple('a b c', 'a o c', 'a t c'), { style: 'diff3' }), true],
    ['with other lines around it', id(triple('x b y', 'x o y', 'x t y')), true],
    ['over another base', id(triple('a z c', 'a o c', 'a t c')), true],
    ['at the end of a file without newline', id({ ...triple('a b', 'a o', 'a t'), ours: Buffer.from('a\no') }), true],
    ['with another line on one side', id(triple('a b c', 'a p c', 'a t c')), false],
    ['with a second conflict', id(triple('a b c d e f g', 'a o c d e f x', 'a t c d e f y')), false],
    ['without any', id(triple('a b c', 'a o c', 'a b c')), false],
  ];
  for (const [what, other, same] of rows) t.equal(other === known, same, `${what}: ${same ? 'the same' : 'another'}`);

  const marked = Buffer.from('a\nb\nc\nd\n');
  const range = { start: 0, end: 1 };
  const unmarked = { base: range, ours: range, theirs: range, result: { start: 0, end: 4 } };
  t.equal(
    normalizeConflict(marked, [unmarked]),
    undefined,
    'lines without markers around them are no conflict to know',
  );
});

t.test('a resolution is carried over to what the text is now', async (t) => {
  const then = triple('1 2 3 b 4 5 6', '1 2 3 o 4 5 6', '1 2 3 t 4 5 6');
  const nowOf = (from: string, to: string) => {
    const swapped = { base: then.base, ours: then.theirs, theirs: then.ours };
    const edit = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString().replace(from, to));
    return conflictOf({ base: edit(swapped.base), ours: edit(swapped.ours), theirs: edit(swapped.theirs) })!;
  };
  const rows: [string, string, NormalConflict, string | undefined, (string | undefined)[]][] = [
    ['to the same text', '1 2 3 both 4 5 6', nowOf('', ''), '1 2 3 both 4 5 6', ['both']],
    ['to one with a new line', '1 2 3 both 4 5 6', nowOf('1\n', '0\n1\n'), '0 1 2 3 both 4 5 6', ['both']],
    ['next to the conflict, too', '1 2 3 both 4 5 6', nowOf('3\n', 'x\n'), undefined, []],
    ['by taking all of it out', '1 2 3 4 5 6', nowOf('1\n', ''), '2 3 4 5 6', ['']],
    ['with what else it changed', '1 2 both 4 5 end', nowOf('1\n', 'x\n'), 'x 2 both 4 5 end', [undefined]],
    ['unless both changed that', 'x 2 3 both 4 5 6', nowOf('1\n', 'y\n'), undefined, []],
  ];
  for (const [what, postimage, now, expected, hunks] of rows) {
    const lines = (text: string) => Buffer.from(text === '' ? '' : text.replace(/ |$/g, '\n'));
    const replayed = replayResolution(conflictOf(then)!.preimage, lines(postimage), now);
    t.equal(replayed && Buffer.from(replayed.bytes).toString(), expected && lines(expected).toString(), what);
    const answers = (replayed?.hunks ?? []).map((bytes) => bytes && Buffer.from(bytes).toString());
    t.strictSame(
      answers,
      hunks.map((text) => text && lines(text).toString()),
      `${what}: its hunks`,
    );
  }
});

t.test('ids, normal forms and replays are those of git rerere', async (t) => {
  const cases = fc.sample(triples, { numRuns: 120, seed: 11 });
  for (const style of ['merge', 'diff3', 'zdiff3'] as const) {
    const dir = t.testdir();
    const git = gitIn(dir, style);
    const commit = (branch: string, from: string | null, text: (triple: Triple) => Uint8Array) => {
      git('checkout', '-q', ...(from ? ['-b', branch, from] : ['--orphan', branch]));
      for (const [i, triple] of cases.entries()) writeFileSync(join(dir, `${i}`), text(triple));
      git('add', '-A');
      git('commit', '-qm', branch);
    };
    const context = (text: Uint8Array) => Buffer.concat([Buffer.from('# A title\n\nand a text\n'), text]);
    commit('base', null, ({ base }) => base);
    commit('ours', 'base', ({ ours }) => ours);
    commit('later', 'ours', ({ ours }) => context(ours));
    commit('theirs', 'base', ({ theirs }) => theirs);

    git('checkout', '-q', 'ours');
    git('merge', 'theirs');
    const met = new Map<string, string>();
    for (const row of readFileSync(join(dir, '.git/MERGE_RR'), 'utf8').split('\0').filter(Boolean)) {
      const [id, path] = row.split('\t') as [string, string];
      met.set(path, id);
    }
    t.ok(met.size > 50, `${met.size} conflicts in style ${style}`);
    const resolved = (marked: Uint8Array, i: number) =>
      Buffer.from(
        Buffer.from(marked)
          .toString('latin1')
          .replace(/^<{7} [\s\S]*?^>{7} [^\n]*\n/gm, `settled ${i}\n`),
        'latin1',
      );
    const wrong: string[] = [];
    const postimages = new Map<number, Uint8Array>();
    for (const [i, triple] of cases.entries()) {
      const own = conflictOf(triple, { style });
      const [id, variant] = met.get(`${i}`)?.split('.') ?? [];
      if (own?.id !== id) wrong.push(`${i}: id ${own?.id}, not ${id}`);
      if (!own) continue;
      const preimage = readFileSync(join(dir, '.git/rr-cache', id!, variant ? `preimage.${variant}` : 'preimage'));
      if (!preimage.equals(own.preimage)) wrong.push(`${i}: the preimage`);
      postimages.set(i, resolved(readFileSync(join(dir, `${i}`)), i));
      writeFileSync(join(dir, `${i}`), postimages.get(i)!);
    }
    git('rerere');
    git('reset', '-q', '--hard');

    git('checkout', '-q', 'later');
    git('merge', 'theirs');
    let replays = 0;
    for (const [i, postimage] of postimages) {
      const later = { ...cases[i]!, ours: context(cases[i]!.ours) };
      const now = conflictOf(later, { style });
      const then = conflictOf(cases[i]!, { style })!;
      if (now?.id !== then.id || met.get(`${i}`)!.includes('.')) continue;
      const own = replayResolution(then.preimage, postimage, now);
      const theirs = readFileSync(join(dir, `${i}`));
      const isReplayed = !theirs.includes('\n>>>>>>> theirs');
      if (own && isReplayed) replays++;
      if (isReplayed ? !own || !theirs.equals(own.bytes) : own) wrong.push(`${i}: replayed`);
    }
    t.ok(replays > 10, `${replays} replays in style ${style}`);
    t.strictSame(wrong, [], style);
  }
});

/** Runs git in a new repository with rerere. */
function gitIn(dir: string, style: string): (...args: string[]) => void {
  mkdirSync(dir, { recursive: true });
  const env = { ...process.env, HOME: dir, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const run = (...args: string[]) => {
    const result = spawnSync('git', args, { cwd: dir, env, encoding: 'utf8' });
    if (result.status !== 0 && args[0] !== 'merge') throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
  };
  if (!existsSync(join(dir, '.git'))) run('init', '-q');
  for (const [key, value] of [
    ['rerere.enabled', 'true'],
    ['merge.conflictStyle', style],
    ['core.autocrlf', 'false'],
    ['user.name', 'a'],
    ['user.email', 'a@example.org'],
  ])
    run('config', key!, value!);
  return run;
}
