import type { Nodes, Root } from 'mdast';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { type ArtifactFacts, readFacts } from './facts.js';
import { findLinks, type Link } from './links.js';
import { isParsable } from './parsable.js';
import type { Problem } from './problem.js';

/** A heading and what stands below it, up to the next heading of its level or above. Lines are counted from 1. */
export interface Section {
  readonly heading: string;
  /** 1 to 6. */
  readonly level: number;
  readonly line: number;
  readonly lastLine: number;
}

/** One item of a checklist: `- [ ] text`. */
export interface ChecklistItem {
  readonly text: string;
  readonly checked: boolean;
  readonly line: number;
  /** The heading above it, if any. */
  readonly section: string | undefined;
}

/** Everything that is read from an artifact. */
export interface ParsedArtifact extends ArtifactFacts {
  readonly sections: readonly Section[];
  readonly checklist: readonly ChecklistItem[];
  readonly links: readonly Link[];
}

const parser = unified().use(remarkParse).use(remarkGfm).use(remarkFrontmatter, ['yaml']).freeze();

const TOO_DENSE: Problem = {
  line: 1,
  code: 'MARKUP_TOO_DENSE',
  message: 'is too large or too deeply nested for its sections, boxes and links to be listed',
};

/** Parses Markdown as GitHub does, with YAML frontmatter. */
export function parseMarkdown(text: string): Root {
  return parser.parse(text);
}

/**
 * Reads an artifact in full. It takes some milliseconds a document; `readFacts` takes microseconds.
 *
 * Of one that a parser would need minutes for, it tells what `readFacts` does, and warns.
 *
 * @param path below `.agent/cache`
 * @throws {SyncError} `PATH_OUTSIDE_CACHE` for a path that no artifact can have
 */
export function parseArtifact(path: string, text: string): ParsedArtifact {
  const facts = readFacts(path, text);
  if (!isParsable(text)) {
    return { ...facts, warnings: [...facts.warnings, TOO_DENSE], sections: [], checklist: [], links: [] };
  }
  const tree = parseMarkdown(text);
  const sections = findSections(tree, text);
  return {
    ...facts,
    sections,
    checklist: [...findItems(tree, text)].map((item) => ({
      ...item,
      section: sectionAt(sections, item.line)?.heading,
    })),
    links: findLinks(tree, facts.id, (line) => sectionAt(sections, line)?.heading),
  };
}

function findSections(tree: Root, text: string): Section[] {
  const headings = tree.children.filter((node) => node.type === 'heading');
  const end = tree.position!.end;
  const lastLine = end.column === 1 && end.line > 1 ? end.line - 1 : end.line;
  /** By level, where the next heading stands that is of this level or above. */
  const nextLine = new Map<number, number>();
  const sections = headings.toReversed().map((heading): Section => {
    const line = heading.position!.start.line;
    const next = nextLine.get(heading.depth);
    for (let level = heading.depth; level <= 6; level++) nextLine.set(level, line);
    return {
      heading: sourceOf(heading.children, text),
      level: heading.depth,
      line,
      lastLine: next === undefined ? lastLine : next - 1,
    };
  });
  return sections.reverse();
}

function sectionAt(sections: readonly Section[], line: number): Section | undefined {
  let low = 0;
  let high = sections.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sections[middle]!.line <= line) low = middle + 1;
    else high = middle;
  }
  return sections[low - 1];
}

function* findItems(node: Nodes, text: string): Generator<Omit<ChecklistItem, 'section'>> {
  if (node.type === 'listItem' && typeof node.checked === 'boolean') {
    const first = node.children[0];
    const content = first?.type === 'paragraph' ? sourceOf(first.children, text) : '';
    yield { text: content, checked: node.checked, line: node.position!.start.line };
  }
  if ('children' in node) for (const child of node.children) yield* findItems(child, text);
}

/** The source between the first and the last of some nodes. */
function sourceOf(nodes: readonly Nodes[], text: string): string {
  return nodes.length === 0 ? '' : text.slice(nodes[0]!.position!.start.offset, nodes.at(-1)!.position!.end.offset);
}
