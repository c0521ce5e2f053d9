import type { Sides } from '../../core/merge/combine.js';
import type { ArtifactKind } from '../../core/ports.js';
import type { StateMachine } from '../states.js';

/** What three states come to. */
export interface StateDecision {
  /** Undefined when it is a conflict. */
  readonly state: string | undefined;
  /** What the sides did, or did wrong, for a message. */
  readonly story: string;
}

/** Whose states are merged. */
export interface StateOwner {
  readonly kind: ArtifactKind;
  /** As messages name the artifact. */
  readonly name: string;
  readonly machine: StateMachine;
  /** What the sides are called in messages. */
  readonly labels: Sides<string>;
}

/**
 * Decides what three states come to: the one that a side went to while the other stayed, if the machine knows a way
 * there; a conflict when it does not, or when both went different ways, be it along one line.
 *
 * @returns undefined when one of the states is none of the machine's
 */
export function decideState(owner: StateOwner, { base, ours, theirs }: Sides<string>): StateDecision | undefined {
  const { kind, name, machine, labels } = owner;
  const known = new Set([...Object.keys(machine), ...Object.values(machine).flat()]);
  if (![base, ours, theirs].every((state) => known.has(state))) return undefined;
  if (ours === base && theirs === base) return { state: base, story: `${name} stayed ${base}` };
  const went = `${name} went from ${base} to`;
  if (ours === theirs) return { state: ours, story: `${went} ${ours} in ${labels.ours} and in ${labels.theirs}` };
  if (ours !== base && theirs !== base) {
    return { state: undefined, story: `${went} ${ours} in ${labels.ours} and to ${theirs} in ${labels.theirs}` };
  }
  const [state, label] = ours === base ? [theirs, labels.theirs] : [ours, labels.ours];
  const story = `${went} ${state} in ${label}`;
  return leadsTo(machine, base, state)
    ? { state, story }
    : { state: undefined, story: `${story}, which a ${kind} cannot` };
}

function leadsTo(machine: StateMachine, from: string, to: string): boolean {
  const ways = new Map(Object.entries(machine));
  const reached = new Set([from]);
  for (const state of reached) for (const next of ways.get(state) ?? []) reached.add(next);
  return reached.has(to);
}
