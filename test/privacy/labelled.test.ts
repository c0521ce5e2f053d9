/**
 * How well the detectors tell values from what looks like them, on texts written by hand: in fixtures/privacy, a value stands between
 * ⟦ and ⟧, and · only keeps scanners of repositories from finding the tokens. Numbers are those that issuers publish as examples, or
 * were made up with their check digits.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DETECTOR_NAMES, PRIVACY_DEFAULTS } from '../../lib/core/privacy-settings.js';
import { libraries } from '../../lib/libraries.js';
import { scrub } from '../../lib/privacy/scrub.js';
import { repoRoot } from '../paths.js';

interface Labelled {
  readonly detector: string;
  readonly text: string;
}

function readLabelled(name: string): Labelled[] {
  const rows: Labelled[] = JSON.parse(readFileSync(join(repoRoot, 'fixtures/privacy', name), 'utf8'));
  return rows.map(({ detector, text }) => ({ detector, text: text.replaceAll('·', '') }));
}

/** The text without marks, and where they were. */
function unmarked(text: string): { text: string; spans: { start: number; end: number }[] } {
  const spans: { start: number; end: number }[] = [];
  let plain = '';
  for (const part of text.split('⟦')) {
    const [value, rest] = part.split('⟧');
    if (rest === undefined) {
      plain += part;
      continue;
    }
    spans.push({ start: plain.length, end: plain.length + value!.length });
    plain += value! + rest;
  }
  return { text: plain, spans };
}

const found = ({ text }: Labelled) => {
  const { text: plain, spans } = unmarked(text);
  const findings = scrub(plain, 'plans/X/X-1.md', PRIVACY_DEFAULTS, libraries).findings;
  return { spans, findings };
};

t.test('values that are meant, and look-alikes', async (t) => {
  const values = readLabelled('true-values.json');
  const lookAlikes = readLabelled('look-alikes.json');
  const labelled = values.flatMap((row) => unmarked(row.text).spans).length;
  t.ok(labelled >= 200 && lookAlikes.length >= 200, `${labelled} values and ${lookAlikes.length} look-alikes`);

  const total = { right: 0, missed: 0, wrong: 0 };
  for (const name of DETECTOR_NAMES) {
    const score = { right: 0, missed: 0, wrong: 0 };
    const wrongly: string[] = [];
    for (const row of values) {
      const { spans, findings } = found(row);
      const own = findings.filter(({ detector }) => detector === name);
      const expected = row.detector === name ? spans : [];
      const isFound = (span: { start: number; end: number }) =>
        own.some(({ start, end }) => start === span.start && end === span.end);
      score.right += expected.filter(isFound).length;
      score.missed += expected.filter((span) => !isFound(span)).length;
      const extra = own.filter((at) => !expected.some(({ start, end }) => start === at.start && end === at.end));
      score.wrong += extra.length;
      if (extra.length > 0 || !expected.every(isFound)) wrongly.push(row.text);
    }
    for (const row of lookAlikes) {
      const own = found(row).findings.filter(({ detector }) => detector === name);
      score.wrong += own.length;
      if (own.length > 0) wrongly.push(row.text);
    }
    total.right += score.right;
    total.missed += score.missed;
    total.wrong += score.wrong;
    t.ok(precision(score) >= 0.95 && recall(score) >= 0.95, `${name}: ${figures(score)}`, { wrongly });
  }
  t.ok(precision(total) >= 0.98 && recall(total) >= 0.98, `all together: ${figures(total)}`);
});

interface Score {
  readonly right: number;
  readonly missed: number;
  readonly wrong: number;
}

function precision({ right, wrong }: Score): number {
  return right / (right + wrong);
}

function recall({ right, missed }: Score): number {
  return right / (right + missed);
}

function figures(score: Score): string {
  const { right, missed, wrong } = score;
  const two = (share: number) => share.toFixed(3);
  return `precision ${two(precision(score))}, recall ${two(recall(score))} (${right} found, ${missed} missed, ${wrong} wrong)`;
}
