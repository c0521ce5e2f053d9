import type { MergeMessage } from '../../../lib/core/merge/merge-message.js';
import type { MergedTrees } from '../../../lib/core/merge/merge-trees.js';
import { applyTreeEdits } from '../../../lib/core/object/edit-tree.js';
import type { MemoryObjects } from '../memory-objects.js';

/** What `git merge-tree -z --messages` answers. */
export interface MergeAnswer {
  readonly clean: boolean;
  readonly tree: string;
  readonly stages: readonly string[];
  readonly messages: readonly Pick<MergeMessage, 'paths' | 'type' | 'text'>[];
}

/** Our merge in git's words; its blobs and trees are written to `objects`. */
export function ownAnswer(objects: MemoryObjects, ours: string | null, merge: MergedTrees): MergeAnswer {
  for (const blob of merge.blobs) objects.write(blob);
  const { tree, objects: made } = applyTreeEdits(objects, ours, merge.edits);
  for (const object of made) objects.write(object);
  return {
    clean: merge.clean,
    tree,
    stages: merge.stages.map(({ path, stage, version }) => `${version.mode} ${version.oid} ${stage}\t${path}`),
    messages: merge.messages.map(({ paths, type, text }) => ({ paths, type, text })),
  };
}

/**
 * Reads git's answer: tree, stage entries, an empty field, and messages as `<count>`, paths, type and text.
 *
 * @returns the answer, and the fields after it: with `--stdin` the next one
 */
export function readAnswer(
  clean: boolean,
  fields: readonly string[],
): { answer: MergeAnswer; rest: readonly string[] } {
  const [tree, ...after] = fields;
  const end = after.indexOf('');
  const messages: MergeAnswer['messages'][number][] = [];
  let at = end + 1;
  while (/^\d+$/.test(after[at] ?? '')) {
    const [first, type] = [at + 1, at + 1 + Number(after[at])];
    messages.push({ paths: after.slice(first, type), type: after[type]!, text: after[type + 1]!.trimEnd() });
    at = type + 2;
  }
  return { answer: { clean, tree: tree!, stages: after.slice(0, end), messages }, rest: after.slice(at) };
}
