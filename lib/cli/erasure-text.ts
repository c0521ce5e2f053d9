import type { Erased } from '../repo/erasure/erase-here.js';
import type { PurgeResult } from '../repo/erasure/purge.js';
import { shorten } from './commit-text.js';
import { count, plain } from './output.js';

/** What was erased here because the origin erased it, in lines; none where that is nothing. */
export function formatErased(erased: Erased | undefined): string[] {
  if (!erased) return [];
  const { names, blobs } = erased.traces;
  return [
    `The origin has erased ${count(names, 'name')} and ${count(blobs, 'version')} of artifacts that were here; they are gone.`,
    ...formatAround(erased),
  ];
}

/** What a purge did, or would do. */
export function formatPurge({ dryRun, actors, blobs, here, origin, remains, erased }: PurgeResult): string {
  const gone = dryRun ? 'Would go' : 'Gone';
  const lines = [
    ...actors.map(
      ({ id, name, email }) => `${plain(id)}  ${plain([name, email && `<${email}>`].filter(Boolean).join(' '))}`,
    ),
    ...blobs.map(({ oid, path }) => `${shorten(oid)}  ${path === null ? '(in no commit)' : plain(path)}`),
    `${gone} here: ${list([
      [here.names, 'name'],
      [here.texts, 'text that named somebody', 'texts that named somebody'],
      [here.blobs, 'version'],
      [here.resolutions, 'recorded resolution'],
      [here.operations, 'operation that could be undone', 'operations that could be undone'],
    ])}.`,
  ];
  if (origin) {
    lines.push(
      `${gone} at the origin: ${list([
        [origin.actors, 'name'],
        [origin.blobs, 'version'],
        [origin.members, 'membership'],
        [origin.invitations, 'invitation'],
        [origin.pseudonyms, 'link from the audit to a user', 'links from the audit to a user'],
        [origin.receipts, 'receipt'],
        [origin.issuedIds, 'note of who has an id', 'notes of who has an id'],
      ])}.`,
    );
  }
  if (erased) lines.push(...formatAround(erased));
  lines.push(...formatRemains(remains));
  if (dryRun) lines.push('Nothing was erased. It cannot be undone; --yes does it.');
  return lines.join('\n');
}

/** What happened to files, and what is left to do. */
function formatAround({ written, edited, finished, copies }: Omit<Erased, 'traces'>): string[] {
  return [
    ...written.map((path) => `  ${plain(path)} shows '[erased]' now`),
    ...edited.map((path) => `  ${plain(path)} was edited since, and is as it was: it may hold what was erased`),
    ...(finished ? [] : ['  The store is cleaned of the bytes when nobody else has it open and no merge waits.']),
    ...copies.map((file) => `  ${plain(file)} is a copy of the store, and holds what it held: remove it`),
  ];
}

function formatRemains({ paths, messages, versions }: PurgeResult['remains']): string[] {
  const lines = [
    ...paths.map((path) => `  the path ${plain(path)}: rename the file`),
    ...messages.map((oid) => `  the message of commit ${shorten(oid)}`),
    ...(versions > 0
      ? [`  ${count(versions, 'version')} by others; --matching FILE erases the versions with a text in them`]
      : []),
  ];
  return lines.length === 0 ? [] : ['It still stands in what cannot go, or others wrote:', ...lines];
}

function list(parts: readonly (readonly [number, string, string?])[]): string {
  const some = parts.filter(([n]) => n > 0).map(([n, one, many]) => count(n, one, many));
  return some.length === 0 ? 'nothing' : some.join(', ');
}
