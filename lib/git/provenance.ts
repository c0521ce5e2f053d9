import { GitRefManager } from 'isomorphic-git/managers';
import type { Oid } from '../core/object/oid.js';
import { readIfThere } from './config-include.js';
import { findGitDirectory } from './git-directory.js';

/** The git repository that files were imported from, and where it stood. */
export interface GitProvenance {
  /** The top of the working tree, absolute: for this machine's eyes only. */
  readonly root: string;
  /** Undefined in a repository without commits. */
  readonly head: Oid | undefined;
  /** Such as `main`; undefined when `HEAD` is detached. */
  readonly branch: string | undefined;
}

/**
 * Tells which git repository a folder is in and what it has checked out.
 *
 * @param cwd absolute
 * @returns undefined outside of a repository
 */
export async function gitProvenance(cwd: string): Promise<GitProvenance | undefined> {
  const repository = findGitDirectory(cwd);
  if (!repository) return undefined;
  const { root, gitDir, commonDir } = repository;
  const fs = { read: async (path: string) => readIfThere(path) };
  const [, branch] = /^ref: refs\/heads\/(.+)\n/.exec(readIfThere(`${gitDir}/HEAD`)) ?? [];
  const head: Oid | undefined = await (branch
    ? GitRefManager.resolve({ fs, gitdir: commonDir, ref: `refs/heads/${branch}` })
    : GitRefManager.resolve({ fs, gitdir: gitDir, ref: 'HEAD' })
  ).catch(() => undefined);
  return { root, head, branch };
}
