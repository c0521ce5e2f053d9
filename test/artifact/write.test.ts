import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { readFacts } from '../../lib/artifact/facts.js';
import { parseMarkdown } from '../../lib/artifact/parse.js';
import { artifactPath, isArtifactPath, KINDS } from '../../lib/artifact/path.js';
import { replaceState } from '../../lib/artifact/set-state.js';
import { STATES } from '../../lib/artifact/states.js';
import { renderTemplate } from '../../lib/artifact/templates.js';
import { validateArtifact, validateChange } from '../../lib/artifact/validate.js';
import { repoRoot, sharedPath } from '../paths.js';
import { documents } from './random-documents.js';

const STORY = 'stories/INFRA/INFRA-004-sync.md';
const VALID = renderTemplate('story', { id: 'INFRA-004', title: 'Share it' });

t.test('what the templates render may be stored', async (t) => {
  for (const kind of KINDS) {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', 'B', ' ', '#', ':', '-', '\n', '`', '1', 'é', '*', '\\', '\t', '"'),
          maxLength: 20,
        }),
        fc.constantFrom(...STATES[kind]),
        fc.constantFrom('INFRA-004', 'INFRA-DRAFT-1NRK5QG4T7W2M', 'INFRA-DRAFT-0123456789012'),
        (words, state, id) => {
          const title = `T${words}`;
          const text = renderTemplate(kind, { id, title, state, story: id });
          const path = artifactPath(kind, id, title);
          assert.deepEqual(validateArtifact(path, text), []);
          assert.equal(readFacts(path, text).id, id);
          assert.equal(readFacts(path, text).state, state);
          const heading = parseMarkdown(text).children[0];
          assert.ok(heading?.type === 'heading' && heading.depth === 1, 'one heading, whatever the title');
        },
      ),
      { numRuns: 60, includeErrorInReport: true },
    );
    t.pass(`a new ${kind}, with any title and state`);
  }
  t.match(renderTemplate('plan', { id: 'A-1', title: 'x', story: 'A-1' }), '## Related Story\n\nA-1\n');
});

t.test('new content is held to the schema of its kind', async (t) => {
  const lines = VALID.split('\n');
  const without = (heading: string) => VALID.replace(`## ${heading}`, '## Something else');
  const table: [content: string, text: string, problems: string[], path?: string][] = [
    ['a complete Story', VALID, []],
    ['with frontmatter', `---\nstatus: DRAFT\n---\n${VALID}`, []],
    ['with the line ends of Windows', VALID.replaceAll('\n', '\r\n'), []],
    [
      'with the id of another',
      VALID.replace('INFRA-004', 'INFRA-005'),
      ['1 ID_MISMATCH the title says INFRA-005, the file name INFRA-004'],
    ],
    ['with an id only', VALID.replace(': Share it', ''), ['1 TITLE_MISSING the title says nothing besides the id']],
    ['without an id', VALID.replace('INFRA-004: ', ''), ['1 TITLE_WITHOUT_ID the title does not name INFRA-004']],
    [
      'under a name without id',
      VALID,
      ['1 ID_MISSING the file name does not begin with an id such as INFRA-004'],
      'stories/INFRA/x.md',
    ],
    [
      'with a state of another kind',
      VALID.replace('DRAFT', 'IMPLEMENTED'),
      [
        "5 STATE_UNKNOWN a story cannot be 'IMPLEMENTED'; its states are DRAFT, REVIEW_NEEDED, ACCEPTED, COMMITTED, DONE, ICEBOX",
      ],
    ],
    [
      'with a state in small letters',
      VALID.replace('DRAFT', 'draft'),
      [
        "5 STATE_UNKNOWN a story cannot be 'draft'; its states are DRAFT, REVIEW_NEEDED, ACCEPTED, COMMITTED, DONE, ICEBOX",
      ],
    ],
    [
      'with a choice of states',
      VALID.replace('DRAFT', 'DRAFT | DONE'),
      ["5 STATE_UNREADABLE 'DRAFT | DONE' is not a state"],
    ],
    ['without a state', VALID.replace('## State\n\nDRAFT\n\n', ''), ['1 STATE_MISSING no state is given']],
    [
      'without a section',
      without('User Story'),
      [`${lines.length - 1} SECTION_MISSING there is no section '## User Story'`],
    ],
    [
      'with that section only in code',
      without('User Story').replace('## Something', '```\n## User Story\n```\n## Something'),
      [`${lines.length + 2} SECTION_MISSING there is no section '## User Story'`],
    ],
    [
      'with nothing',
      '',
      [
        '1 TITLE_MISSING there is no title',
        '1 STATE_MISSING no state is given',
        "1 SECTION_MISSING there is no section '## Problem Statement'",
        "1 SECTION_MISSING there is no section '## User Story'",
        "1 SECTION_MISSING there is no section '## Acceptance Criteria'",
      ],
    ],
  ];
  for (const [content, text, problems, path = STORY] of table) {
    const found = validateArtifact(path, text).map(({ line, code, message }) => `${line} ${code} ${message}`);
    t.strictSame(found, problems, `${content}: ${problems.length === 0 ? 'taken' : problems[0]}`);
  }
});

t.test('an edit answers for what it brings in, not for what was there', async (t) => {
  const old = '# Share it\n\n## Problem Statement\n\nx\n';
  t.strictSame(validateChange(STORY, [old], `${old}\nmore\n`), [], 'old faults may stay');
  t.strictSame(
    validateChange(STORY, [old], old.replace('## Problem Statement', '## Problem')).map(({ message }) => message),
    ["there is no section '## Problem Statement'"],
    'a section that is taken away is missed',
  );
  t.strictSame(
    validateChange(STORY, [old], old.replace('# Share it', '# INFRA-005: Share it')).map(({ code }) => code),
    ['ID_MISMATCH'],
  );
});

t.test('setting the state changes the state and nothing else', async (t) => {
  const table: [form: string, before: string, after: string][] = [
    ['a section', '# T\n\n## State\n\nDRAFT\n\ntext\n', '# T\n\n## State\n\nDONE\n\ntext\n'],
    ['a section without a blank line', '# T\n## State\nDRAFT', '# T\n## State\nDONE'],
    [
      'an emphasised state with a remark',
      '# T\n\n## State\n\n**DRAFT** (why)\n',
      '# T\n\n## State\n\n**DONE** (why)\n',
    ],
    ['a line', '# T\n\n**Status**: DRAFT\n**Owner**: x\n', '# T\n\n**Status**: DONE\n**Owner**: x\n'],
    ['a bold line', '# T\n\n**Status: DRAFT**\n', '# T\n\n**Status: DONE**\n'],
    ['line ends of Windows', '# T\r\n\r\n## State\r\nDRAFT\r\n', '# T\r\n\r\n## State\r\nDONE\r\n'],
    ['frontmatter', '---\nstatus: DRAFT # yet\n---\n# T\n', '---\nstatus: DONE # yet\n---\n# T\n'],
    ['quoted frontmatter', "---\nstatus: 'DRAFT'\n---\n# T\n", "---\nstatus: 'DONE'\n---\n# T\n"],
    ['an empty key', '---\nstatus:\ntitle: x\n---\n# T\n', '---\nstatus: DONE\ntitle: x\n---\n# T\n'],
    ['a list', '---\nstatus: [a, b]\n---\n# T\n', '---\nstatus: DONE\n---\n# T\n'],
    ['a block of text', '---\nstatus: |\n  DRAFT\nx: 1\n---\n# T\n', '---\nstatus: DONE\nx: 1\n---\n# T\n'],
    ['a corrupt state', '# T\n\n## State\nCOMMITTED-002-002\n', '# T\n\n## State\nDONE\n'],
    ['an empty section', '# T\n\n## State\n\n## Goal\n', '# T\n\n## State\nDONE\n\n## Goal\n'],
    ['an empty section at the end', '# T\n\n## State', '# T\n\n## State\nDONE\n'],
    ['no state', '# T\n\ntext\n', '# T\n\n## State\n\nDONE\n\ntext\n'],
    ['no state and no blank line', '# T\ntext\n', '# T\n\n## State\n\nDONE\n\ntext\n'],
    ['no state, line ends of Windows', '# T\r\ntext\r\n', '# T\r\n\r\n## State\r\n\r\nDONE\r\n\r\ntext\r\n'],
    ['a title alone', '# T', '# T\n\n## State\n\nDONE\n'],
    ['no title', 'text\n', '## State\n\nDONE\n\ntext\n'],
    ['no title but frontmatter', '---\nx: 1\n---\ntext\n', '---\nx: 1\n---\n\n## State\n\nDONE\n\ntext\n'],
    ['nothing', '', '## State\n\nDONE\n'],
    [
      'only a state of a section',
      '# T\n\n## Part\nStatus: TODO\n',
      '# T\n\n## State\n\nDONE\n\n## Part\nStatus: TODO\n',
    ],
    [
      'a state in code before it',
      '# T\n\n```\nStatus: DRAFT\n```\n\nStatus: DRAFT\n',
      '# T\n\n```\nStatus: DRAFT\n```\n\nStatus: DONE\n',
    ],
  ];
  for (const [form, before, after] of table) t.equal(replaceState(STORY, before, 'DONE'), after, form);
  t.throws(() => replaceState(STORY, VALID, 'SHIPPED'), {
    code: 'ARTIFACT_INVALID',
    hint: 'The states of a story are DRAFT, REVIEW_NEEDED, ACCEPTED, COMMITTED, DONE, ICEBOX.',
  });
});

t.test('the state of any document can be set', async () => {
  fc.assert(
    fc.property(documents, (text) => {
      const changed = replaceState(STORY, text, 'DONE');
      assert.equal(readFacts(STORY, changed).state, 'DONE');
      assert.equal(replaceState(STORY, changed, 'DONE'), changed, 'setting it again changes nothing');
      const added = '## State DONE'.length + 6 * 2;
      assert.ok(changed.length - text.length <= added, 'no more is added than a section');
    }),
    { numRuns: 1000, includeErrorInReport: true },
  );
});

const roots = [join(repoRoot, 'fixtures/artifacts'), sharedPath('corpus', 'agentic-dev')];
for (const root of roots) {
  const name = root === roots[0] ? 'our artifacts' : 'real artifacts';
  t.test(`the state of all ${name} can be set`, { skip: root ? false : 'shared/corpus is not here' }, async (t) => {
    const paths = readdirSync(root!, { recursive: true, encoding: 'utf8' }).filter(isArtifactPath);
    for (const path of paths) {
      const text = readFileSync(join(root!, path), 'utf8');
      const { state, kind } = readFacts(path, text);
      const changed = replaceState(path, text, STATES[kind].at(-1)!);
      const after = readFacts(path, changed);
      if (after.state !== STATES[kind].at(-1)) t.fail(`${path} says ${after.state}`);
      const known = state !== null && STATES[kind].includes(state);
      if (known && replaceState(path, changed, state) !== text) t.fail(`${path} cannot be set back to ${state}`);
    }
    t.ok(paths.length > 10, `${paths.length} files`);
  });
}
