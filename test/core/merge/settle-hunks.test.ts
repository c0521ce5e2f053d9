import fc from 'fast-check';
import t from 'tap';
import { mergeText } from '../../../lib/core/merge/merge-text.js';
import { settleHunks } from '../../../lib/core/merge/settle-hunks.js';
import type { HunkAnswer, LineRange } from '../../../lib/core/ports.js';
import { type Triple, triples } from './random-texts.js';

const STYLES = ['merge', 'diff3', 'zdiff3'] as const;
const ANSWERS = ['ours', 'theirs', 'union'] as const;

type Style = (typeof STYLES)[number];

const merge = ({ base, ours, theirs }: Triple, style: Style) => mergeText(base, ours, theirs, { style });

const linesOf = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString()
    .match(/[^\n]*\n|[^\n]+$/g) ?? [];
const pick = (lines: readonly string[], { start, end }: LineRange) => lines.slice(start, end);
/** A line's end aside, which the markers of a CRLF file share and a last line may get. */
const bare = (line: string) => line.replace(/\r?\n$/, '');

const holds = (what: string, property: fc.IProperty<[Triple, Style]>) =>
  t.test(what, async (t) => t.doesNotThrow(() => fc.assert(property, { numRuns: 400, seed: 5 })));

holds(
  'a hunk is the markers around the lines of each side, and there is no conflict besides',
  fc.property(triples, fc.constantFrom(...STYLES), (triple, style) => {
    const merged = merge(triple, style);
    const [text, base, ours, theirs] = [merged.bytes, triple.base, triple.ours, triple.theirs].map(linesOf);
    const wellMade = merged.hunks.every((hunk) => {
      const between = style === 'merge' ? [] : ['||||||| base', ...pick(base!, hunk.base)];
      const sides = [...pick(ours!, hunk.ours), ...between, '=======', ...pick(theirs!, hunk.theirs)];
      const expected = ['<<<<<<< ours', ...sides, '>>>>>>> theirs'].map(bare);
      return pick(text!, hunk.result).map(bare).join('\n') === expected.join('\n');
    });
    const markers = text!.filter((line) => bare(line) === '<<<<<<< ours').length;
    return wellMade && merged.hunks.length === merged.conflicts && markers === merged.conflicts;
  }),
);

holds(
  'outside the hunks the text is what every favour gives, and each hunk its lines',
  fc.property(triples, fc.constantFrom(...STYLES), (triple, style) => {
    const merged = merge(triple, style);
    return (['ours', 'theirs'] as const).every((favor) => {
      const text = linesOf(merged.bytes);
      const side = linesOf(triple[favor]);
      for (const { result, ...hunk } of merged.hunks.toReversed())
        text.splice(result.start, result.end - result.start, ...pick(side, hunk[favor]));
      const { bytes } = mergeText(triple.base, triple.ours, triple.theirs, { style, favor });
      return text.join('') === Buffer.from(bytes).toString();
    });
  }),
);

holds(
  'all hunks settled alike is what the favour of that name gives',
  fc.property(triples, fc.constantFrom(...STYLES), (triple, style) => {
    const { bytes, hunks } = merge(triple, style);
    return ANSWERS.every((favor) => {
      const settled = settleHunks(bytes, triple, hunks, new Array(hunks.length).fill(favor));
      const favored = mergeText(triple.base, triple.ours, triple.theirs, { style, favor });
      return settled.hunks.length === 0 && Buffer.compare(settled.bytes, favored.bytes) === 0;
    });
  }),
);

holds(
  'all hunks settled with base have the same base in every style, whatever lines around them the sides share',
  fc.property(triples, fc.constantFrom('merge', 'zdiff3'), (triple, style) => {
    const based = (style: Style) => {
      const { bytes, hunks } = merge(triple, style);
      const { bytes: settled } = settleHunks(bytes, triple, hunks, new Array(hunks.length).fill('base'));
      return {
        text: Buffer.from(settled).toString(),
        bases: new Set(hunks.map(({ base }) => `${base.start}-${base.end}`)),
      };
    };
    const [here, there] = [based(style), based('diff3')];
    // A conflict that both sides changed alike is none in the other styles, and close ones are one.
    return JSON.stringify([...here.bases]) !== JSON.stringify([...there.bases]) || here.text === there.text;
  }),
);

t.test('hunks can be settled one after the other, in any order', async (t) => {
  const answers = fc.array(fc.constantFrom(...ANSWERS), { minLength: 40, maxLength: 40 });
  const property = fc.property(triples, fc.constantFrom(...STYLES), answers, fc.nat(), (triple, style, pool, seed) => {
    const { bytes, hunks } = merge(triple, style);
    const chosen = hunks.map((_, i) => pool[i % pool.length]!);
    const atOnce = settleHunks(bytes, triple, hunks, chosen);
    let [step, open] = [{ bytes, hunks }, [...chosen]];
    while (step.hunks.length > 0) {
      const next = seed % step.hunks.length;
      const one = open.map((answer, i) => (i === next ? answer : null));
      step = settleHunks(step.bytes, triple, step.hunks, one) as typeof step;
      open = open.filter((_, i) => i !== next);
    }
    return Buffer.compare(step.bytes, atOnce.bytes) === 0;
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 200, seed: 6 }));
});

t.test('the base of a hunk, and hunks that share one', async (t) => {
  const common = 'v\nw\nx\ny\n';
  const settle = (triple: Record<'base' | 'ours' | 'theirs', string>, answers: (HunkAnswer | null)[]) => {
    const [base, ours, theirs] = [triple.base, triple.ours, triple.theirs].map((text) => Buffer.from(text));
    const versions = { base: base!, ours: ours!, theirs: theirs! };
    const { bytes, hunks } = mergeText(base!, ours!, theirs!);
    const settled = settleHunks(bytes, versions, hunks, answers);
    return [Buffer.from(settled.bytes).toString(), settled.hunks.length];
  };
  const two = { base: 'a\nb\nc\n', ours: `a\no1\n${common}o2\nc\n`, theirs: `a\nt1\n${common}t2\nc\n` };
  const first = '<<<<<<< ours\no1\n=======\nt1\n>>>>>>> theirs\n';
  const second = '<<<<<<< ours\no2\n=======\nt2\n>>>>>>> theirs\n';
  const rows: [string, typeof two, (HunkAnswer | null)[], [string, number]][] = [
    ['one answer leaves the other hunk', two, ['ours', null], [`a\no1\n${common}${second}c\n`, 1]],
    ['each hunk has its own answer', two, ['union', 'theirs'], [`a\no1\nt1\n${common}t2\nc\n`, 0]],
    ['both go back to the base that they share', two, ['base', 'base'], ['a\nb\nc\n', 0]],
    ['one of them alone does not', two, ['base', 'ours'], [`a\n${first}${common}o2\nc\n`, 1]],
    [
      "lines of somebody's own, which get a newline where lines follow",
      two,
      [null, { text: 'one\nother' }],
      [`a\n${first}${common}one\nother\nc\n`, 1],
    ],
    ['a hunk can come to nothing', two, [{ text: '' }, 'ours'], [`a\n${common}o2\nc\n`, 0]],
    ['no answers, no change', two, [], [`a\n${first}${common}${second}c\n`, 2]],
    [
      'lines that both sides have instead of base go with the conflict beside them',
      { base: 'a\nb\nc\nd\n', ours: 'a\nB\no\nC\nd\n', theirs: 'a\nB\nt\nC\nd\n' },
      ['base'],
      ['a\nb\nc\nd\n', 0],
    ],
    ['a base without newline stays so', { base: 'b', ours: 'o\nx\n', theirs: 't\nx\n' }, ['base'], ['b', 0]],
    ['a last line without newline stays so', { base: 'b', ours: 'o', theirs: 't' }, ['union'], ['o\nt', 0]],
    ['the newline is that of the markers', { base: 'b\r\n', ours: 'o', theirs: 't' }, ['union'], ['o\r\nt', 0]],
  ];
  for (const [what, triple, answers, expected] of rows) t.same(settle(triple, answers), expected, what);
});
