import t, { type Test } from 'tap';
import { mergeWith } from './merge-with.js';

const STORY = 'stories/INFRA/INFRA-004-sync.md';
const TITLE = '# INFRA-004: Share it\n';

/** Three versions in lines, and what they merge to: the lines, or `LEFT` for what the merge of lines makes of them. */
type Row = [says: string, base: string[], ours: string[], theirs: string[], merged: string[] | typeof LEFT];

const LEFT = 'as the merge of lines has it';

/** What a conflict looks like. */
function versus(ours: readonly string[], theirs: readonly string[]): string[] {
  return ['<<<<<<< HEAD', ...ours, '=======', ...theirs, '>>>>>>> origin/main'];
}

/** Checks rows whose lines are what differs between the versions of a document. */
function check(t: Test, rows: readonly Row[], around: (lines: string) => string): void {
  for (const [says, base, ours, theirs, merged] of rows) {
    const versions = [base, ours, theirs].map((lines) => around(lines.map((line) => `${line}\n`).join('')));
    const [b, o, r] = versions as [string, string, string];
    const result = mergeWith({ path: STORY, base: b, ours: o, theirs: r });
    if (merged === LEFT) t.equal(result.driver, undefined, says);
    else t.equal(result.merged, around(merged.map((line) => `${line}\n`).join('')), says);
  }
}

const inSection = (heading: string) => (lines: string) => `${TITLE}\n## ${heading}\n\n${lines}\n## Notes\n\nText.\n`;

t.test('boxes are merged one by one', async (t) => {
  const rows: Row[] = [
    [
      'two people tick neighbours',
      ['- [ ] a', '- [ ] b'],
      ['- [x] a', '- [ ] b'],
      ['- [ ] a', '- [x] b'],
      ['- [x] a', '- [x] b'],
    ],
    [
      'one ticks what stands beside what the other unticks',
      ['- [ ] a', '- [x] b'],
      ['- [x] a', '- [x] b'],
      ['- [ ] a', '- [ ] b'],
      ['- [x] a', '- [ ] b'],
    ],
    [
      'inner items beside each other and beside their item',
      ['- [ ] a', '  - [ ] b', '  - [ ] c', '- [ ] d'],
      ['- [x] a', '  - [ ] b', '  - [x] c', '- [ ] d'],
      ['- [ ] a', '  - [x] b', '  - [ ] c', '- [x] d'],
      ['- [x] a', '  - [x] b', '  - [x] c', '- [x] d'],
    ],
    [
      'numbered items',
      ['1. [ ] a', '2. [ ] b'],
      ['1. [x] a', '2. [ ] b'],
      ['1. [ ] a', '2. [x] b'],
      ['1. [x] a', '2. [x] b'],
    ],
    [
      'items in a quote',
      ['> - [ ] a', '> - [ ] b'],
      ['> - [x] a', '> - [ ] b'],
      ['> - [ ] a', '> - [x] b'],
      ['> - [x] a', '> - [x] b'],
    ],
    [
      'an item keeps its further lines and the blank line before it',
      ['- [ ] a', '  more of a', '', '- [ ] b', '', '  more of b'],
      ['- [x] a', '  more of a', '', '- [ ] b', '', '  more of b'],
      ['- [ ] a', '  more of a', '', '- [x] b', '', '  all of b'],
      ['- [x] a', '  more of a', '', '- [x] b', '', '  all of b'],
    ],
    [
      'both add an item at the end, ours first, and one ticks the last one',
      ['- [ ] a'],
      ['- [ ] a', '- [ ] ours'],
      ['- [x] a', '- [ ] theirs'],
      ['- [x] a', '- [ ] ours', '- [ ] theirs'],
    ],
    [
      'both add the same item: once, where ours has it',
      ['- [ ] a', '- [ ] b'],
      ['- [ ] a', '- [ ] new', '- [x] b'],
      ['- [x] a', '- [ ] b', '- [ ] new'],
      ['- [x] a', '- [ ] new', '- [x] b'],
    ],
    [
      'both reword, one below the other',
      ['- [ ] a', '- [ ] b'],
      ['- [ ] a, really', '- [ ] b'],
      ['- [ ] a', '- [ ] b, at last'],
      ['- [ ] a, really', '- [ ] b, at last'],
    ],
    [
      'one removes an item above the one that the other ticks',
      ['- [ ] a', '- [ ] b', '- [ ] c'],
      ['- [ ] b', '- [ ] c'],
      ['- [ ] a', '- [x] b', '- [ ] c'],
      ['- [x] b', '- [ ] c'],
    ],
    [
      'one ticks what the other rewords: a conflict about that item alone',
      ['- [ ] a', '- [ ] b'],
      ['- [x] a', '- [ ] b'],
      ['- [ ] a, really', '- [x] b'],
      [...versus(['- [x] a'], ['- [ ] a, really']), '- [x] b'],
    ],
    [
      'one ticks what the other removes',
      ['- [ ] a', '- [ ] b', '- [ ] c'],
      ['- [x] a', '- [ ] b', '- [x] c'],
      ['- [x] b', '- [ ] c'],
      [...versus(['- [x] a'], []), '- [x] b', '- [x] c'],
    ],
    [
      'items that say the same cannot be told apart',
      ['- [ ] a', '- [ ] a'],
      ['- [x] a', '- [ ] a'],
      ['- [ ] a', '- [x] a'],
      versus(['- [x] a', '- [ ] a'], ['- [ ] a', '- [x] a']),
    ],
    [
      'items that moved are lines',
      ['- [ ] a', '- [ ] b', '- [ ] c'],
      ['- [ ] c', '- [ ] a', '- [ ] b'],
      ['- [ ] a', '- [x] b', '- [ ] c'],
      ['- [ ] c', '- [ ] a', ...versus(['- [ ] b'], ['- [x] b', '- [ ] c'])],
    ],
    [
      'what one rewords to what the other adds is a conflict, as it is for lines',
      ['- [ ] a'],
      ['- [ ] n'],
      ['- [ ] a', '- [ ] n'],
      [...versus([], ['- [ ] a']), '- [ ] n'],
    ],
    [
      'one for two, where the other removes both',
      ['- [ ] a', '- [ ] b', '- [ ] c'],
      ['- [ ] n', '- [ ] c'],
      ['- [ ] c'],
      [...versus(['- [ ] n'], []), '- [ ] c'],
    ],
    [
      'one for two, where the other puts a third',
      ['- [ ] a', '- [ ] b', '- [ ] c'],
      ['- [ ] n', '- [ ] c'],
      ['- [ ] m', '- [ ] a', '- [ ] b', '- [ ] c'],
      [...versus(['- [ ] n'], ['- [ ] m', '- [ ] a', '- [ ] b']), '- [ ] c'],
    ],
    [
      'blank lines come between the items',
      ['- [ ] a', '- [ ] b'],
      ['- [x] a', '', '- [ ] b'],
      ['- [ ] a', '- [x] b'],
      ['- [x] a', '', '- [x] b'],
    ],
    [
      'both add to a numbered list, whose numbers would be wrong',
      ['1. [ ] a'],
      ['1. [ ] a', '2. [ ] ours'],
      ['1. [ ] a', '2. [ ] theirs'],
      ['1. [ ] a', ...versus(['2. [ ] ours'], ['2. [ ] theirs'])],
    ],
    [
      'boxes in code are text',
      ['```', '- [ ] a', '- [ ] b', '```'],
      ['```', '- [x] a', '- [ ] b', '```'],
      ['```', '- [ ] a', '- [x] b', '```'],
      ['```', ...versus(['- [x] a', '- [ ] b'], ['- [ ] a', '- [x] b']), '```'],
    ],
    [
      'boxes in a comment are text',
      ['<!--', '- [ ] a', '- [ ] b', '-->'],
      ['<!--', '- [x] a', '- [ ] b', '-->'],
      ['<!--', '- [ ] a', '- [x] b', '-->'],
      ['<!--', ...versus(['- [x] a', '- [ ] b'], ['- [ ] a', '- [x] b']), '-->'],
    ],
    [
      'boxes in indented code are text',
      ['    - [ ] a', '    - [ ] b'],
      ['    - [x] a', '    - [ ] b'],
      ['    - [ ] a', '    - [x] b'],
      versus(['    - [x] a', '    - [ ] b'], ['    - [ ] a', '    - [x] b']),
    ],
  ];
  check(t, rows, inSection('Acceptance Criteria'));
});

t.test('links are a set', async (t) => {
  const rows: Row[] = [
    [
      'both add one: ours first',
      ['- ADR-001'],
      ['- ADR-001', '- ADR-002: Two'],
      ['- ADR-001', '- ADR-003: Three'],
      ['- ADR-001', '- ADR-002: Two', '- ADR-003: Three'],
    ],
    [
      'both add the same at different places: once, where ours has it',
      ['- ADR-001', '- ADR-002'],
      ['- ADR-003', '- ADR-001', '- ADR-002'],
      ['- ADR-001', '- ADR-002', '- ADR-003'],
      ['- ADR-003', '- ADR-001', '- ADR-002'],
    ],
    [
      'both add the same in other words: a conflict',
      ['- ADR-001'],
      ['- ADR-001', '- ADR-002: Two'],
      ['- ADR-001', '- ADR-002 (second)'],
      ['- ADR-001', ...versus(['- ADR-002: Two'], ['- ADR-002 (second)'])],
    ],
    [
      'one removes, the other adds beside it',
      ['- ADR-001', '- ADR-002'],
      ['- ADR-001'],
      ['- ADR-001', '- ADR-002', '- ADR-003'],
      ['- ADR-001', '- ADR-003'],
    ],
    [
      'one removes what the other reworded: a conflict',
      ['- ADR-001', '- ADR-002'],
      ['- ADR-002', '- ADR-003'],
      ['- ADR-001: One', '- ADR-002', '- ADR-004'],
      [...versus([], ['- ADR-001: One']), '- ADR-002', '- ADR-003', '- ADR-004'],
    ],
    [
      'both put another in the place of one: both stay',
      ['- ADR-001'],
      ['- ADR-002'],
      ['- ADR-003'],
      ['- ADR-002', '- ADR-003'],
    ],
    [
      'both fill what a template left open',
      ['None yet.'],
      ['- ADR-001: One'],
      ['- ADR-002: Two'],
      ['- ADR-001: One', '- ADR-002: Two'],
    ],
    ['one removes the last, the other adds another', ['- ADR-001'], [], ['- ADR-001', '- ADR-002'], ['- ADR-002']],
    ['both begin an empty section', [], ['- ADR-001', ''], ['- ADR-002', ''], ['- ADR-001', '- ADR-002', '']],
    [
      'addresses and plain ids are links, too',
      ['- [Plan](../plans/INFRA/x.md)', 'INFRA-001'],
      ['- [Plan](../plans/INFRA/x.md)', 'INFRA-001', 'INFRA-002'],
      ['- [Plan](../plans/INFRA/x.md)', 'INFRA-001', '- https://example.com/a'],
      ['- [Plan](../plans/INFRA/x.md)', 'INFRA-001', 'INFRA-002', '- https://example.com/a'],
    ],
    [
      'with a sentence among them the section is text',
      ['See also:', '- ADR-001'],
      ['See also:', '- ADR-001', '- ADR-002'],
      ['See also:', '- ADR-001', '- ADR-003'],
      ['See also:', '- ADR-001', ...versus(['- ADR-002'], ['- ADR-003'])],
    ],
    [
      'two links to one thing cannot be told apart',
      ['- ADR-001: One', '- ADR-001: Two'],
      ['- ADR-001: One', '- ADR-001: Two', '- ADR-002'],
      ['- ADR-001: One', '- ADR-001: Two', '- ADR-003'],
      ['- ADR-001: One', '- ADR-001: Two', ...versus(['- ADR-002'], ['- ADR-003'])],
    ],
  ];
  check(t, rows, inSection('Linked ADRs'));
  check(
    t,
    [
      [
        'under any heading where there is nothing else',
        ['- [One](one.md)'],
        ['- [One](one.md)', '- [Two](two.md)'],
        ['- [One](one.md)', '- [Three](three.md)'],
        ['- [One](one.md)', '- [Two](two.md)', '- [Three](three.md)'],
      ],
      [
        'items that say more are a set only in a section of links',
        ['- ADR-001 first'],
        ['- ADR-001 first', '- ADR-002 then'],
        ['- ADR-001 first', '- ADR-003 then'],
        ['- ADR-001 first', ...versus(['- ADR-002 then'], ['- ADR-003 then'])],
      ],
    ],
    inSection('Order of work'),
  );
});

t.test('sections are merged by their headings', async (t) => {
  const rows: Row[] = [
    [
      'both add one at the same place: ours first',
      ['## A', '', 'a', '', '## Z', ''],
      ['## A', '', 'a', '', '## B', '', 'b', '', '## Z', ''],
      ['## A', '', 'a', '', '## C', '', 'c', '', '## Z', ''],
      ['## A', '', 'a', '', '## B', '', 'b', '', '## C', '', 'c', '', '## Z', ''],
    ],
    [
      'both add one, of which only one can stand above the other',
      ['## Z', ''],
      ['## B', '', 'b', '', '## Z', ''],
      ['### C', '', 'c', '', '## Z', ''],
      ['### C', '', 'c', '', '## B', '', 'b', '', '## Z', ''],
    ],
    [
      "both add one where lines would merge as well, in another order: that is git's",
      ['## A', '', 'a', '', '## Z'],
      ['## A', '', 'a', '', '## B', '', 'b', '', '## Z'],
      ['## A', '', 'a', '## C', '', 'c', '', '## Z'],
      LEFT,
    ],
    [
      'both add one at the end, and one changes the last line before it',
      ['## A', '', 'a'],
      ['## A', '', 'a', '', '## B', '', 'b'],
      ['## A', '', 'A', '', '## C', '', 'c'],
      ['## A', '', 'A', '', '## B', '', 'b', '', '## C', '', 'c'],
    ],
    [
      'both add the same one in other words: a conflict inside it',
      ['## A', '', 'a'],
      ['## A', '', 'a', '', '## B', '', 'b'],
      ['## A', '', 'A', '', '## B', '', 'c'],
      ['## A', '', 'A', '', '## B', '', ...versus(['b'], ['c'])],
    ],
    [
      'one removes a section beside one that the other changes',
      ['## A', 'a', '## B', 'b', '## C', 'c'],
      ['## A', 'a', '## C', 'c'],
      ['## A', 'A', '## B', 'b', '## C', 'C'],
      ['## A', 'A', '## C', 'C'],
    ],
    [
      'one removes a section that the other changes: a conflict',
      ['## A', '', 'a', '', '## B', '', 'b', ''],
      ['## A', '', 'a', ''],
      ['## A', '', 'A', '', '## B', '', 'B', ''],
      ['## A', '', 'A', '', ...versus([], ['## B', '', 'B']), ''],
    ],
    [
      'one renames a section whose text the other changes',
      ['## A', '- [ ] a', '- [ ] b', '## Z'],
      ['## A, renamed', '- [x] a', '- [ ] b', '## Z'],
      ['## A', '- [ ] a', '- [x] b', '## Z'],
      ['## A, renamed', '- [x] a', '- [x] b', '## Z'],
    ],
    [
      'a conflict stays in its section, the others merge',
      ['## A', '', 'a', '', '## B', '', '- [ ] b', '- [ ] c'],
      ['## A', '', 'ours', '', '## B', '', '- [x] b', '- [ ] c'],
      ['## A', '', 'theirs', '', '## B', '', '- [ ] b', '- [x] c'],
      ['## A', '', ...versus(['ours'], ['theirs']), '', '## B', '', '- [x] b', '- [x] c'],
    ],
    [
      'blank lines below a section are as the side has them that changed them',
      ['## A', 'one', 'two', 'three', '', '## B', '- [ ] a', '- [ ] b'],
      ['## A', 'One', 'two', 'three', '', '## B', '- [x] a', '- [ ] b'],
      ['## A', 'one', 'two', 'Three', '', '', '## B', '- [ ] a', '- [x] b'],
      ['## A', 'One', 'two', 'Three', '', '', '## B', '- [x] a', '- [x] b'],
    ],
    [
      'items that moved in one section keep no other from being merged',
      ['## A', '- [ ] a', '- [ ] b', '- [ ] c', '## B', '- [ ] d', '- [ ] e'],
      ['## A', '- [ ] c', '- [ ] a', '- [ ] b', '## B', '- [x] d', '- [ ] e'],
      ['## A', '- [ ] a', '- [ ] B', '- [ ] c', '## B', '- [ ] d', '- [x] e'],
      ['## A', '- [ ] c', '- [ ] a', ...versus(['- [ ] b'], ['- [ ] B', '- [ ] c']), '## B', '- [x] d', '- [x] e'],
    ],
    [
      'headings that occur as often everywhere are told apart by their order',
      ['## A', '- [ ] a', '- [ ] b', '## A', '- [ ] a', '- [ ] b'],
      ['## A', '- [x] a', '- [ ] b', '## A', '- [ ] a', '- [ ] b'],
      ['## A', '- [ ] a', '- [x] b', '## A', '- [ ] a', '- [x] b'],
      ['## A', '- [x] a', '- [x] b', '## A', '- [ ] a', '- [x] b'],
    ],
    [
      'when one more comes, what is below them is merged as lines and boxes',
      ['## A', '- [ ] a', '- [ ] b', '', '## Z', 'z'],
      ['## A', '- [x] a', '- [ ] b', '', '## A', 'more', '', '## Z', 'z'],
      ['## A', '- [ ] a', '- [x] b', '', '## Z', 'z', 'Z'],
      ['## A', '- [x] a', '- [x] b', '', '## A', 'more', '', '## Z', 'z', 'Z'],
    ],
    [
      'a section that moved is left to the merge of lines',
      ['## A', '- [ ] a', '- [ ] b', '## B', '## C'],
      ['## C', '## A', '- [x] a', '- [ ] b', '## B'],
      ['## A', '- [ ] a', '- [x] b', '## B', '## C'],
      LEFT,
    ],
    [
      'a heading in code is text',
      ['## A', '```', '## a', '## b', '```', '- [ ] a', '- [ ] b'],
      ['## A', '```', '## a', '## b', '```', '- [x] a', '- [ ] b'],
      ['## A', '```', '## a', '## c', '## b', '```', '- [ ] a', '- [x] b'],
      ['## A', '```', '## a', '## c', '## b', '```', '- [x] a', '- [x] b'],
    ],
    [
      'code that one side never closes has no boxes',
      ['## A', '', 'a', '', '## B', '', '- [ ] b', '- [ ] c'],
      ['## A', '', 'a', '', '```', '', '## B', '', '- [x] b', '- [ ] c'],
      ['## A', '', 'a', '', '## B', '', '- [ ] b', '- [x] c'],
      LEFT,
    ],
    [
      'underlined headings are headings',
      ['One', '===', '- [ ] a', '- [ ] b', 'Two', '---', 'text'],
      ['One', '===', '- [x] a', '- [ ] b', 'Two', '---', 'text', '', 'New', '---'],
      ['One', '===', '- [ ] a', '- [x] b', 'Two', '---', 'Text', '', 'Other', '---'],
      ['One', '===', '- [x] a', '- [x] b', 'Two', '---', 'Text', '', 'New', '---', '', 'Other', '---'],
    ],
  ];
  check(t, rows, (lines) => `${TITLE}\n${lines}`);
});

t.test('frontmatter is merged key by key', async (t) => {
  const rows: Row[] = [
    [
      'different keys below each other',
      ['status: DRAFT', 'owner: a', 'labels: [x]'],
      ['status: ACCEPTED', 'owner: a', 'labels: [x]'],
      ['status: DRAFT', 'owner: b', 'labels: [x, y]'],
      ['status: ACCEPTED', 'owner: b', 'labels: [x, y]'],
    ],
    [
      'both add one, with comments, below a block of text',
      ['# who', 'owner: a', 'about: |', '  text', '  more'],
      ['# who it is', 'owner: a', 'about: |', '  text', '  more', '# ours', 'one: 1'],
      ['# who', 'owner: a', 'about: |', '  text', '  less', '# theirs', 'two: 2'],
      ['# who it is', 'owner: a', 'about: |', '  text', '  less', '# ours', 'one: 1', '# theirs', 'two: 2'],
    ],
    [
      'one key changed both ways: a conflict about that key alone',
      ['owner: a', 'size: 1', 'team: x'],
      ['owner: b', 'size: 2', 'team: x'],
      ['owner: a', 'size: 3', 'team: y'],
      ['owner: b', ...versus(['size: 2'], ['size: 3']), 'team: y'],
    ],
    [
      'one removes a key above the one that the other changes',
      ['owner: a', 'size: 1'],
      ['size: 1'],
      ['owner: a', 'size: 2'],
      ['size: 2'],
    ],
    [
      'keys that refer to each other are text',
      ['owner: &a x', 'size: *a'],
      ['owner: &a y', 'size: *a'],
      ['owner: &a x', 'size: 2'],
      versus(['owner: &a y', 'size: *a'], ['owner: &a x', 'size: 2']),
    ],
    [
      'keys in braces are text',
      ['{owner: a,', 'size: 1}'],
      ['{owner: b,', 'size: 1}'],
      ['{owner: a,', 'size: 2}'],
      versus(['{owner: b,', 'size: 1}'], ['{owner: a,', 'size: 2}']),
    ],
    [
      'a state with a remark is text',
      ['status: DRAFT (for now)', 'owner: a'],
      ['status: ACCEPTED (for now)', 'owner: a'],
      ['status: DRAFT (for now)', 'owner: b'],
      ['status: ACCEPTED (for now)', 'owner: b'],
    ],
    [
      'the state goes on below a conflict that leaves no YAML',
      ['owner: a', 'status: DRAFT', 'size: 1'],
      ['owner: b', 'status: ACCEPTED', 'size: 1'],
      ['owner: c', 'status: DRAFT', 'size: 2'],
      [...versus(['owner: b'], ['owner: c']), 'status: ACCEPTED', 'size: 2'],
    ],
    ['broken YAML is text', ['owner: [a', 'size: 1'], ['owner: [b', 'size: 1'], ['owner: [a', 'size: 2'], LEFT],
  ];
  check(t, rows, (lines) => `---\n${lines}---\n${TITLE}\n## Notes\n`);
});

t.test('the state goes the ways that its machine knows', async (t) => {
  const text = (state: string, box = ' ') => `${TITLE}\n## State\n\n${state}\n\n## Notes\n\n- [${box}] a\n`;
  const marked = (ours: string, theirs: string) => text(versus([ours], [theirs]).join('\n'));
  const rows: [says: string, base: string, ours: string, theirs: string, merged: string, message?: string][] = [
    [
      'one side goes on, the other stays',
      text('DRAFT'),
      text('REVIEW_NEEDED'),
      text('DRAFT', 'x'),
      text('REVIEW_NEEDED', 'x'),
    ],
    ['one goes on by several steps', text('DRAFT'), text('DRAFT', 'x'), text('COMMITTED'), text('COMMITTED', 'x')],
    ['one goes aside', text('ACCEPTED'), text('ICEBOX'), text('ACCEPTED', 'x'), text('ICEBOX', 'x')],
    ['both go the same way', text('DRAFT'), text('ICEBOX'), text('ICEBOX', 'x'), text('ICEBOX', 'x')],
    [
      'both go different ways',
      text('DRAFT'),
      text('ACCEPTED'),
      text('ICEBOX', 'x'),
      marked('ACCEPTED', 'ICEBOX').replace('[ ]', '[x]'),
      'INFRA-004 went from DRAFT to ACCEPTED in HEAD and to ICEBOX in origin/main',
    ],
    [
      'both go one way, one of them farther',
      text('DRAFT'),
      text('REVIEW_NEEDED'),
      text('ACCEPTED'),
      marked('REVIEW_NEEDED', 'ACCEPTED'),
      'INFRA-004 went from DRAFT to REVIEW_NEEDED in HEAD and to ACCEPTED in origin/main',
    ],
    [
      'one goes where it may not, which the merge of lines would let pass',
      text('COMMITTED'),
      text('COMMITTED', 'x'),
      text('DRAFT'),
      marked('COMMITTED', 'DRAFT').replace('[ ]', '[x]'),
      'INFRA-004 went from COMMITTED to DRAFT in origin/main, which a story cannot',
    ],
    [
      'a state that the machine does not know is text',
      text('DONE'),
      text('Archived'),
      text('DONE', 'x'),
      text('Archived', 'x'),
    ],
    [
      'one that cannot be read is text',
      text('DRAFT'),
      text('DRAFT | DONE'),
      text('DRAFT', 'x'),
      text('DRAFT | DONE', 'x'),
    ],
    [
      'the state goes on in the line whose neighbour the other side changes',
      `${TITLE}Status: DRAFT\nOwner: a\n`,
      `${TITLE}Status: ACCEPTED\nOwner: a\n`,
      `${TITLE}Status: DRAFT\nOwner: b\n`,
      `${TITLE}Status: ACCEPTED\nOwner: b\n`,
    ],
    [
      'one begins frontmatter with a state that hides the one that the other goes on to',
      `${TITLE}\nStatus: DRAFT\n`,
      `---\nstatus: DRAFT\n---\n${TITLE}\nStatus: DRAFT\n`,
      `${TITLE}\nStatus: ACCEPTED\n`,
      `---\nstatus: DRAFT\n---\n${TITLE}\nStatus: ACCEPTED\n`,
      'INFRA-004 went from DRAFT to ACCEPTED in origin/main, but its text merged to DRAFT',
    ],
  ];
  for (const [says, base, ours, theirs, merged, message] of rows) {
    const result = mergeWith({ path: STORY, base, ours, theirs });
    t.equal(result.merged, merged, says);
    t.same(result.driver?.conflict, message && { kind: 'state', message: `CONFLICT (state): ${message}` }, says);
  }

  const versions = { path: STORY, base: text('DRAFT'), ours: text('ACCEPTED'), theirs: text('ICEBOX', 'x') };
  t.same(
    mergeWith(versions).driver?.hunks,
    [{ base: line(4), ours: line(4), theirs: line(4), result: { start: 4, end: 9 } }],
    'the conflict is one about that line',
  );
  const illegal = { path: STORY, base: text('DONE'), ours: text('DRAFT'), theirs: text('DONE', 'x') };
  t.match(
    mergeWith(illegal, { style: 'diff3' }).merged,
    'DRAFT\n||||||| base\nDONE\n=======\nDONE\n>>>>>>>',
    'base is shown where the style shows it',
  );
  t.notOk(mergeWith(illegal, { machines: { story: { DONE: ['DRAFT'] } } }).conflicted, 'the machine can be another');
  t.equal(mergeWith(versions, { machines: { plan: {} } }).driver, undefined, 'kinds without one are left alone');
  t.equal(mergeWith({ ...versions, path: 'notes/x.md' }).driver, undefined, 'and files that are no artifacts');
});

function line(number: number) {
  return { start: number, end: number + 1 };
}

t.test('what is not sound is left to the merge of lines, however many conflicts it has', async (t) => {
  const boxes = (...ticks: string[]) => `${ticks.map((tick, i) => `- [${tick}] ${i}\n`).join('')}\nOne\ntwo\nthree\n`;
  const folded = (key: string, value: string) =>
    `---\n${key}: >\n  ${value.replaceAll(' ', '\n  ')}\n---\n${TITLE}\nBOXES`;
  const rows: [says: string, base: string, ours: string, theirs: string][] = [
    [
      'a title that neither side has',
      folded('title', 'One for all'),
      folded('title', 'Two for all'),
      folded('title', 'One for you'),
    ],
    [
      'a state that neither side has',
      folded('status', 'Not so good'),
      folded('status', 'Never so good'),
      folded('status', 'Not so bad'),
    ],
    [
      'frontmatter that contradicts the text, as no version does',
      `---\nstatus: DRAFT\n---\n${TITLE}\nBOXES`,
      `---\nstatus: ACCEPTED\n---\n${TITLE}\nBOXES`,
      `---\nstatus: DRAFT\n---\n${TITLE}\nState: DRAFT\n\nBOXES`,
    ],
    [
      'lines that come to stand below a new heading, beside themselves',
      `${TITLE}\nBOXES`,
      `${TITLE}\nBOXES`,
      `${TITLE}\n## New\n\nBOXES`,
    ],
    [
      'a heading that ends up in code',
      `${TITLE}\nBOXES\n## Z\n\nz\n`,
      `${TITLE}\nBOXES\n## Z\n\nz\n\n\`\`\`\ncode\n`,
      `${TITLE}\nBOXES\n## Z\n\nz\n\n## More\n`,
    ],
  ];
  for (const [says, base, ours, theirs] of rows) {
    const { text, driver } = mergeWith({
      path: STORY,
      base: base.replace('BOXES', boxes(' ', ' ')),
      ours: ours.replace('BOXES', boxes('x', ' ')),
      theirs: theirs.replace('BOXES', boxes(' ', 'x')),
    });
    t.ok(text.conflicts > 0, `${says}: the boxes conflict`);
    t.equal(driver, undefined, says);
  }
});

t.test('bytes stay as they are', async (t) => {
  const base = `${TITLE}\n## A\n\n- [ ] a\n- [ ] b\n\n## B\n\ntext  \n\tmore`;
  const ours = base.replace('[ ] a', '[x] a').replace('more', 'more\n\n## C\n\nc');
  const theirs = base.replace('[ ] b', '[x] b').replace('more', 'More\n\n## D\n\nd');
  const merged = ours.replace('[ ] b', '[x] b').replace('more', 'More').replace('\n\nc', '\n\nc\n\n## D\n\nd');
  const rows: [says: string, change: (text: string) => string][] = [
    ['without a line end at the end', (text) => text],
    ['with one', (text) => `${text}\n`],
    ['with blank lines there', (text) => `${text}\n\n \n`],
    ['with the line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
    ['after a byte order mark', (text) => `\ufeff${text}`],
    ['after that and frontmatter', (text) => `\ufeff---\nowner: a\n---\n${text}`],
    ['with text in any script', (text) => text.replaceAll('a', 'ä𝒶').replaceAll('b', '\u2028b')],
  ];
  for (const [says, change] of rows) {
    const versions = { path: STORY, base: change(base), ours: change(ours), theirs: change(theirs) };
    t.equal(mergeWith(versions).merged, change(merged), says);
  }

  const left: [says: string, base: string, ours: string, theirs: string][] = [
    ['line ends of both kinds', base, ours.replace('\n', '\r\n'), theirs],
    ['line ends that one side changed', base, ours.replaceAll('\n', '\r\n'), theirs],
    ['frontmatter that one side began', base, `---\nowner: a\n---\n${ours}`, theirs],
    ['ends that both changed', base, `${ours}\n`, `${theirs}\n\n`],
    ['a file that both began', '', ours, theirs],
  ];
  for (const [says, b, o, r] of left) {
    t.equal(mergeWith({ path: STORY, base: b, ours: o, theirs: r }).driver, undefined, `${says} are left alone`);
  }
});

t.test('a conflict at the end has its last marker on a line of its own', async (t) => {
  const text = (box: string, other: string, last: string) =>
    `${TITLE}\n- [${box}] a\n- [${other}] b\n\n## Z\n\n${last}`;
  const { merged } = mergeWith({
    path: STORY,
    base: text(' ', ' ', 'z'),
    ours: text('x', ' ', 'ours'),
    theirs: text(' ', 'x', 'theirs'),
  });
  t.equal(merged, `${text('x', 'x', versus(['ours'], ['theirs']).join('\n'))}\n`);
});

t.test('conflicts stand in the order of all versions', async (t) => {
  const text = (box: string, other: string, ...links: string[]) =>
    `${TITLE}\n- [${box}] a\n- [${other}] b\n\nOne\ntwo\nthree\n\n## Linked ADRs\n\n${links.map((link) => `- ${link}\n`).join('')}`;
  const { driver } = mergeWith({
    path: STORY,
    base: text(' ', ' ', 'ADR-001', 'ADR-002'),
    ours: text('x', ' ', 'ADR-003: ours', 'ADR-001: ours', 'ADR-002'),
    theirs: text(' ', 'x', 'ADR-001: theirs', 'ADR-002', 'ADR-003: theirs'),
  });
  t.equal(driver, undefined, 'two that would change places are left to the merge of lines');
});

t.test('long and deep files are no harm', async (t) => {
  const rows: [says: string, line: (i: number) => string, around: [string, string]][] = [
    ['boxes', (i) => `- [ ] item ${i}\n`, ['## A\n', '']],
    ['sections', (i) => `## Section ${i}\n`, ['', '']],
    ['links', (i) => `- ADR-${i}\n`, ['## Linked ADRs\n', '']],
    ['quotes', () => '> ', ['', '\n']],
    ['brackets', () => '- [', ['- [ ] ', '\n']],
  ];
  for (const [says, line, [before, after]] of rows) {
    const lines = Array.from({ length: 5_000 }, (_, i) => line(i));
    const text = (first: string, last: string) =>
      `${TITLE}- [${first}] a\n- [${last}] b\n${before}${lines.join('')}${after}`;
    const { merged } = mergeWith({ path: STORY, base: text(' ', ' '), ours: text('x', ' '), theirs: text(' ', 'x') });
    t.ok(merged === text('x', 'x'), says);
  }
});
