import { artifactDriver } from '../../../lib/artifact/merge/artifact-driver.js';
import { type StateMachine, TRANSITIONS } from '../../../lib/artifact/states.js';
import type { Sides } from '../../../lib/core/merge/combine.js';
import type { ConflictStyle, Favor } from '../../../lib/core/merge/conflict-markers.js';
import type { DriverResult } from '../../../lib/core/merge/merge-driver.js';
import { type MergedText, mergeText } from '../../../lib/core/merge/merge-text.js';
import { decodeUtf8, encodeUtf8 } from '../../../lib/core/object/text.js';
import type { ArtifactKind } from '../../../lib/core/ports.js';

/** A file in its three versions. */
export interface Versions extends Sides<string> {
  readonly path: string;
}

export interface Settings {
  readonly style?: ConflictStyle;
  readonly favor?: Favor;
  readonly machines?: Partial<Record<ArtifactKind, StateMachine>>;
}

/** What the merge of lines makes of a file, what the driver does, and what therefore comes out. */
export interface BothMerges {
  readonly text: MergedText;
  readonly driver: DriverResult | undefined;
  readonly merged: string;
  readonly conflicted: boolean;
}

const LABELS = { base: 'base', ours: 'HEAD', theirs: 'origin/main' };

/** Merges a file as a merge of trees does with the driver switched on. */
export function mergeWith({ path, ...texts }: Versions, settings: Settings = {}): BothMerges {
  const { style = 'merge', favor, machines = TRANSITIONS } = settings;
  const options = { labels: LABELS, style, ...(favor && { favor }) };
  const [base, ours, theirs] = [texts.base, texts.ours, texts.theirs].map(encodeUtf8) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const text = mergeText(base, ours, theirs, options);
  const driver = artifactDriver(machines)({
    path,
    base,
    ours,
    theirs,
    labels: LABELS,
    text,
    mergeLines: (b, o, t) => mergeText(b, o, t, options),
  });
  return {
    text,
    driver,
    merged: decodeUtf8((driver ?? text).bytes),
    conflicted: driver ? driver.conflict !== undefined : text.conflicts > 0,
  };
}
