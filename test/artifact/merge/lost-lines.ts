import type { Sides } from '../../../lib/core/merge/combine.js';

/**
 * What is wrong with a merge without conflicts, judged by nothing but its lines: each must occur as often as base has it,
 * and as the sides added or removed it; once or twice where both did the same. Those that occur once everywhere must
 * stand in the order that each side has them in, but for those that both added. Blank lines and line ends do not count.
 */
export function lostLines({ base, ours, theirs }: Sides<string>, merged: string): string[] {
  const [b, o, t, m] = [base, ours, theirs, merged].map(count) as [Counts, Counts, Counts, Counts];
  const problems: string[] = [];
  for (const line of new Set([...b.keys(), ...o.keys(), ...t.keys(), ...m.keys()])) {
    const was = b.get(line) ?? 0;
    const byOurs = (o.get(line) ?? 0) - was;
    const byTheirs = (t.get(line) ?? 0) - was;
    const bothAdded = byOurs > 0 && byTheirs > 0;
    const bothRemoved = byOurs < 0 && byTheirs < 0;
    const least = Math.max(0, was + (bothAdded ? Math.max(byOurs, byTheirs) : byOurs + byTheirs));
    const most = was + (bothRemoved ? Math.min(byOurs, byTheirs) : byOurs + byTheirs);
    const is = m.get(line) ?? 0;
    if (is < least) problems.push(`lost: ${line}`);
    if (is > most) problems.push(`too often: ${line}`);
  }
  for (const [name, side] of [
    ['ours', o],
    ['theirs', t],
  ] as const) {
    const once = [...side].filter(
      ([line, times]) => times === 1 && m.get(line) === 1 && (b.has(line) || !o.has(line) || !t.has(line)),
    );
    const order = new Map([...m.keys()].map((line, i) => [line, i]));
    const out = once.find(([line], i) => i > 0 && order.get(once[i - 1]![0])! > order.get(line)!);
    if (out) problems.push(`out of ${name}' order: ${out[0]}`);
  }
  return problems;
}

/** How often each line occurs, in the order of their first occurrence. */
type Counts = ReadonlyMap<string, number>;

function count(text: string): Counts {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const content = line.trimEnd();
    if (content !== '') counts.set(content, (counts.get(content) ?? 0) + 1);
  }
  return counts;
}
