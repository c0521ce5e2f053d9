import { BlockReader } from './block-reader.js';
import { readLines } from './outline.js';

/** A list item with all that belongs to it: lines `start` up to, not including, `end`, counted from 0. */
export interface ListItem {
  readonly start: number;
  /** After its last line that is not blank. */
  readonly end: number;
  /** Whether it stands in no other item and no quote. */
  readonly top: boolean;
}

/** Lists the items of a document's lists, however deep, in the order in which they begin. */
export function readListItems(text: string): ListItem[] {
  const items = new Map<object, { start: number; end: number; top: boolean }>();
  const reader = new BlockReader(null);
  for (const line of readLines(text)) {
    reader.read(line.text, line.number, line.start);
    for (const [depth, container] of reader.containers.entries()) {
      if (container.indent === undefined) continue;
      const item = items.get(container) ?? { start: line.number - 1, end: 0, top: depth === 0 };
      if (line.text.trim() !== '') item.end = line.number;
      items.set(container, item);
    }
  }
  return [...items.values()];
}
