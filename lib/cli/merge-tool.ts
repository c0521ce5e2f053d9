import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SyncError } from '../core/errors.js';
import type { Sides } from '../core/merge/combine.js';
import type { AgentContext } from './context.js';
import { runInForeground } from './foreground.js';

/** Git's configuration of merge tools. */
export interface MergeTool {
  /** `merge.tool`, such as `vimdiff`. */
  readonly name: string;
  /** All settings that may matter to it, as git orders them. */
  readonly settings: readonly (readonly [key: string, value: string])[];
}

/** A conflicted text, and what it was made from; null for a version that is not there. */
export interface ConflictedText {
  /** With `/`, below some folder. */
  readonly path: string;
  readonly stages: Sides<Uint8Array | null>;
  readonly marked: Uint8Array;
}

/** What says that git is to work elsewhere than in its current folder. */
const PLACES = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY', 'GIT_PREFIX'];

/**
 * Reads which tool `git mergetool` would run in a folder.
 *
 * @returns undefined when none is configured, or there is no git
 * @see git-mergetool(1), "CONFIGURATION"
 */
export function configuredMergeTool({ env }: AgentContext, folder: string): MergeTool | undefined {
  const args = ['config', '-z', '--get-regexp', '^(merge\\.tool$|mergetool\\.)'];
  const { status, stdout } = spawnSync('git', args, { cwd: folder, env, encoding: 'utf8' });
  if (status !== 0) return undefined;
  const settings = stdout
    .split('\0')
    .filter(Boolean)
    .map((entry): [string, string] => {
      const [key, ...value] = entry.split('\n');
      // A key without a value is git's way to write true.
      return [key!, value.length > 0 ? value.join('\n') : 'true'];
    });
  const name = settings.findLast(([key]) => key === 'merge.tool')?.[1];
  return name ? { name, settings } : undefined;
}

/**
 * Has the user merge a text with their tool, by `git mergetool` in a repository made for it.
 *
 * @returns what they made of the text
 * @throws {SyncError} `EDITOR_FAILED` when git says that the merge failed, `FILE_UNREADABLE`
 */
export async function runMergeTool(context: AgentContext, tool: MergeTool, text: ConflictedText): Promise<Uint8Array> {
  const cwd = mkdtempSync(join(tmpdir(), 'agent-merge-'));
  try {
    const env = scratchEnvironment(context.env, tool);
    const git = (args: readonly string[], input: Uint8Array | string = '') => runGit(cwd, env, args, input);
    git(['init', '-q']);
    const stages = Object.values({ base: text.stages.base, ours: text.stages.ours, theirs: text.stages.theirs });
    const entries = stages.flatMap((bytes, i) => {
      if (bytes === null) return [];
      const oid = git(['hash-object', '-w', '--stdin'], bytes).trim();
      return [`100644 ${oid} ${i + 1}\t${text.path}\0`];
    });
    git(['update-index', '-z', '--index-info'], entries.join(''));
    const file = join(cwd, text.path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.marked);
    const place = { cwd, env, stdout: context.stdout };
    const ended = await runInForeground(place, 'git', ['mergetool', '--no-prompt', '--', text.path]);
    if (ended === 0) return readFileSync(file);
    throw new SyncError('EDITOR_FAILED', `git mergetool with '${tool.name}' ended with ${ended} for '${text.path}'`, {
      hint: 'Nothing was changed; the conflict is still open.',
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** The project's settings apply in the scratch repository, too; nothing converts line ends there. */
function scratchEnvironment(env: AgentContext['env'], { settings }: MergeTool): AgentContext['env'] {
  const all = [...settings, ['core.autocrlf', 'false']];
  const numbered = all.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  const elsewhere = Object.fromEntries(PLACES.map((name) => [name, undefined]));
  return { ...env, ...elsewhere, ...Object.fromEntries(numbered), GIT_CONFIG_COUNT: `${all.length}` };
}

function runGit(cwd: string, env: AgentContext['env'], args: readonly string[], input: Uint8Array | string): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd, env, input, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new SyncError('EDITOR_FAILED', `git ${args[0]} failed while preparing a merge for your tool: ${stderr.trim()}`);
}
