import type { ConflictHunk, ConflictKind } from '../ports.js';
import type { Sides } from './combine.js';
import type { MergedText } from './merge-text.js';

/** A file whose contents differ between the sides, and from base on both. */
export interface ContentMerge {
  readonly path: string;
  /** Empty when both sides added the file. */
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  /** What the sides are called in messages. */
  readonly labels: Sides<string>;
  /** What the merge of lines makes of it, binary files excepted, which no driver gets to see. */
  readonly text: MergedText;
  /** Merges the lines of parts of the files, with this merge's labels, style and favour. */
  readonly mergeLines: (base: Uint8Array, ours: Uint8Array, theirs: Uint8Array) => MergedText;
}

/** What a driver makes of a file. */
export interface DriverResult {
  readonly bytes: Uint8Array;
  /** Where its conflicts stand, in lines of the whole files. */
  readonly hunks: readonly ConflictHunk[];
  /** Undefined when the file merged. */
  readonly conflict?: { readonly kind: ConflictKind; readonly message: string };
}

/**
 * Merges files by what they mean; pure, as all of core.
 *
 * @returns undefined to leave the file to the merge of lines
 * @see gitattributes(5), "Defining a custom merge driver"
 */
export type MergeDriver = (merge: ContentMerge) => DriverResult | undefined;
