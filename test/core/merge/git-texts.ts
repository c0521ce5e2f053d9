import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConflictStyle, Favor } from '../../../lib/core/merge/conflict-markers.js';
import type { Triple } from './random-texts.js';

/** What git made of a triple. */
export interface GitMerge {
  readonly bytes: Buffer;
  /** For `git merge-file` their number, 127 for more; for `git merge` 1 if there are any. */
  readonly conflicts: number;
}

const SIDES = ['base', 'ours', 'theirs'] as const;
const LF = 0x0a;

/** Many triples in one repository, each a file of one commit per side, so that git merges all of them in one process. */
export class GitTexts {
  /** What git calls the base in markers. */
  readonly baseLabel: string;
  readonly #dir: string;
  readonly #cases: readonly Triple[];

  constructor(dir: string, cases: readonly Triple[]) {
    this.#dir = dir;
    this.#cases = cases;
    this.#git(['init', '-q', '.']);
    this.#git(['fast-import', '--quiet'], Buffer.concat(SIDES.flatMap((side) => commit(side, cases))));
    this.#git(['checkout', '-q', '--detach', 'ours']);
    this.baseLabel = this.#git(['rev-parse', '--short', 'base']).toString().trim();
    writeFileSync(join(dir, '.git', 'union'), '* merge=union\n');
    for (const [i, triple] of cases.entries()) {
      const folder = join(dir, '.git', 'cases', `${i}`);
      mkdirSync(folder, { recursive: true });
      for (const side of SIDES) writeFileSync(join(folder, side), triple[side]);
    }
  }

  /** The answers of `git merge`, with `-X` or the attribute `merge=union`. */
  merge(style: ConflictStyle, favor?: Favor): GitMerge[] {
    const options = ['-c', `merge.conflictStyle=${style}`, '-c', 'user.name=A', '-c', 'user.email=a@example.org'];
    if (favor === 'ours' || favor === 'theirs') {
      this.#git([...options, 'merge', '-q', '-X', favor, '-m', 'merge', 'theirs']);
      const merged = this.#read('HEAD');
      this.#git(['reset', '-q', '--hard', 'ours']);
      return merged.map((bytes) => ({ bytes, conflicts: 0 }));
    }
    if (favor === 'union') options.push('-c', `core.attributesFile=${join(this.#dir, '.git', 'union')}`);
    const answer = this.#git([
      ...options,
      'merge-tree',
      '--write-tree',
      '--name-only',
      '--no-messages',
      'ours',
      'theirs',
    ]);
    const [tree, ...conflicted] = answer.toString().trim().split('\n');
    return this.#read(tree!).map((bytes, i) => ({ bytes, conflicts: conflicted.includes(`${i}`) ? 1 : 0 }));
  }

  /** The answer of `git merge-file` about each triple that `flags` names some for. */
  mergeFile(flags: readonly (readonly string[])[]): GitMerge[] {
    const labels = SIDES_OF_MERGE_FILE.map((side) => `-L ${side}`).join(' ');
    const script = flags.map(
      (some, i) => `cd ${i}; git merge-file -p ${some.join(' ')} ${labels} ours base theirs >merged; echo $?; cd ..`,
    );
    const { stdout } = spawnSync('sh', [], { cwd: join(this.#dir, '.git', 'cases'), input: script.join('\n') });
    const conflicts = stdout.toString().trim().split('\n').map(Number);
    return flags.map((_, i) => ({
      bytes: readFileSync(join(this.#dir, '.git', 'cases', `${i}`, 'merged')),
      conflicts: conflicts[i]!,
    }));
  }

  #read(tree: string): Buffer[] {
    const names = this.#cases.map((_, i) => `${tree}:${i}\n`).join('');
    const answer = this.#git(['cat-file', '--batch'], names);
    const blobs: Buffer[] = [];
    // `<oid> blob <size>`, the bytes, a newline.
    for (let at = 0; at < answer.length; ) {
      const head = answer.subarray(at, answer.indexOf(LF, at));
      const from = at + head.length + 1;
      const size = Number(head.toString().split(' ')[2]);
      blobs.push(answer.subarray(from, from + size));
      at = from + size + 1;
    }
    return blobs;
  }

  /** Runs git without anybody's configuration; merges answer 1 when there are conflicts. */
  #git(args: readonly string[], input: string | Uint8Array = ''): Buffer {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
    const all = ['-c', 'merge.renames=false', ...args];
    const { status, stdout, stderr } = spawnSync('git', all, { cwd: this.#dir, env, input, maxBuffer: 2 ** 30 });
    if (status !== 0 && status !== 1) throw new Error(`git ${args.join(' ')} exited with ${status}: ${stderr}`);
    return stdout;
  }
}

const SIDES_OF_MERGE_FILE = ['ours', 'base', 'theirs'];

/** A commit in the language of git-fast-import(1). */
function commit(side: (typeof SIDES)[number], cases: readonly Triple[]): Uint8Array[] {
  const text = (lines: string) => Buffer.from(lines);
  return [
    text(`commit refs/heads/${side}\ncommitter A <a@example.org> 1700000000 +0000\ndata 0\n`),
    text(side === 'base' ? '' : 'from refs/heads/base\n'),
    ...cases.flatMap((triple, i) => [
      text(`M 100644 inline ${i}\ndata ${triple[side].length}\n`),
      triple[side],
      text('\n'),
    ]),
  ];
}
