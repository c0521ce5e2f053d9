import { parseArtifactPath } from '../../artifact/path.js';
import { SyncError } from '../../core/errors.js';

/**
 * Picks the one artifact that a person means: by path below `.agent/cache`, by `kind/id`, by id, or by file name.
 *
 * @param candidates what there is to choose from
 * @param what the word for a candidate in messages
 * @throws {SyncError} `ARTIFACT_UNKNOWN`; `ARTIFACT_AMBIGUOUS`, naming the candidates
 */
export function pickArtifact<T extends { readonly path: string }>(
  candidates: readonly T[],
  asked: string,
  what = 'artifact',
): T {
  const path = pathBelowCache(asked);
  const found = candidates.filter((candidate) => candidate.path === path);
  const matches = found.length > 0 ? found : candidates.filter((candidate) => isNamed(candidate.path, asked));
  if (matches.length === 0) {
    throw new SyncError('ARTIFACT_UNKNOWN', `there is no ${what} '${asked}'`, {
      hint: what === 'conflict' ? "'agent sync conflicts' lists them." : "'agent list' shows what there is.",
    });
  }
  if (matches.length > 1) {
    const paths = matches.map((match) => `\n  ${match.path}`).join('');
    throw new SyncError('ARTIFACT_AMBIGUOUS', `'${asked}' could be any of these:${paths}`, {
      hint: haveKinds(matches)
        ? "Name the kind as well, such as 'story/INFRA-004', or give the path."
        : 'Give its path.',
    });
  }
  return matches[0]!;
}

/** Tells whether the kind is what tells the artifacts apart. */
function haveKinds(matches: readonly { readonly path: string }[]): boolean {
  return new Set(matches.map(({ path }) => parseArtifactPath(path)?.kind)).size === matches.length;
}

/** A path that may begin with `.agent/cache/`, as people type and tab-complete it, without that. */
export function pathBelowCache(asked: string): string {
  return asked.replace(/^(\.\/)?\.agent\/cache\//, '');
}

/** Tells whether a person who writes `asked` (`kind/id`, an id or a file's name) may mean the artifact at `path`. */
export function isNamed(path: string, asked: string): boolean {
  const artifact = parseArtifactPath(path);
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.md$/, '');
  const [kind, id] = asked.includes('/') ? asked.split('/', 2) : [undefined, asked];
  if (kind !== undefined && artifact?.kind !== singular(kind)) return false;
  return artifact?.id === id?.toUpperCase() || stem === id;
}

function singular(kind: string): string {
  return kind === 'stories' ? 'story' : kind.replace(/s$/, '');
}
