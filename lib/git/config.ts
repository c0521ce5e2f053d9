import { homedir } from 'node:os';
import { join } from 'node:path';
import { GitConfigManager } from 'isomorphic-git/managers';
import { expandIncludes, readIfThere } from './config-include.js';
import { findGitDirectory } from './git-directory.js';

/** The environment variables that decide what git is told. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads git's configuration as it holds in a folder: the user's files, then the repository's. The system's is left out.
 *
 * isomorphic-git parses it, but on its own it would read the repository's file only, and no includes.
 *
 * @param cwd absolute
 * @returns answers the last value of a key such as `user.name`
 * @see git-config(1), FILES
 */
export async function readGitConfig(
  cwd: string,
  env: Environment,
): Promise<(key: string) => Promise<string | undefined>> {
  const home = env.HOME ?? homedir();
  const repository = findGitDirectory(cwd);
  const files = [...userConfigFiles(home, env), ...(repository ? [join(repository.commonDir, 'config')] : [])];
  const text = files
    .map((file) => expandIncludes(readIfThere(file), { file, home, gitDir: repository?.gitDir }))
    .join('\n');
  const config = await GitConfigManager.get({ fs: { read: async () => text }, gitdir: '' });
  return (key) => config.get(key);
}

function userConfigFiles(home: string, env: Environment): string[] {
  if (env.GIT_CONFIG_GLOBAL !== undefined) return [env.GIT_CONFIG_GLOBAL];
  return [join(env.XDG_CONFIG_HOME || join(home, '.config'), 'git/config'), join(home, '.gitconfig')];
}
