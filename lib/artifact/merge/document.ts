import type { LineRange } from '../../core/ports.js';
import { type ListItem, readListItems } from '../list-items.js';
import { readHeadings } from '../outline.js';
import { readBox } from './box.js';
import { frontmatterKeys } from './frontmatter-keys.js';
import { cutText } from './lines.js';
import { linkItems } from './link-items.js';

/** Lines of a document with a name to find them by in its other versions. */
export interface Named extends LineRange {
  readonly name: string;
}

/** A heading with all that stands below it; the root has no heading and holds the whole document. */
export interface Section extends Named {
  /** 1 to 6; 0 for the root. */
  readonly level: number;
  /** Where the first section within begins, or this one ends. */
  readonly ownEnd: number;
  /** What of its own lines is merged one by one, in order: keys of the frontmatter, links, items with a box. */
  readonly items: readonly Named[];
  /** Whether the items are a set of links, of which none takes the place of another. */
  readonly isSet: boolean;
  readonly sections: readonly Section[];
}

/** One version of an artifact, in lines that keep their ends. */
export interface Document {
  readonly lines: readonly string[];
  /** The lines on which a list item with a box begins, counted from 0. */
  readonly boxes: ReadonlySet<number>;
  readonly root: Section;
}

/** Reads what a merge can hold on to: sections, list items, keys of the frontmatter. */
export function readDocument(text: string): Document {
  const lines = cutText(text);
  const headings = readHeadings(text);
  const list = readListItems(text);
  const starts = [0, ...headings.map(({ line }) => line - 1)];
  const listOf = groupByStart(list, starts);

  const ownPart = (i: number, heading: string): Pick<Section, 'ownEnd' | 'items' | 'isSet'> => {
    const range = { start: starts[i]!, end: starts[i + 1] ?? lines.length };
    const links = linkItems(heading, lines, range);
    const keys = i === 0 ? frontmatterKeys(text) : [];
    return { ownEnd: range.end, items: links ?? [...keys, ...boxItems(lines, listOf[i]!)], isSet: links !== undefined };
  };
  const sectionsIn = (from: number, to: number): Section[] => {
    const found: Section[] = [];
    for (let i = from, next: number; i < to; i = next) {
      const { level, text: name } = headings[i]!;
      for (next = i + 1; next < to && headings[next]!.level > level; ) next++;
      const end = starts[next + 1] ?? lines.length;
      found.push({
        name,
        level,
        start: starts[i + 1]!,
        end,
        ...ownPart(i + 1, name),
        sections: sectionsIn(i + 1, next),
      });
    }
    return numberTwins(found);
  };
  return {
    lines,
    boxes: new Set(list.map(({ start }) => start).filter((line) => readBox(lines[line]!))),
    root: {
      name: '',
      level: 0,
      start: 0,
      end: lines.length,
      ...ownPart(0, ''),
      sections: sectionsIn(0, headings.length),
    },
  };
}

/** The list items from each start to the next. */
function groupByStart(items: readonly ListItem[], starts: readonly number[]): ListItem[][] {
  const groups: ListItem[][] = starts.map(() => []);
  let group = 0;
  for (const item of items) {
    while (group + 1 < starts.length && starts[group + 1]! <= item.start) group++;
    groups[group]!.push(item);
  }
  return groups;
}

/** Items that begin with a box. Those of a numbered list are told apart by their numbers as well, which no merge keeps. */
function boxItems(lines: readonly string[], list: readonly ListItem[]): Named[] {
  return list
    .filter(({ start, top }) => top && /^ {0,3}[-*+]/.test(lines[start]!))
    .flatMap(({ start, end }) => {
      const box = readBox(lines[start]!);
      return box ? [{ name: box.open.trim(), start, end }] : [];
    });
}

/** Sections of one name are known by their number as well, which tells something only while there are as many of them. */
function numberTwins(sections: readonly Section[]): Section[] {
  const total = new Map<string, number>();
  for (const { name } of sections) total.set(name, (total.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return sections.map((section) => {
    const { name } = section;
    if (total.get(name) === 1) return section;
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return { ...section, name: `${name}\n${number} of ${total.get(name)}` };
  });
}
