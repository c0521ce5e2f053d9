import type { DetectorName, PrivacyAction, PrivacySettings } from '../core/privacy-settings.js';
import { cardDetector } from './card.js';
import type { Detector, Libraries, Match } from './detector.js';
import { emailDetector } from './email.js';
import { homeDetector } from './home.js';
import { ibanDetector } from './iban.js';
import { readInlineAllow } from './inline-allow.js';
import { ipDetector } from './ip.js';
import { LineIndex } from './line-index.js';
import { nationalIdDetector } from './national-id.js';
import { phoneDetector } from './phone.js';
import { secretDetector } from './secret.js';

/** Grows whenever a text may come to something else than before under the same settings. */
export const SCRUB_VERSION = 2;

/** A value in a text that says who somebody is, or lets somebody in. It is told by its place: the value itself is nowhere in here. */
export interface Finding {
  readonly detector: DetectorName;
  readonly action: Exclude<PrivacyAction, 'off'>;
  /** Offset in the text as it was given, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** What it is and how that is known. */
  readonly reason: string;
  /** What stands in its place; undefined where it stays. */
  readonly replacement?: string;
}

/** A text as it may be stored, and what was found in it. */
export interface Scrubbed {
  /** The given text itself where nothing was replaced. */
  readonly text: string;
  /** In order. */
  readonly findings: readonly Finding[];
}

/** In the order in which they win where two find the same. */
const DETECTORS: readonly Detector[] = [
  secretDetector,
  emailDetector,
  ibanDetector,
  cardDetector,
  nationalIdDetector,
  phoneDetector,
  ipDetector,
  homeDetector,
];

/**
 * Replaces what `settings` want redacted in a text, and tells all that was found.
 *
 * The same text and settings always come to the same; what it answers, it would leave as it is. A value that is blocked is
 * replaced as well, so that nobody stores it by mistake: whoever is asked to store it looks for findings with `block`.
 *
 * @param path where the text is, below `.agent/cache`: a place may be allowed to hold what others are not
 */
export function scrub(text: string, path: string, settings: PrivacySettings, libraries: Libraries): Scrubbed {
  if (settings.allow.paths.some((place) => path === place || (place.endsWith('/') && path.startsWith(place)))) {
    return { text, findings: [] };
  }
  const findings: Finding[] = [];
  const rounds: Replaced[][] = [];
  let scrubbed = text;
  for (;;) {
    // What was replaced may have stood between a value and the word for it: look again until nothing is left.
    const found = look(scrubbed, settings, libraries);
    const replaced = found.flatMap(({ start, end, replacement }) =>
      replacement === undefined ? [] : [{ start, end, replacement }],
    );
    const place = inGiven(text, rounds);
    for (const finding of found) if (rounds.length === 0 || finding.action !== 'warn') findings.push(place(finding));
    if (replaced.length === 0) break;
    scrubbed = replaceIn(scrubbed, replaced);
    rounds.push(replaced);
  }
  return { text: scrubbed, findings: findings.sort((a, b) => a.start - b.start) };
}

interface Replaced {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

function look(text: string, settings: PrivacySettings, libraries: Libraries): Finding[] {
  const places = new LineIndex(text);
  const allowed = new Set(settings.allow.values.map((value) => value.toLowerCase()));
  const candidates = DETECTORS.flatMap((detector, rank) => {
    const action = settings.detectors[detector.name];
    if (action === 'off') return [];
    return detector.find(text, settings, libraries).map((match) => ({ match, detector, action, rank }));
  });
  if (candidates.length === 0) return [];
  const inline = readInlineAllow(text, (offset) => places.line(offset));
  const wanted = candidates.filter(
    ({ match: { start, end }, detector }) =>
      !allowed.has(text.slice(start, end).toLowerCase()) && !inline.isAllowed(detector.name, places.line(start)),
  );
  return withoutOverlaps(wanted).map(({ match, detector: { name, replacement }, action }) => ({
    detector: name,
    action,
    ...match,
    line: places.line(match.start),
    column: places.column(match.start),
    ...(action === 'warn' ? {} : { replacement }),
  }));
}

interface Candidate {
  readonly match: Match;
  readonly detector: Detector;
  readonly action: Exclude<PrivacyAction, 'off'>;
  readonly rank: number;
}

/** Of what overlaps, what is to be replaced comes before what is only told; then the longer, the earlier, and the order of detectors. */
function withoutOverlaps(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates.toSorted((a, b) => a.match.start - b.match.start || a.rank - b.rank)) {
    const last = kept.at(-1);
    if (!last || last.match.end <= candidate.match.start) kept.push(candidate);
    else if (isBetter(candidate, last)) kept[kept.length - 1] = candidate;
  }
  return kept;
}

function isBetter(a: Candidate, b: Candidate): boolean {
  const weight = ({ action }: Candidate) => (action === 'warn' ? 1 : 0);
  const length = ({ match }: Candidate) => match.end - match.start;
  return weight(a) < weight(b) || (weight(a) === weight(b) && length(a) > length(b));
}

function replaceIn(text: string, replaced: readonly Replaced[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, replacement } of replaced) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}

/** Where something found in a later round was in the text as it was given. */
function inGiven(text: string, rounds: readonly (readonly Replaced[])[]): (finding: Finding) => Finding {
  if (rounds.length === 0) return (finding) => finding;
  const places = new LineIndex(text);
  const back = (offset: number) => rounds.toReversed().reduce(before, offset);
  return (finding) => {
    const start = back(finding.start);
    return { ...finding, start, end: back(finding.end), line: places.line(start), column: places.column(start) };
  };
}

/** The offset before a round that is `offset` after it; within a replacement, the start of what was replaced. */
function before(offset: number, round: readonly Replaced[]): number {
  let moved = 0;
  for (const { start, end, replacement } of round) {
    const now = start + moved;
    if (offset <= now) break;
    if (offset < now + replacement.length) return start;
    moved += replacement.length - (end - start);
  }
  return offset - moved;
}
