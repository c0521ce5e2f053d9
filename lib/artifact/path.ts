import { SyncError } from '../core/errors.js';
import type { ArtifactKind } from '../core/ports.js';
import { ID_TAIL } from './draft-handle.js';

/** The folder below `.agent/cache` for each kind. */
export const KIND_FOLDERS: Readonly<Record<ArtifactKind, string>> = {
  plan: 'plans',
  story: 'stories',
  runbook: 'runbooks',
};

/** The kinds, in the order in which people meet them. */
export const KINDS: readonly ArtifactKind[] = ['plan', 'story', 'runbook'];

/** An artifact's id in its parts. */
export interface ArtifactId {
  /** Such as `INFRA-004`, or the handle of a draft. */
  readonly id: string;
  /** Such as `INFRA`. */
  readonly prefix: string;
  /** 0 for a draft. */
  readonly number: number;
}

/** What a path says about an artifact. A file name without an id gives the empty id, the empty prefix and 0. */
export interface ArtifactName extends ArtifactId {
  readonly kind: ArtifactKind;
}

const ID = new RegExp(`^([A-Z][A-Z0-9]*)-(${ID_TAIL})$`);
const ID_OF_FILE = new RegExp(`^([A-Z][A-Z0-9]*)-(${ID_TAIL})(?![A-Za-z0-9])`);
const SLUG_LENGTH = 80;

/** Reads a complete id such as `INFRA-004`; undefined for anything else. */
export function parseArtifactId(text: string): ArtifactId | undefined {
  return idFrom(ID.exec(text));
}

/** The kind whose folder is called `folder`. */
function kindOfFolder(folder: string): ArtifactKind | undefined {
  return KINDS.find((kind) => KIND_FOLDERS[kind] === folder);
}

/**
 * Reads kind and id from a path below `.agent/cache`; the id in the file name is the artifact's identity.
 *
 * @returns undefined when no artifact can have this path: `*.md` below a kind's folder, nothing hidden on the way
 */
export function parseArtifactPath(path: string): ArtifactName | undefined {
  const names = path.split('/');
  const file = names.at(-1)!;
  const kind = kindOfFolder(names[0]!);
  if (!kind || names.length < 2 || !file.endsWith('.md')) return undefined;
  if (names.some((name) => name === '' || name.startsWith('.'))) return undefined;
  return { kind, ...(idFrom(ID_OF_FILE.exec(file)) ?? { id: '', prefix: '', number: 0 }) };
}

/**
 * Reads kind and id from a path that has to be an artifact's.
 *
 * @throws {SyncError} `PATH_OUTSIDE_CACHE`
 */
export function requireArtifactPath(path: string): ArtifactName {
  const name = parseArtifactPath(path);
  if (name) return name;
  throw new SyncError('PATH_OUTSIDE_CACHE', `'${path.slice(0, 300)}' is no place for an artifact`, {
    hint: "Artifacts live in 'plans/', 'stories/' and 'runbooks/' below .agent/cache, and end in '.md'.",
  });
}

/** Tells whether an artifact can have this path. */
export function isArtifactPath(path: string): boolean {
  return parseArtifactPath(path) !== undefined;
}

/**
 * The path of a new artifact, as existing ones are named: a runbook after its story's id, the others after id and title.
 *
 * @param id as `parseArtifactId` takes it
 */
export function artifactPath(kind: ArtifactKind, id: string, title: string): string {
  const prefix = id.slice(0, id.indexOf('-'));
  const slug = kind === 'runbook' ? 'runbook' : slugify(title);
  return `${KIND_FOLDERS[kind]}/${prefix}/${slug ? `${id}-${slug}` : id}.md`;
}

/** The title in lowercase ASCII letters, digits and hyphens, cut at a word; empty when nothing of it is left. */
export function slugify(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let slug = '';
  for (const word of words) {
    const longer = slug ? `${slug}-${word}` : word.slice(0, SLUG_LENGTH);
    if (longer.length > SLUG_LENGTH) break;
    slug = longer;
  }
  return slug;
}

function idFrom(match: RegExpExecArray | null): ArtifactId | undefined {
  if (!match) return undefined;
  const [, prefix, tail] = match;
  return { id: `${prefix}-${tail}`, prefix: prefix!, number: /^\d/.test(tail!) ? Number(tail) : 0 };
}
