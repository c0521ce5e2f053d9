import { SyncError } from '../../core/errors.js';
import { findPath } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob, readCommit } from '../../core/object/read.js';
import { decodeUtf8, encodeUtf8 } from '../../core/object/text.js';
import { isTree } from '../../core/object/tree.js';
import { findHeld, formsOf, replaceHeld, type SecretForms } from '../../privacy/held-secret.js';
import { LineIndex } from '../../privacy/line-index.js';
import { changedPaths } from '../history/changed-paths.js';
import type { Repository } from '../repository.js';
import { folderOf, formatFinding, isReplaced, listFindings, type PlacedFinding } from './gate.js';

/** What a commit brought that may not be sent. */
export interface Unclean {
  readonly commit: Oid;
  readonly where: 'text' | 'name' | 'message';
  /** The file; empty for a message. */
  readonly path: string;
  /** The blob, or the commit for a message. */
  readonly oid: Oid;
  /** Never empty, and without those that are only told of. */
  readonly findings: readonly PlacedFinding[];
}

/**
 * Looks through what commits brought, each version of a file once: as the gate does, and for the project's own keys whatever
 * sync.yaml says.
 *
 * @param commits those that are to be sent
 * @throws {SyncError} `CONFIG_INVALID`
 */
export async function findUnclean(repo: Repository, commits: readonly Oid[]): Promise<Unclean[]> {
  const { objects } = repo.store;
  const forms = formsOf(await repo.secrets());
  const seen = new Set<string>();
  const unclean: Unclean[] = [];
  for (const oid of commits) {
    const { tree, message } = readCommit(objects, oid);
    const add = (place: Pick<Unclean, 'where' | 'path' | 'oid'>, bytes: Uint8Array) => {
      const findings = lookAt(repo, place.where === 'text' ? place.path : '', bytes, forms);
      if (findings.length > 0) unclean.push({ commit: oid, ...place, findings });
    };
    add({ where: 'message', path: '', oid }, encodeUtf8(message));
    // What a merge has from another parent came with that one, or is at the origin already.
    for (const path of changedPaths(objects, oid)) {
      const after = findPath(objects, tree, path);
      if (!after || isTree(after) || after.mode === '160000' || seen.has(`${after.oid} ${path}`)) continue;
      seen.add(`${after.oid} ${path}`);
      add({ where: 'text', path, oid: after.oid }, readBlob(objects, after.oid));
      add({ where: 'name', path, oid: after.oid }, encodeUtf8(path));
    }
  }
  return unclean;
}

function lookAt({ gate }: Repository, path: string, bytes: Uint8Array, forms: SecretForms): PlacedFinding[] {
  const found = gate.look(path, bytes).filter(isReplaced);
  const text = decodeUtf8(bytes);
  const held = findHeld(text, forms).filter(
    ({ start, end }) => !found.some((other) => other.start < end && start < other.end),
  );
  if (held.length === 0) return found;
  const places = new LineIndex(text);
  const own = held.map(
    ({ start, end, reason }): PlacedFinding => ({
      path,
      detector: 'secret',
      action: 'block',
      start,
      end,
      line: places.line(start),
      column: places.column(start),
      reason,
    }),
  );
  return [...found, ...own].sort((a, b) => a.start - b.start);
}

/** A text without what may not be sent. */
export function cleanse({ gate }: Repository, path: string, bytes: Uint8Array, forms: SecretForms): Uint8Array {
  const cleaned = gate.clean(path, bytes);
  const text = decodeUtf8(cleaned);
  const held = findHeld(text, forms);
  return held.length === 0 ? cleaned : encodeUtf8(replaceHeld(text, held));
}

/**
 * Refuses to send commits that hold what the gate would not have let in, or a key of this project.
 *
 * @throws {SyncError} `CONTENT_BLOCKED`, naming each place, and never a value
 */
export async function refuseUnclean(repo: Repository, commits: readonly Oid[]): Promise<void> {
  const unclean = await findUnclean(repo, commits);
  if (unclean.length === 0) return;
  throw new SyncError(
    'CONTENT_BLOCKED',
    `nothing was pushed: what would be sent holds what must not leave this machine:${listFindings(formatUnclean(unclean))}`,
    {
      hint: "'agent sync scrub --history' takes it out of commits that were never pushed. What may be shared is allowed below 'privacy:' in .agent/etc/sync.yaml, or by a comment in the text; a key of this project never is.",
    },
  );
}

/** A line for each place. */
export function formatUnclean(unclean: readonly Unclean[]): string[] {
  return unclean.flatMap(({ commit, where, path, findings }) =>
    findings.map((finding) => {
      const place = where === 'text' ? path : where === 'message' ? 'message' : `name of a file in ${folderOf(path)}`;
      return `${formatFinding({ ...finding, path: place })}, in commit ${commit.slice(0, 7)}`;
    }),
  );
}
