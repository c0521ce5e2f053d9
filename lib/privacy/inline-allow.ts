import type { DetectorName } from '../core/privacy-settings.js';

/** What comments in a text allow, by line from 1. */
export interface InlineAllow {
  isAllowed(detector: DetectorName, line: number): boolean;
}

const COMMENT = /<!-- *agent-sync: *(allow|allow-file) +([a-z, -]{1,200}?) *-->/g;
const NOTHING: InlineAllow = { isAllowed: () => false };

/**
 * Reads `<!-- agent-sync: allow email phone -->`, which stands for its own line and the next one, and `allow-file`, which stands for
 * the whole text.
 *
 * @param lineOf tells the line of an offset
 */
export function readInlineAllow(text: string, lineOf: (offset: number) => number): InlineAllow {
  if (!text.includes('agent-sync:')) return NOTHING;
  const file = new Set<string>();
  const lines = new Set<string>();
  for (const { 1: verb, 2: names = '', index } of text.matchAll(COMMENT)) {
    for (const name of names.split(/[, ]+/)) {
      if (verb === 'allow-file') file.add(name);
      else lines.add(`${name} ${lineOf(index)}`).add(`${name} ${lineOf(index) + 1}`);
    }
  }
  return { isAllowed: (detector, line) => file.has(detector) || lines.has(`${detector} ${line}`) };
}
