import { SyncError } from '../core/errors.js';
import type { Environment } from './config.js';

/** A person as git and messages name them; the e-mail may be empty. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** Where to look for an identity. */
export interface IdentitySources {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Environment;
}

/**
 * Finds out who works here: `SUPABASE_USER` (`Name <mail>`, a name or a mail), or else whom git would name as author.
 *
 * @throws {SyncError} `IDENTITY_MISSING`
 */
export async function resolveIdentity(sources: IdentitySources): Promise<Identity> {
  const identity = parseIdentity(sources.env.SUPABASE_USER ?? '') ?? (await gitIdentity(sources));
  if (identity) return identity;
  throw new SyncError('IDENTITY_MISSING', 'it is not known who you are, and a commit needs an author', {
    hint: 'Set user.name and user.email with `git config --global`, or SUPABASE_USER to "Name <mail>".',
  });
}

/**
 * The author that git would write into a commit made in this folder.
 *
 * @returns undefined where git would make one up from the login and the host's name, or refuse
 * @see git-commit(1), COMMIT INFORMATION
 */
export async function gitIdentity({ cwd, env }: IdentitySources): Promise<Identity | undefined> {
  let name = env.GIT_AUTHOR_NAME;
  let email = env.GIT_AUTHOR_EMAIL;
  if (name === undefined || email === undefined) {
    // Only now: loading the parser takes longer than all the rest.
    const { readGitConfig } = await import('./config.js');
    const config = await readGitConfig(cwd, env);
    name ??= (await config('author.name')) ?? (await config('user.name'));
    email ??= (await config('author.email')) ?? (await config('user.email')) ?? env.EMAIL;
  }
  const identity = { name: clean(name ?? ''), email: clean(email ?? '') };
  return identity.name && identity.email ? identity : undefined;
}

/** Reads `Name <mail>`, a bare name or a bare mail; undefined when it names nobody. */
export function parseIdentity(text: string): Identity | undefined {
  const [, name, email] = /^([^<]*)<([^>]*)>\s*$/.exec(text) ?? [];
  const identity = {
    name: clean(name ?? text),
    email: clean(email ?? (/^[^\s@]+@\S+$/.test(text.trim()) ? text : '')),
  };
  if (identity.name === '' || identity.name === identity.email) identity.name = identity.email.split('@', 1)[0]!;
  return identity.name ? identity : undefined;
}

/** The look behind keeps a run from being tried again at each of its characters. */
const EDGES = /^[\s\p{Cc}.,:;<>"\\']+|(?<![\s\p{Cc}.,:;<>"\\'])[\s\p{Cc}.,:;<>"\\']+$/gu;

/** Leaves out what git leaves out of names and addresses: brackets and line ends, and punctuation at either end. */
function clean(text: string): string {
  return text.replace(EDGES, '').replace(/[<>\n]/g, '');
}
