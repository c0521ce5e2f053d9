import { replaceHandles } from '../../artifact/draft-handle.js';
import type { TreeEdit } from '../../core/object/edit-tree.js';
import { listFiles } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import { decodeUtf8Strict, encodeUtf8 } from '../../core/object/text.js';
import type { Store } from '../../core/ports.js';

/** A file that names a handle, as it is to be. */
export interface RewrittenFile {
  readonly from: string;
  readonly to: string;
  readonly idOf: (handle: string) => string | undefined;
  readonly edits: readonly TreeEdit[];
}

/** Puts ids in the place of handles, in all paths and texts of a tree, and stores the blobs. */
export function* rewriteHandles(
  store: Store,
  tree: Oid,
  idOf: (handle: string) => string | undefined,
): Generator<RewrittenFile> {
  for (const { path: from, mode, oid } of listFiles(store.objects, tree)) {
    const to = replaceHandles(from, idOf);
    const text = decodeUtf8Strict(readBlob(store.objects, oid));
    const after = text === undefined ? text : replaceHandles(text, idOf);
    if (to === from && after === text) continue;
    const isSame = after === undefined || after === text;
    const version = { mode, oid: isSame ? oid : store.objects.write({ type: 'blob', body: encodeUtf8(after) }) };
    const removed: TreeEdit[] = to === from ? [] : [{ path: from, version: null }];
    yield { from, to, idOf, edits: [...removed, { path: to, version }] };
  }
}
