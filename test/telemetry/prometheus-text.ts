/** A strict reader of the text format of Prometheus, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all of its lines. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\\\"\\n]|\\\\[\\\\"n])*)"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{((?:${LABEL},)*(?:${LABEL})?)\\})? (\\S+)$`);

/**
 * Reads families by name.
 *
 * @throws {Error} for what a scraper would refuse, and for what it would take and misread
 */
export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family & { readonly samples: Sample[] }>();
  const seen = new Set<string>();
  let current: { name: string; help: string; type?: string } | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const help = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\]|\\\\[\\\\n])+)$`).exec(line);
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line);
    if (help) {
      if (families.has(help[1]!)) throw new Error(`${help[1]} is told in two places`);
      current = { name: help[1]!, help: help[2]! };
    } else if (type) {
      if (current?.name !== type[1] || current?.type) throw new Error(`a type without its help: ${line}`);
      families.set(type[1]!, { type: type[2]!, help: current!.help, samples: [] });
      current!.type = type[2]!;
    } else {
      const sample = readSample(line);
      const key = JSON.stringify([sample.name, sample.labels]);
      if (seen.has(key)) throw new Error(`twice the same: ${line}`);
      seen.add(key);
      const suffix = current?.type === 'histogram' ? '(_bucket|_sum|_count)' : '';
      if (!current?.type || !new RegExp(`^${current.name}${suffix}$`).test(sample.name))
        throw new Error(`a sample out of its family: ${line}`);
      families.get(current.name)!.samples.push(sample);
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function readSample(line: string): Sample {
  const match = SAMPLE.exec(line);
  if (!match) throw new Error(`no sample: ${line}`);
  const value = Number(match.at(-1));
  if (!Number.isFinite(value)) throw new Error(`no number: ${line}`);
  const pairs = [...(match[2] ?? '').matchAll(new RegExp(LABEL, 'g'))].map(([, label, text]) => [
    label!,
    text!.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter)),
  ]);
  return { name: match[1]!, labels: Object.fromEntries(pairs), value };
}

function checkFamily(name: string, { type, samples }: Family): void {
  if (samples.length === 0) throw new Error(`${name} has no sample`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is no name of a ${type}`);
  if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} sinks`);
  if (type === 'histogram') checkHistogram(name, samples);
}

/** Cumulative, in ascending order, with `+Inf` last and equal to the count. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const series = new Map<string, { bounds: number[]; counts: number[]; sum?: number; count?: number }>();
  for (const { name: line, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(rest);
    const one = series.get(key) ?? { bounds: [], counts: [] };
    series.set(key, one);
    if (line.endsWith('_bucket')) {
      one.bounds.push(le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le));
      one.counts.push(value);
    } else if (line.endsWith('_sum')) one.sum = value;
    else one.count = value;
  }
  for (const { bounds, counts, sum, count } of series.values()) {
    const ascends = (values: readonly number[], strictly: boolean) =>
      values.every((value, at) => at === 0 || (strictly ? value > values[at - 1]! : value >= values[at - 1]!));
    if (!ascends(bounds, true) || bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`bounds of ${name}`);
    if (!ascends(counts, false) || counts.at(-1) !== count || sum === undefined) throw new Error(`counts of ${name}`);
  }
}
