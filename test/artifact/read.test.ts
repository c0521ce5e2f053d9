import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findDuplicateIds, readFacts } from '../../lib/artifact/facts.js';
import { parseArtifact } from '../../lib/artifact/parse.js';
import { artifactPath, isArtifactPath, parseArtifactId, parseArtifactPath, slugify } from '../../lib/artifact/path.js';
import { repoRoot, sharedPath } from '../paths.js';

const STORY = 'stories/INFRA/INFRA-004-sync.md';

/** The Markdown files below a folder, by path. */
function markdownIn(root: string): Map<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isArtifactPath).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

t.test('a path tells kind and id', async (t) => {
  const table: [path: string, kind: string | undefined, id?: string][] = [
    ['stories/INFRA/INFRA-004-sync.md', 'story', 'INFRA-004'],
    ['plans/INFRA/INFRA-018.md', 'plan', 'INFRA-018'],
    ['runbooks/WEB/WEB-002-runbook.md', 'runbook', 'WEB-002'],
    ['stories/A1-7.md', 'story', 'A1-7'],
    ['stories/MISC/128-personas.md', 'story', ''],
    ['stories/INFRA/INFRA-12b.md', 'story', ''],
    ['stories/INFRA/infra-004.md', 'story', ''],
    ['stories/INFRA/INFRA-004.txt', undefined],
    ['journeys/INFRA/JRN-001.md', undefined],
    ['stories.md', undefined],
    ['stories/.hidden/INFRA-004.md', undefined],
    ['stories//INFRA-004.md', undefined],
    ['agent.db', undefined],
  ];
  for (const [path, kind, id] of table) {
    const name = parseArtifactPath(path);
    t.equal(name?.kind, kind, `${path} is ${kind ?? 'no artifact'}`);
    if (kind) t.equal(name?.id, id, `${path} has ${id ? `the id ${id}` : 'no id'}`);
  }
  t.strictSame(parseArtifactId('INFRA-004'), { id: 'INFRA-004', prefix: 'INFRA', number: 4 });
  for (const text of ['', 'INFRA', 'INFRA-', 'infra-1', 'INFRA-004-x', '4', ' INFRA-4']) {
    t.equal(parseArtifactId(text), undefined, `'${text}' is no id`);
  }
  t.throws(() => readFacts('journeys/JRN-001.md', ''), { code: 'PATH_OUTSIDE_CACHE' });
});

t.test('a new artifact is named after its id and title', async (t) => {
  t.equal(artifactPath('story', 'INFRA-004', 'Sync: now!'), 'stories/INFRA/INFRA-004-sync-now.md');
  t.equal(artifactPath('plan', 'WEB-12', 'Café — «déjà vu»'), 'plans/WEB/WEB-12-cafe-deja-vu.md');
  t.equal(artifactPath('runbook', 'INFRA-004', 'Sync'), 'runbooks/INFRA/INFRA-004-runbook.md');
  t.equal(artifactPath('story', 'INFRA-004', '同期'), 'stories/INFRA/INFRA-004.md', 'a title without Latin letters');
  t.equal(slugify('../../etc/passwd'), 'etc-passwd', 'no title leads out of the folder');
  t.equal(slugify(`${'long '.repeat(40)}`), Array(16).fill('long').join('-'), 'a long title is cut at a word');
  t.equal(slugify('x'.repeat(300)).length, 80, 'a long word is cut');
});

t.test('the state is found however it is written', async (t) => {
  const table: [form: string, text: string, state: string | null, line: number | null][] = [
    ['a heading, a blank line, the state', '# INFRA-004: T\n\n## State\n\nCOMMITTED\n', 'COMMITTED', 5],
    ['a heading and the state', '# INFRA-004: T\n## State\nCOMMITTED', 'COMMITTED', 3],
    ['a heading Status', '# INFRA-004: T\n\n## Status\nACCEPTED\n', 'ACCEPTED', 4],
    ['a heading with a colon', '# INFRA-004: T\n\n## Status:\nACCEPTED\n', 'ACCEPTED', 4],
    ['an underlined heading', 'INFRA-004: T\n===\n\nState\n-----\n\nDONE\n', 'DONE', 7],
    ['a line Status: X', '# INFRA-004: T\n\nStatus: ACCEPTED\n\n## Goal\n', 'ACCEPTED', 3],
    ['a line State: X among others', '# INFRA-004: T\n\nOwner: x\nState: DRAFT\nDate: y\n', 'DRAFT', 4],
    ['**Status**: X', '# INFRA-004: T\n\n**Status**: ACCEPTED\n**Owner**: x\n', 'ACCEPTED', 3],
    ['**Status: X**', '# INFRA-004: T\n\n**Status: TODO**\n', 'TODO', 3],
    ['**Status:** X', '# INFRA-004: T\n\n**Status:** TODO\n', 'TODO', 3],
    ['frontmatter status', '---\nstatus: DRAFT\n---\n# INFRA-004: T\n', 'DRAFT', 2],
    ['frontmatter state, quoted, with a comment', '---\nx: 1\nstate: "DRAFT" # yet\n---\n# INFRA-004: T\n', 'DRAFT', 3],
    ['line ends of Windows', '# INFRA-004: T\r\n\r\n## State\r\n\r\nCOMMITTED\r\n', 'COMMITTED', 5],
    ['a byte order mark', '\ufeff# INFRA-004: T\n\n## State\nCOMMITTED\n', 'COMMITTED', 4],
    ['an underscore', '# INFRA-004: T\n\n## State\n\nREVIEW_NEEDED\n', 'REVIEW_NEEDED', 5],
    ['several words', '# INFRA-004: T\n\n## State\n\nIn Progress\n', 'In Progress', 5],
    ['bold', '# INFRA-004: T\n\n## State\n\n**DONE**\n', 'DONE', 5],
    ['code', '# INFRA-004: T\n\n## State\n\n`DONE`\n', 'DONE', 5],
    ['an item', '# INFRA-004: T\n\n## State\n\n- DONE\n', 'DONE', 5],
    ['an emoji before it', '# INFRA-004: T\n\n## State\n\n✅ DONE\n', 'DONE', 5],
    ['a remark in brackets', '# INFRA-004: T\n\n## State\nCOMMITTED (pending validation)\n', 'COMMITTED', 4],
    ['a remark after a dash', '# INFRA-004: T\n\n## State\nICEBOX — for later\n', 'ICEBOX', 4],
    ['a comment', '# INFRA-004: T\n\n## State\nDRAFT <!-- or not -->\n', 'DRAFT', 4],
    ['a reason on the next line', '# INFRA-004: T\n\n## State\n\nICEBOX \n*(Reason: x)*\n', 'ICEBOX', 5],
    ['another section before it', '# INFRA-004: T\n\n## Parent Plan\nINFRA-001\n\n## State\nDONE\n', 'DONE', 7],
    ['a title of the second level', '## STORY-ID: INFRA-004: T\n\n## State\n\nDONE\n', 'DONE', 5],
    ['no title', '## State\n\nDONE\n', 'DONE', 3],
    ['digits in it', '# INFRA-004: T\n\n## State\nCOMMITTED-002-002\n', null, 4],
    ['a choice', '# INFRA-004: T\n\n## State\nDRAFT | DONE\n', null, 4],
    ['prose', '# INFRA-004: T\n\n## State\nWe are not quite there\n', null, 4],
    ['nothing below the heading', '# INFRA-004: T\n\n## State\n\n## Goal\nDONE\n', null, 3],
    ['nothing at all', '# INFRA-004: T\n\nText\n', null, null],
    ['an empty file', '', null, null],
    ['a list in the frontmatter', '---\nstatus: [a, b]\n---\n# INFRA-004: T\n', null, 2],
    ['only code', '# INFRA-004: T\n\n```\n## State\nDONE\nStatus: DONE\n```\n', null, null],
    ['only longer code', '# INFRA-004: T\n\n~~~~\n~~~\n## State\nDONE\n', null, null],
    ['only code in a list', '# INFRA-004: T\n\n1. x\n\n   ```\n   Status: DONE\n   ```\n', null, null],
    ['only a comment', '# INFRA-004: T\n\n<!--\n## State\nDONE\n-->\n', null, null],
    ['only prose deep in the text', '# INFRA-004: T\n\n## Tests\nStatus: see below\n', null, null],
    ['a section, for itself', '# INFRA-004: T\n\n## Children\n\n### A\n**Status: TODO**\n', 'TODO', 6],
    ['a section before its own', '# INFRA-004: T\n\n## Children\nStatus: TODO\n\n## State\nDONE\n', 'DONE', 7],
  ];
  for (const [form, text, state, line] of table) {
    const facts = readFacts(STORY, text);
    t.equal(facts.state, state, `${form}: ${state ?? 'no state'}`);
    t.equal(facts.stateLine, line, `${form}: line ${line}`);
    const warned = facts.warnings.some(({ code }) => code.startsWith('STATE'));
    t.equal(warned, state === null || form === 'a section, for itself', `${form}: ${warned ? 'a' : 'no'} warning`);
  }
});

t.test('the title is what the heading says besides id and kind', async (t) => {
  const table: [heading: string, title: string, warning?: string][] = [
    ['# INFRA-004: Share it', 'Share it'],
    ['# INFRA-004 Share it', 'Share it'],
    ['# INFRA-004 - Share it', 'Share it'],
    ['# STORY-INFRA-004: Share it', 'Share it'],
    ['# STORY-ID: INFRA-004: Share it', 'Share it'],
    ['# Runbook: Share it (INFRA-004)', 'Share it (INFRA-004)'],
    ['# INFRA-004: Share `it` ##', 'Share `it`'],
    ['INFRA-004: Share it\n===', 'Share it'],
    ['---\ntitle: Share it\n---\n# INFRA-004: Another', 'Share it'],
    ['# Plan: INFRA-004', 'Plan: INFRA-004'],
    ['# INFRA-005: Share it', 'Share it', 'ID_MISMATCH'],
    ['# Share it', 'Share it', 'TITLE_WITHOUT_ID'],
    ['# UTF-8 in names', 'UTF-8 in names', 'TITLE_WITHOUT_ID'],
    ['# 3 ways to share', '3 ways to share', 'TITLE_WITHOUT_ID'],
    ['### Too deep', '', 'TITLE_MISSING'],
    ['', '', 'TITLE_MISSING'],
  ];
  for (const [heading, title, warning] of table) {
    const facts = readFacts(STORY, `${heading}\n\n## State\nDONE\n`);
    t.equal(facts.title, title, heading);
    t.strictSame(
      facts.warnings.map(({ code }) => code),
      warning ? [warning] : [],
      `${heading}: ${warning ?? 'no warning'}`,
    );
  }
});

t.test('warnings name line and reason', async (t) => {
  const warnings = (path: string, text: string) =>
    readFacts(path, text).warnings.map(({ line, code, message }) => `${line} ${code} ${message}`);
  t.strictSame(warnings(STORY, '\n# INFRA-005: T\n\n## State\nDONE-1\n'), [
    '2 ID_MISMATCH the title says INFRA-005, the file name INFRA-004',
    "5 STATE_UNREADABLE 'DONE-1' is not a state",
  ]);
  t.strictSame(warnings('stories/MISC/128-x.md', '# 128: T\n\nStatus: DONE\n'), [
    '1 ID_MISSING the file name does not begin with an id such as INFRA-004',
  ]);
  t.strictSame(warnings(STORY, '---\nstatus: DONE\n---\n# INFRA-004: T\n\nStatus: DRAFT\n'), [
    "6 STATE_AMBIGUOUS the text says 'DRAFT', the frontmatter DONE",
  ]);
  t.match(warnings(STORY, '---\na: 1\nb: [\n---\n# INFRA-004: T\n\nStatus: DRAFT\n'), [/^[34] FRONTMATTER_INVALID /]);
  t.match(warnings(STORY, `---\nx: ${'['.repeat(100_000)}\n---\n# INFRA-004: T\n\nStatus: DRAFT\n`), [/longer than/]);
});

t.test('two artifacts of one kind cannot share an id', async (t) => {
  const row = (path: string) => ({ path, ...parseArtifactPath(path)! });
  const rows = ['stories/A/A-1-y.md', 'stories/A/A-1-x.md', 'plans/A/A-1.md', 'stories/A/A-2.md', 'stories/1.md'];
  t.strictSame(
    findDuplicateIds([...rows, 'stories/2.md'].map(row)).map((group) => group.map(({ path }) => path)),
    [['stories/A/A-1-x.md', 'stories/A/A-1-y.md']],
  );
});

t.test('our own artifacts are read as they were meant', async (t) => {
  const state = (path: string, text: string) => readFacts(path, text).state;
  const fixtures = [...markdownIn(join(repoRoot, 'fixtures/artifacts'))].map(([path, text]) => [
    path.replace(/-[a-z-]+\.md$/, ''),
    state(path, text),
  ]);
  t.strictSame(Object.fromEntries(fixtures), {
    'plans/MERGE/MERGE-001': 'APPROVED',
    'plans/ORIGIN/ORIGIN-001': null,
    'plans/STORE/STORE-001': 'COMMITTED',
    'runbooks/ORIGIN/ORIGIN-001': 'PROPOSED',
    'runbooks/STORE/STORE-001': 'ACCEPTED',
    'stories/MERGE/MERGE-001': 'REVIEW_NEEDED',
    'stories/MERGE/MERGE-002': 'DRAFT',
    'stories/ORIGIN/ORIGIN-001': 'ACCEPTED',
    'stories/ORIGIN/ORIGIN-002': 'DRAFT',
    'stories/ORIGIN/ORIGIN-003': 'DRAFT',
    'stories/STORE/STORE-001': 'COMMITTED',
    'stories/STORE/STORE-002': 'ACCEPTED',
  });
  for (const [path, text] of markdownIn(join(repoRoot, '.agent/cache'))) {
    t.strictSame(readFacts(path, text).warnings, [], `${path} is without fault`);
  }
});

const corpus = sharedPath('corpus', 'agentic-dev');
t.test('340 real artifacts', { skip: corpus ? false : 'shared/corpus is not here' }, async (t) => {
  const rows = [...markdownIn(corpus!)].map(([path, text]) => ({ path, ...readFacts(path, text) }));
  const warned = (...codes: string[]) =>
    rows.filter(({ warnings }) => warnings.some(({ code }) => codes.includes(code))).map(({ path }) => path);
  const count = <T>(values: readonly T[]) =>
    Object.fromEntries(values.map((v) => [v, values.filter((w) => w === v).length]));

  t.equal(rows.length, 340);
  t.strictSame(
    count(rows.map(({ state }) => String(state))),
    {
      null: 10,
      COMMITTED: 247,
      ACCEPTED: 58,
      PROPOSED: 7,
      ICEBOX: 5,
      APPROVED: 4,
      REVIEW_NEEDED: 4,
      DECOMPOSED: 1,
      DONE: 1,
      IMPLEMENTED: 1,
      OPEN: 1,
      TODO: 1,
    },
    'each state is read in full',
  );
  t.strictSame(
    warned('STATE_MISSING'),
    [
      'plans/INFRA/INFRA-098-unify-agent-interface-layer.md',
      'plans/INFRA/INFRA-099-structural-decomposition.md',
      'plans/INFRA/INFRA-108-plan.md',
      'plans/INFRA/INFRA-147-plan.md',
      'plans/INFRA/INFRA-164-chunked-runbook-generation-pipeline.md',
      'plans/INFRA/INFRA-170-plan.md',
      'plans/INFRA/INFRA-999-plan.md',
    ],
    'seven have no state',
  );
  t.strictSame(warned('STATE_IN_SECTION'), ['plans/INFRA/INFRA-181-plan.md'], 'one gives only its parts a state');
  t.strictSame(
    warned('STATE_UNREADABLE'),
    [
      'stories/INFRA/INFRA-002-workflow-token-optimization.md',
      'stories/INFRA/INFRA-003-configurable-output-formats-for-agent-cli.md',
      'stories/INFRA/INFRA-021-implement-agent-refactor.md',
    ],
    'three have a corrupt one',
  );
  t.equal(warned('ID_MISMATCH').length, 6, 'the heading of six has the id of another artifact');
  t.equal(warned('TITLE_WITHOUT_ID').length, 7, 'that of seven has none');
  t.equal(warned('TITLE_MISSING').length, 4, 'four have no title');
  t.strictSame(warned('ID_MISSING'), ['stories/MISC/128-implement-project-manager-persona-layer.md']);
  t.strictSame(
    findDuplicateIds(rows).map((group) => [group[0]!.kind, group[0]!.id, group.length]),
    [
      ['story', 'INFRA-040', 2],
      ['story', 'INFRA-123', 2],
    ],
    'two ids are borne by two files each',
  );
});

t.test('the full reading gives sections, checklists and links', async (t) => {
  const text = [
    '---',
    'status: DRAFT',
    '---',
    '# INFRA-004: Share it',
    '',
    '## Acceptance Criteria',
    '',
    '- [ ] **Push**: see INFRA-005 and SHA-256',
    '- [x] Pull',
    '  - [X] inner, as in `INFRA-009`',
    '- no box',
    '',
    '### More',
    '',
    '```',
    '- [ ] code, ADR-009',
    '```',
    '',
    '## Linked ADRs',
    '- ADR-001: One',
    '- WEB-002, [two](../plans/WEB/WEB-003.md) and INFRA-004 itself',
    '',
    '## Notes',
    'WEB-004, JRN-022 and https://example.com/x',
    '',
  ].join('\n');
  const { state, sections, checklist, links } = parseArtifact(STORY, text);
  t.equal(state, 'DRAFT');
  t.strictSame(
    sections.map(({ level, heading, line, lastLine }) => `${level} ${heading} ${line}-${lastLine}`),
    [
      '1 INFRA-004: Share it 4-24',
      '2 Acceptance Criteria 6-18',
      '3 More 13-18',
      '2 Linked ADRs 19-22',
      '2 Notes 23-24',
    ],
  );
  t.strictSame(
    checklist.map((item) => `${item.line} ${item.checked} ${item.text} (${item.section})`),
    [
      '8 false **Push**: see INFRA-005 and SHA-256 (Acceptance Criteria)',
      '9 true Pull (Acceptance Criteria)',
      '10 true inner, as in `INFRA-009` (Acceptance Criteria)',
    ],
  );
  t.strictSame(
    links.map(({ line, form, target, section }) => `${line} ${form} ${target} (${section})`),
    [
      '8 id INFRA-005 (Acceptance Criteria)',
      '20 id ADR-001 (Linked ADRs)',
      '21 id WEB-002 (Linked ADRs)',
      '21 address ../plans/WEB/WEB-003.md (Linked ADRs)',
      '24 id WEB-004 (Notes)',
      '24 id JRN-022 (Notes)',
      '24 address https://example.com/x (Notes)',
    ],
    'code, SHA-256 and the document itself are no links',
  );
});
