import { type ArtifactFacts, readFacts } from '../../artifact/facts.js';
import { decodeUtf8, decodeUtf8Strict } from '../../core/object/text.js';

/** The facts of an artifact's bytes. */
export interface DocumentFacts extends ArtifactFacts {
  /** False where the bytes are not UTF-8, and the facts those of what is left of them. */
  readonly isUtf8: boolean;
}

/** An import asks twice about the same bytes: for what to warn of, and for the index. */
const read = new WeakMap<Uint8Array, { readonly path: string; readonly facts: DocumentFacts }>();

/**
 * Reads an artifact's facts from its bytes, which must not change afterwards.
 *
 * @throws {SyncError} `PATH_OUTSIDE_CACHE` for a path that no artifact can have
 */
export function documentFacts(path: string, bytes: Uint8Array): DocumentFacts {
  const known = read.get(bytes);
  if (known?.path === path) return known.facts;
  const text = decodeUtf8Strict(bytes);
  const facts = { ...readFacts(path, text ?? decodeUtf8(bytes)), isUtf8: text !== undefined };
  read.set(bytes, { path, facts });
  return facts;
}
