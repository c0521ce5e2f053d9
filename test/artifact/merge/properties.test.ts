import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { documents } from '../random-documents.js';
import { lostLines } from './lost-lines.js';
import { mergeWith, type Versions } from './merge-with.js';

const PATH = 'stories/INFRA/INFRA-004-sync.md';
const RUNS = Number(process.env.AGENT_TEST_RUNS ?? 300);

/** Parts of an artifact, so that random documents are about what the driver knows. */
const part = fc.constantFrom(
  '# INFRA-004: Share it',
  '## State\n\nDRAFT',
  'Status: REVIEW_NEEDED',
  '## Acceptance Criteria',
  '- [ ] one',
  '- [ ] two\n- [x] three',
  '- [ ] four\n  - [ ] inner\n  - [x] other',
  '- [ ] five\n\n- [ ] six',
  '1. [ ] first\n2. [ ] second',
  '## Linked ADRs',
  '- ADR-001: One\n- ADR-002',
  'None yet.',
  '## Related Story\n\nINFRA-005',
  '### Notes',
  '### Notes\n\nSome text',
  'Some text\nin two lines',
  '```\n- [ ] code\n## code\n```',
  '```',
  '<!-- - [ ] hidden -->',
  '> - [ ] quoted',
  'Setext\n------',
  '| a | b |\n|---|---|\n| c | d |',
  '<<<<<<< not\n=======\n>>>>>>> a conflict',
  '',
);

const artifacts = fc
  .record({
    parts: fc.array(part, { minLength: 2, maxLength: 12 }),
    gap: fc.constantFrom('\n', '\n\n'),
    frontmatter: fc.constantFrom(
      '',
      '',
      '---\nstatus: DRAFT # for now\nowner: a\n---\n',
      '---\ntags:\n- a\n# b\nx: |\n  y\n---\n',
    ),
    eol: fc.constantFrom('\n', '\n', '\r\n'),
    end: fc.constantFrom('\n', '', '\n\n'),
    bom: fc.constantFrom('', '', '\ufeff'),
  })
  .map(({ parts, gap, frontmatter, eol, end, bom }) =>
    (bom + frontmatter + parts.join(gap) + end).replaceAll('\n', eol),
  );

/** A change of one line, by its number modulo the number of lines. */
const change = fc.record({
  at: fc.nat(60),
  line: fc.option(part, { nil: undefined }),
  remove: fc.nat(2),
  tick: fc.boolean(),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function edit(text: string, changes: readonly Change[]): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(eol);
  for (const { at, line, remove, tick } of changes) {
    const i = at % (lines.length + 1);
    const boxes = [...lines.keys()].filter((n) => /\[[ x]\]/.test(lines[n]!));
    if (tick && boxes.length > 0) {
      const box = boxes[at % boxes.length]!;
      lines[box] = lines[box]!.replace(/\[([ x])\]/, (_, was) => (was === 'x' ? '[ ]' : '[x]'));
    } else {
      lines.splice(i, remove, ...(line === undefined ? [] : line.split('\n')));
    }
  }
  return lines.join(eol);
}

const versions: fc.Arbitrary<Versions> = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: artifacts }, { weight: 1, arbitrary: documents }),
    fc.array(change, { minLength: 1, maxLength: 4 }),
    fc.array(change, { minLength: 1, maxLength: 4 }),
  )
  .map(([base, ours, theirs]) => ({ path: PATH, base, ours: edit(base, ours), theirs: edit(base, theirs) }))
  .filter(({ base, ours, theirs }) => ours !== theirs && base !== ours && base !== theirs && base !== '');

function holds(says: string, property: (versions: Versions) => void, numRuns = RUNS): void {
  t.test(says, async () => {
    fc.assert(fc.property(versions, property), { numRuns, includeErrorInReport: true });
  });
}

holds('what merged has lost no line, doubled none, and swapped none', (versions) => {
  const { driver, merged } = mergeWith(versions);
  if (driver && !driver.conflict) assert.deepEqual(lostLines(versions, merged), []);
});

holds('swapped sides get the same verdict', ({ path, base, ours, theirs }) => {
  const one = mergeWith({ path, base, ours, theirs });
  const other = mergeWith({ path, base, ours: theirs, theirs: ours });
  if (one.text.status === other.text.status) assert.equal(other.conflicted, one.conflicted);
});

holds('what one side left alone becomes as the other has it', ({ path, base, ours, theirs }) => {
  for (const [o, t, result] of [
    [ours, base, ours],
    [base, theirs, theirs],
    [ours, ours, ours],
  ] as const) {
    const { merged, conflicted } = mergeWith({ path, base, ours: o, theirs: t });
    assert.deepEqual([conflicted, merged], [false, result]);
  }
});

holds('there are no more conflicts than without the driver, and each stands where it says', (versions) => {
  for (const style of ['merge', 'diff3', 'zdiff3'] as const) {
    const { text, driver, merged } = mergeWith(versions, { style });
    if (!driver?.conflict) continue;
    assert.ok(driver.hunks.length <= text.conflicts || driver.conflict.kind === 'state');
    const cut = { base: lines(versions.base), ours: lines(versions.ours), theirs: lines(versions.theirs) };
    for (const { base, ours, theirs, result } of driver.hunks) {
      assert.deepEqual(lines(merged).slice(result.start, result.end), [
        '<<<<<<< HEAD',
        ...cut.ours.slice(ours.start, ours.end),
        ...(style === 'merge' ? [] : ['||||||| base', ...cut.base.slice(base.start, base.end)]),
        '=======',
        ...cut.theirs.slice(theirs.start, theirs.end),
        '>>>>>>> origin/main',
      ]);
    }
  }
});

holds('outside its conflicts a merge consists of lines that a side has, to the byte', (versions) => {
  const { driver, merged } = mergeWith(versions);
  if (!driver) return;
  const known = [versions.ours, versions.theirs].flatMap((text) => text.split(/(?<=\n)/));
  const inside = (line: number) => driver.hunks.some(({ result }) => line >= result.start && line < result.end);
  const unknown = merged
    .split(/(?<=\n)/)
    .filter((line, i) => !inside(i) && line.trim() !== '' && !known.includes(line));
  // The last line of a side may have got an end, or lost it.
  assert.ok(
    unknown.length <= 2 && unknown.every((line) => known.some((other) => other.trimEnd() === line.trimEnd())),
    JSON.stringify(unknown),
  );
});

holds('a side wins all conflicts when it is favoured, as in the merge of lines', (versions) => {
  for (const favor of ['ours', 'theirs', 'union'] as const) {
    const { driver } = mergeWith(versions, { favor });
    if (driver?.conflict) assert.match(driver.conflict.message, /, but its text merged to/);
  }
});

/** The lines of a text without their ends. */
function lines(text: string): string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}
