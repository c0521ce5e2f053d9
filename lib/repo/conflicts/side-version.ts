import { hasNestedMarkers, mayNestMarkers } from '../../core/merge/nested-markers.js';
import { findPath } from '../../core/object/find-path.js';
import { readBlob } from '../../core/object/read.js';
import { decodeUtf8 } from '../../core/object/text.js';
import type { Conflict, FileVersion, MergeState, Store } from '../../core/ports.js';
import { treeOf } from '../history/head.js';

/**
 * One version of a path in conflict, as whoever takes it wants it; null where there is none.
 *
 * Where the contents of a renamed file are in conflict as well as its name, the merge's version is a text with markers: then it
 * is what the side itself has at the path.
 */
export function sideVersion(
  store: Store,
  state: MergeState,
  conflict: Conflict,
  side: 'ours' | 'theirs' | 'base',
): FileVersion | null {
  const version = conflict[side];
  if (!version || side === 'base' || !mayNestMarkers(conflict)) return version;
  if (!hasNestedMarkers(decodeUtf8(readBlob(store.objects, version.oid)))) return version;
  return { ...version, oid: ownOid(store, state, conflict, side) ?? version.oid };
}

function ownOid(store: Store, state: MergeState, { path }: Conflict, side: 'ours' | 'theirs') {
  const tree = treeOf(store, state[side]);
  if (tree) return findPath(store.objects, tree, path)?.oid;
  return side === 'theirs' ? state.before.find((before) => before.path === path)?.oid : undefined;
}
