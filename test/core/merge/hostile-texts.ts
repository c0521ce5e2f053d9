import { random } from '../../fuzz.js';
import type { Triple } from './random-texts.js';

/** A line by its position in base (side 0), ours (1) or theirs (2). */
type Line = (at: number, side: number) => string;
type Numbers = (limit: number) => number;

/**
 * Files on which comparing lines can take long, each of about so many lines: many alike, none alike, or such that fall
 * apart one line at a time.
 */
export const HOSTILE: Readonly<Record<string, (lines: number) => Triple>> = {
  'three symbols, some edits': (n) => edited(n, 30, symbols(3)),
  'three symbols, many edits': (n) => edited(n, n / 20, symbols(3)),
  'three symbols, each side on its own': (n) => unrelated(n, symbols(3)),
  'all lines equal': (n) => {
    const { base, theirs } = written(n, (at, side) => (side === 2 && at === n >> 1 ? 'y' : 'x'));
    return { base, ours: base.slice(n / 10), theirs };
  },
  'two lines in turn': (n) => {
    const { base, theirs } = written(n, (at, side) => (side === 2 && at === n >> 1 ? 'y' : 'ab'[at % 2]!));
    return { base, ours: base.slice(2), theirs };
  },
  'distinct lines, some edits': (n) => edited(n, 20, distinct()),
  'distinct lines, many edits': (n) => edited(n, n / 10, distinct()),
  'no line in common': (n) => written(n, (at, side) => `${side} ${at}`),
  'every other line new on both sides': (n) => written(n, (at, side) => (at % 2 ? `${at}` : `${side} ${at}`)),
  'every fourth line new on each side': (n) => written(n, aside(4)),
  'every fourth line new on each side, blank lines between': (n) =>
    written(n, (at, side) => (at % 2 ? '' : aside(8)(at, side))),
  'all twice, then every other line of the first half new': (n) => written(n, doubled(n >> 1, 0)),
  'all twice, then every other line of the second half new': (n) => written(n, doubled(n >> 1, 1)),
  'every line some forty times, edits': (n) => edited(n, n / 50, symbols(n / 40)),
  'every line some forty times, each side on its own': (n) => unrelated(n, symbols(n / 40)),
  'every line 64 times, shuffled': (n) => shuffled(n, (line) => line % Math.ceil(n / 64)),
  'all lines shuffled': (n) => shuffled(n, (line) => line),
  'lines in reverse order': (n) => {
    const { base, ours } = written(n, (at, side) => `${side === 0 ? at : n - at}`);
    return { base, ours, theirs: written(n, (at) => (at % 2 ? `${n - at}` : `t ${at}`)).base };
  },
  'sixty blocks with heads of their own': (n) => written(n, blocks(Math.ceil(n / 60))),
  'blocks of ten lines with heads of their own': (n) => written(n, blocks(10)),
  'neighbours swapped': (n) => written(n, (at, side) => `${side === 0 ? at : at ^ side}`),
};

function written(lines: number, line: Line): Triple {
  const [base, ours, theirs] = [0, 1, 2].map((side) => bytes(Array.from({ length: lines }, (_, at) => line(at, side))));
  return { base: base!, ours: ours!, theirs: theirs! };
}

function bytes(lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

/** Three times random lines. */
function unrelated(lines: number, make: (next: Numbers) => string): Triple {
  const next = random(1);
  return written(lines, () => make(next));
}

/** Both sides replace up to three lines by up to three others, so many times. */
function edited(lines: number, edits: number, make: (next: Numbers) => string): Triple {
  const next = random(2);
  const base = Array.from({ length: lines }, () => make(next));
  const edit = () => {
    const places = Int32Array.from({ length: edits }, () => next(lines)).sort();
    const after: string[] = [];
    let copied = 0;
    for (const at of places) {
      for (; copied < at; copied++) after.push(base[copied]!);
      copied += next(4);
      for (let added = next(4); added > 0; added--) after.push(make(next));
    }
    for (; copied < lines; copied++) after.push(base[copied]!);
    return bytes(after);
  };
  return { base: bytes(base), ours: edit(), theirs: edit() };
}

function symbols(count: number): (next: Numbers) => string {
  return (next) => `line ${next(Math.ceil(count))}`;
}

function distinct(): () => string {
  let made = 0;
  return () => `line ${made++}`;
}

/** One line of so many is new, ours' and theirs' halfway between each other's. */
function aside(step: number): Line {
  return (at, side) => ((at + (side * step) / 2) % step || side === 0 ? `${at}` : `${side} ${at}`);
}

/** The same lines twice in base; in the others one half has every other line new, and one all. */
function doubled(half: number, kept: 0 | 1): Line {
  return (at, side) => {
    const isKept = at < half === (kept === 0);
    return side === 0 || (isKept && at % 2) ? `${at % half}` : `${side} ${at}`;
  };
}

function blocks(size: number): Line {
  return (at, side) => (at % size ? `${at % size}` : `${side} ${at}`);
}

/** The same lines on each side, in orders of their own. */
function shuffled(lines: number, line: (number: number) => number): Triple {
  const next = random(3);
  const order = Array.from({ length: lines }, (_, at) => at);
  return written(lines, (at) => {
    if (at === 0) {
      for (let i = lines - 1; i > 0; i--) {
        const other = next(i + 1);
        [order[i], order[other]] = [order[other]!, order[i]!];
      }
    }
    return `line ${line(order[at]!)}`;
  });
}
