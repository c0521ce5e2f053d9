import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where a git repository keeps its things. */
export interface GitDirectory {
  /** The top of the working tree. */
  readonly root: string;
  /** Holds `HEAD`; for a linked worktree it is not the same as `commonDir`. */
  readonly gitDir: string;
  /** Holds the branches and the configuration. */
  readonly commonDir: string;
}

/**
 * Finds the git repository that a folder is in, linked worktrees and submodules included.
 *
 * isomorphic-git has `findRoot` for this, but knows nothing of linked worktrees.
 *
 * @param cwd absolute
 * @see gitrepository-layout(5)
 */
export function findGitDirectory(cwd: string): GitDirectory | undefined {
  for (let root = cwd; ; root = dirname(root)) {
    const gitDir = gitDirOf(root);
    if (gitDir) return { root, gitDir, commonDir: commonDirOf(gitDir) };
    if (dirname(root) === root) return undefined;
  }
}

function gitDirOf(root: string): string | undefined {
  const dotGit = join(root, '.git');
  const stat = statSync(dotGit, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const gitDir = stat.isDirectory() ? dotGit : linkedDir(root, readFileSync(dotGit, 'utf8'));
  return gitDir && existsSync(join(gitDir, 'HEAD')) ? gitDir : undefined;
}

function linkedDir(root: string, dotGit: string): string | undefined {
  const path = /^gitdir: (.+)$/.exec(dotGit.trimEnd())?.[1];
  return path && resolve(root, path);
}

function commonDirOf(gitDir: string): string {
  const file = join(gitDir, 'commondir');
  return existsSync(file) ? resolve(gitDir, readFileSync(file, 'utf8').trim()) : gitDir;
}
