import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isArtifactPath, parseArtifactPath } from '../../../lib/artifact/path.js';
import type { ArtifactKind } from '../../../lib/core/ports.js';
import { random } from '../../fuzz.js';
import * as edits from './edits.js';
import { lostLines } from './lost-lines.js';
import { mergeWith, type Versions } from './merge-with.js';

/** What came of a scenario in all artifacts of a folder. */
export interface Tally {
  readonly scenario: string;
  readonly merges: number;
  /** Merges that conflict in the merge of lines, and with the driver. */
  readonly withoutDriver: number;
  readonly withDriver: number;
  /** The conflicts in them. */
  readonly conflictsWithout: number;
  readonly conflictsWith: number;
  /** Merges that conflict about the state. */
  readonly ofState: number;
  /** Clean merges with the driver that lost, doubled or swapped a line: each by path and line. */
  readonly losses: readonly string[];
  /** Merges with the driver that are not what is right, where that is known. */
  readonly wrong: readonly string[];
}

/** An artifact in its versions, with what it must merge to, where there is no doubt. */
type Triple = Versions & { readonly right?: string };

interface Artifact {
  readonly path: string;
  readonly kind: ArtifactKind;
  /** Without their ends, which are all the same. */
  readonly lines: readonly string[];
  readonly lineEnd: string;
}

type Scenario = (artifact: Artifact, chance: edits.Random) => Iterable<Triple>;

const OPEN = /^(?:\s*[-*+] )\[ \] /;

/** Each pair of boxes that are open and follow each other, in code as well: one person ticks the first, another the second. */
function* neighbours({ path, lines, lineEnd }: Artifact): Generator<Triple> {
  const open = [...lines.keys()].filter((i) => OPEN.test(lines[i]!));
  const tick = (...at: number[]) =>
    lines.map((line, i) => (at.includes(i) ? line.replace('[ ]', '[x]') : line)).join(lineEnd);
  for (const [i, second] of open.entries()) {
    const first = open[i - 1];
    if (first === undefined) continue;
    yield { path, base: tick(), ours: tick(first), theirs: tick(second), right: tick(first, second) };
  }
}

/** What two people do at the same time, each so many things; `of` is called anew for each. */
function twoPeople(count: number, of: (kind: ArtifactKind) => readonly [edits.Edit, edits.Edit]): Scenario {
  return function* ({ path, kind, lines, lineEnd }, chance) {
    const [one, other] = of(kind);
    const change = (edit: edits.Edit, who: string) => {
      let changed = lines;
      for (let i = 0; i < count; i++) changed = edit(changed, chance, who) ?? changed;
      return changed.join(lineEnd);
    };
    const versions = { path, base: lines.join(lineEnd), ours: change(one, 'anna'), theirs: change(other, 'bert') };
    if (new Set([versions.base, versions.ours, versions.theirs]).size === 3) yield versions;
  };
}

/** What people do to artifacts, by what it is called in the table. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'tick two boxes that follow each other': neighbours,
  'tick one box each, anywhere': twoPeople(1, () => [edits.tick, edits.tick]),
  'add an item to a checklist each': twoPeople(1, () => [edits.addBox, edits.addBox]),
  'reword an item each': twoPeople(1, () => [edits.rewordBox, edits.rewordBox]),
  'tick a box; reword an item': twoPeople(1, () => [edits.tick, edits.rewordBox]),
  'add a link each': twoPeople(1, () => [edits.addLink, edits.addLink]),
  'add a section each, anywhere': twoPeople(1, () => [edits.addSection, edits.addSection]),
  'add a section each, at the end': twoPeople(1, () => [edits.addLastSection, edits.addLastSection]),
  'take the state one step on; tick a box': twoPeople(1, (kind) => [edits.advance(kind), edits.tick]),
  'take the state one step on each': twoPeople(1, (kind) => [edits.advance(kind), edits.advance(kind)]),
  'do one thing each': twoPeople(1, (kind) => [edits.anyEdit(kind), edits.anyEdit(kind)]),
  'do three things each': twoPeople(3, (kind) => [edits.anyEdit(kind), edits.anyEdit(kind)]),
  'do ten things each': twoPeople(10, (kind) => [edits.anyEdit(kind), edits.anyEdit(kind)]),
};

/** Reads the artifacts below a folder, sorted by path. */
export function readArtifacts(folder: string): Artifact[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(isArtifactPath)
    .sort()
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8');
      const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
      return { path, kind: parseArtifactPath(path)!.kind, lines: text.split(lineEnd), lineEnd };
    });
}

/**
 * Plays a scenario in all artifacts.
 *
 * @param seeds how often, each time with other dice; a scenario without dice is played once
 * @param stride every which merge is made: 1 for all
 */
export function replay(scenario: string, artifacts: readonly Artifact[], seeds: number, stride: number): Tally {
  const tally = {
    scenario,
    merges: 0,
    withoutDriver: 0,
    withDriver: 0,
    conflictsWithout: 0,
    conflictsWith: 0,
    ofState: 0,
  };
  const losses: string[] = [];
  const wrong: string[] = [];
  let number = 0;
  for (let seed = 1; seed <= (SCENARIOS[scenario] === neighbours ? 1 : seeds); seed++) {
    for (const [i, artifact] of artifacts.entries()) {
      for (const triple of SCENARIOS[scenario]!(artifact, random(seed * 1000 + i))) {
        if (number++ % stride > 0) continue;
        const { text, driver, merged, conflicted } = mergeWith(triple);
        tally.merges++;
        if (text.conflicts > 0) tally.withoutDriver++;
        tally.conflictsWithout += text.conflicts;
        tally.conflictsWith += driver ? driver.hunks.length : text.conflicts;
        if (driver?.conflict?.kind === 'state') tally.ofState++;
        if (conflicted) {
          tally.withDriver++;
        } else {
          losses.push(...lostLines(triple, merged).map((problem) => `${artifact.path}: ${problem}`));
          if (merged !== (triple.right ?? merged)) wrong.push(artifact.path);
        }
      }
    }
  }
  return { ...tally, losses, wrong };
}

/** The tallies as a table of Markdown. */
export function formatTallies(tallies: readonly Tally[]): string {
  const rows = tallies.map((tally) =>
    [
      tally.scenario,
      tally.merges,
      `${tally.withoutDriver} (${tally.conflictsWithout})`,
      `${tally.withDriver} (${tally.conflictsWith})`,
      tally.ofState,
      tally.losses.length + tally.wrong.length,
    ].join(' | '),
  );
  return [
    '| two people each … | merges | conflicted without the driver (conflicts) | with it | about the state | silent losses |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}
