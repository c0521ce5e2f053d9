import type { Sides } from '../../core/merge/combine.js';
import type { ContentMerge, DriverResult, MergeDriver } from '../../core/merge/merge-driver.js';
import { decodeUtf8, decodeUtf8Strict, encodeUtf8 } from '../../core/object/text.js';
import type { ArtifactKind } from '../../core/ports.js';
import { type ArtifactName, parseArtifactPath } from '../path.js';
import type { StateMachine } from '../states.js';
import { decideState, type StateDecision } from './decide-state.js';
import { isSound } from './is-sound.js';
import { sameLineCounts } from './kept-lines.js';
import { cutText } from './lines.js';
import { mergeStructure } from './merge-structure.js';
import { eachSide, type LineMerge, type MergedPart } from './part.js';
import { findMergedState, findState, markState, type StateLine, writeState } from './state-line.js';

/** What becomes of the state, where all three versions say theirs in words that the machine knows. */
type StateMerge = StateDecision & { readonly lines: Sides<StateLine> };

/** A file to merge, decoded. */
interface ArtifactMerge {
  readonly path: string;
  readonly texts: Sides<string>;
  readonly state: StateMerge | undefined;
  readonly mergeLines: LineMerge;
  /** What the merge of lines made of it. */
  readonly text: MergedPart;
}

/**
 * A driver that merges artifacts by what they are made of: frontmatter by keys, text by sections, boxes and links by
 * items, the state by its machine. Whatever it is not sure of it leaves to the merge of lines.
 *
 * @param machines those of the kinds that are merged so; files of other kinds are left alone
 */
export function artifactDriver(machines: Readonly<Partial<Record<ArtifactKind, StateMachine>>>): MergeDriver {
  return (merge) => {
    const name = parseArtifactPath(merge.path);
    const machine = name && machines[name.kind];
    const texts = readTexts(merge);
    if (!machine || !texts) return undefined;
    const task: ArtifactMerge = {
      path: merge.path,
      texts,
      state: mergeState(merge, name, machine, texts),
      mergeLines: lineMerge(merge),
      text: { lines: cutText(decodeUtf8(merge.text.bytes)), hunks: merge.text.hunks },
    };
    return mergeByParts(task) ?? checkTextMerge(task);
  };
}

/** The files as text; undefined when one is not, or when there is no base to tell what changed. */
function readTexts(merge: ContentMerge): Sides<string> | undefined {
  const { base, ours, theirs } = eachSide((side) => decodeUtf8Strict(merge[side]));
  return base && ours && theirs ? { base, ours, theirs } : undefined;
}

function mergeState(
  { path, labels }: ContentMerge,
  { kind, id }: ArtifactName,
  machine: StateMachine,
  texts: Sides<string>,
): StateMerge | undefined {
  const { base, ours, theirs } = eachSide((side) => findState(texts[side]));
  if (!base || !ours || !theirs) return undefined;
  const states = { base: base.state, ours: ours.state, theirs: theirs.state };
  const decision = decideState({ kind, name: id || path, machine, labels }, states);
  return decision && { lines: { base, ours, theirs }, ...decision };
}

function lineMerge({ mergeLines }: ContentMerge): LineMerge {
  return (parts) => {
    const bytes = eachSide((side) => encodeUtf8(parts[side].join('')));
    const merged = mergeLines(bytes.base, bytes.ours, bytes.theirs);
    return { lines: cutText(decodeUtf8(merged.bytes)), hunks: merged.hunks };
  };
}

/** Merges by parts, with ours' additions before theirs', or the other way round where only that gives a merge. */
function mergeByParts(task: ArtifactMerge): DriverResult | undefined {
  const { state, text } = task;
  const contested = state !== undefined && state.state === undefined;
  let merged = mergeInOrder(task);
  if (merged?.hunks.length !== 0 && !contested) {
    const other = mergeInOrder(swapSides(task));
    if (other?.hunks.length === 0) merged = other;
  }
  if (!merged || (contested ? merged.hunks.length > Math.max(1, text.hunks.length) : !isBetter(merged, text)))
    return undefined;
  return answer(task, merged, contested ? state.story : undefined);
}

/** Tells whether a merge is better than git's, which everyone gets without the driver. */
function isBetter(merged: MergedPart, text: MergedPart): boolean {
  const conflicted = ({ hunks }: MergedPart) =>
    hunks.reduce((lines, { result }) => lines + result.end - result.start, 0);
  if (text.hunks.length === 0) return merged.hunks.length === 0 && !sameLineCounts(merged.lines, text.lines);
  return merged.hunks.length <= text.hunks.length && conflicted(merged) < conflicted(text);
}

function swapSides(task: ArtifactMerge): ArtifactMerge {
  const { texts, state } = task;
  const swap = <T>({ base, ours, theirs }: Sides<T>): Sides<T> => ({ base, ours: theirs, theirs: ours });
  return { ...task, texts: swap(texts), state: state && { ...state, lines: swap(state.lines) } };
}

/** Merges everything but the state, then puts the state in; undefined when what comes of it is not sound. */
function mergeInOrder(task: ArtifactMerge): MergedPart | undefined {
  const { path, texts, state, mergeLines } = task;
  const withoutState = eachSide((side) => {
    const lines = cutText(texts[side]);
    return state ? writeState(lines, state.lines[side], state.lines.base.state) : lines;
  });
  const parts = mergeStructure(
    eachSide((side) => withoutState[side].join('')),
    mergeLines,
  );
  const merged = parts && (state ? putState(task, state, parts, withoutState.ours) : parts);
  return merged && isSound(path, texts, merged) ? merged : undefined;
}

function putState(
  { texts, mergeLines }: ArtifactMerge,
  { state, lines: states }: StateMerge,
  merged: MergedPart,
  ours: readonly string[],
): MergedPart | undefined {
  const at = findMergedState(merged, ours);
  if (!at) return undefined;
  if (state === undefined) return markState(merged, at, texts, states, mergeLines);
  return { lines: writeState(merged.lines, at, state), hunks: merged.hunks };
}

/** The merge of lines stands, unless it made of the state what may not be. */
function checkTextMerge(task: ArtifactMerge): DriverResult | undefined {
  const { texts, state, text, mergeLines } = task;
  if (!state) return undefined;
  const at = findMergedState(text, cutText(texts.ours));
  if (state.state !== undefined && (at ? at.state === state.state : text.hunks.length > 0)) return undefined;
  const marked = at && markState(text, at, texts, state.lines, mergeLines);
  if (marked && marked.hunks.length === text.hunks.length) return undefined;
  const outcome = state.state === undefined ? '' : `, but its text merged to ${at ? at.state : 'no state'}`;
  return answer(task, marked ?? text, state.story + outcome);
}

/** @param story what is wrong with the state, if anything */
function answer({ path }: ArtifactMerge, { lines, hunks }: MergedPart, story: string | undefined): DriverResult {
  const bytes = encodeUtf8(lines.join(''));
  if (story !== undefined) return { bytes, hunks, conflict: { kind: 'state', message: `CONFLICT (state): ${story}` } };
  if (hunks.length === 0) return { bytes, hunks };
  return { bytes, hunks, conflict: { kind: 'content', message: `CONFLICT (content): Merge conflict in ${path}` } };
}
