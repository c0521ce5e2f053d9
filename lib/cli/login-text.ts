import type { CredentialPlace, SessionUser } from '../core/ports.js';
import type { Login, WhoAmI } from '../repo/sync/login.js';
import { type Answer, plain } from './output.js';

/** What a login came to. */
export function formatLogin({ origin, user, expiresAt, renewed, place }: Login): Answer {
  const kept = place.kind === 'keyring' ? 'in the keyring of this machine' : `in ${plain(place.path)}, encrypted`;
  const until = expiresAt === null ? '' : ` It is good until ${when(expiresAt)}.`;
  return {
    text: `Logged in at ${plain(origin)} as ${formatUser(user)}.\nThe login is kept ${kept}.${renewed ? '' : until}`,
    document: { origin, user, expiresAt: when(expiresAt), renewed, ...describePlace(place) },
  };
}

/** Who is logged in, and how that is known. */
export function formatWhoAmI({ origin, user, source, offline, role }: WhoAmI, project: string | undefined): Answer {
  const from = { environment: 'the environment', keyring: 'the keyring', file: 'the encrypted file' }[source];
  const lines = [`${formatUser(user)} at ${plain(origin)}, by a token from ${from}.`];
  if (offline) lines.push('The origin cannot be reached now; this is what the login says.');
  else if (project !== undefined) {
    lines.push(
      role
        ? `${capitalized(role)} of project '${plain(project)}'.`
        : `No role in project '${plain(project)}'. 'agent sync init' joins it, if you are invited, or makes it.`,
    );
  }
  return { text: lines.join('\n'), document: { origin, user, source, offline, project: project ?? null, role } };
}

function formatUser({ id, email }: SessionUser): string {
  return email === null ? plain(id) : `${plain(email)} (${plain(id)})`;
}

function describePlace(place: CredentialPlace): { readonly place: string; readonly path: string | null } {
  return { place: place.kind, path: place.kind === 'file' ? place.path : null };
}

/** An instant as ISO 8601 writes it. */
function when(seconds: number | null): string | null {
  return seconds === null ? null : new Date(1000 * seconds).toISOString();
}

function capitalized(word: string): string {
  return `${word[0]?.toUpperCase()}${word.slice(1)}`;
}
