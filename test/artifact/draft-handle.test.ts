import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  formatTrailer,
  isHandle,
  makeHandle,
  numberRequestId,
  readTrailers,
  replaceHandles,
} from '../../lib/artifact/draft-handle.js';
import { KINDS, parseArtifactPath } from '../../lib/artifact/path.js';

const HANDLE = 'INFRA-DRAFT-1NRK5QG4T7W2M';
const OTHER = 'WEB-DRAFT-1NRK5QG4T7W2M';

t.test('handles', async (t) => {
  t.equal(makeHandle('INFRA', 0, '00000000-0000-4000-8000-000000000000'), 'INFRA-DRAFT-0000000000000');
  t.equal(makeHandle('INFRA', 32, '00000001-0000-4000-8000-000000000000'), 'INFRA-DRAFT-0000010000001');
  const seconds = fc.integer({ min: 0, max: 2 ** 34 });
  fc.assert(
    fc.property(seconds, seconds, (a, b) => {
      const [first, second] = [a, b].map((time) => makeHandle('INFRA', time, randomUUID())) as [string, string];
      assert.ok(isHandle(first));
      if (a < b) assert.ok(first < second, 'they sort by time');
    }),
  );
  const made = new Set(Array.from({ length: 1000 }, () => makeHandle('INFRA', 1_800_000_000, randomUUID())));
  // Of 1000 numbers below 2^30, two are alike once in 2,000 times; three alike are not seen in this life.
  t.ok(made.size >= 999, 'a thousand of one second are all different');
  for (const text of ['INFRA-012', `${HANDLE}0`, HANDLE.toLowerCase(), HANDLE.replace('RK', 'IK'), `x${HANDLE}`, '']) {
    t.notOk(isHandle(text), `'${text}' is none`);
  }
});

t.test('the id of the request for a number', async (t) => {
  t.match(numberRequestId('story', HANDLE), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.equal(numberRequestId('story', HANDLE), numberRequestId('story', HANDLE), 'is the same for the same draft');
  const all = KINDS.flatMap((kind) => [HANDLE, OTHER].map((handle) => numberRequestId(kind, handle)));
  t.equal(new Set(all).size, all.length, 'and another for another draft, or kind');
});

t.test('what becomes of handles in a text once their drafts have a number', async (t) => {
  const ids = new Map([
    [HANDLE, 'INFRA-012'],
    [OTHER, 'WEB-7'],
  ]);
  const low = HANDLE.toLowerCase();
  const rows: [string, string, string][] = [
    ['a heading', `# ${HANDLE}: Sync`, '# INFRA-012: Sync'],
    ['a path', `stories/INFRA/${HANDLE}-sync.md`, 'stories/INFRA/INFRA-012-sync.md'],
    ['a link with an anchor', `[x](./${HANDLE}-a.md#${low}-a)`, '[x](./INFRA-012-a.md#infra-012-a)'],
    ['emphasis', `__${HANDLE}__ *${OTHER}*`, '__INFRA-012__ *WEB-7*'],
    ['a label', `STORY-${HANDLE}:`, 'STORY-INFRA-012:'],
    ['frontmatter', `---\nstory: "${HANDLE}"\n---\n`, '---\nstory: "INFRA-012"\n---\n'],
    ['two of them side by side', `${HANDLE},${HANDLE}`, 'INFRA-012,INFRA-012'],
    ['a longer word stays', `${HANDLE}X X${HANDLE} é${HANDLE}`, `${HANDLE}X X${HANDLE} é${HANDLE}`],
    ['a draft without a number stays', 'INFRA-DRAFT-0000000000000', 'INFRA-DRAFT-0000000000000'],
    ['mixed case stays', HANDLE.replace('DRAFT', 'Draft'), HANDLE.replace('DRAFT', 'Draft')],
  ];
  for (const [sentence, before, after] of rows) {
    t.equal(
      replaceHandles(before, (handle) => ids.get(handle)),
      after,
      sentence,
    );
  }

  const piece = fc.constantFrom(HANDLE, OTHER, low, 'INFRA-012', 'INFRA', '-', ' ', '\n', '_', '/', 'X', '1', 'é', '#');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const once = replaceHandles(text, (handle) => ids.get(handle));
      assert.equal(
        replaceHandles(once, (handle) => ids.get(handle)),
        once,
        'a second time changes nothing',
      );
      assert.equal(
        replaceHandles(text, () => undefined),
        text,
      );
      const words = (line: string) => line.split(/[^\p{L}\p{N}-]+/u);
      assert.ok(!words(once).includes(HANDLE), 'no handle is left as a word');
      const kept = (line: string) => line.replace(/[A-Z0-9-]+/giu, '');
      assert.equal(kept(once), kept(text), 'all else stays');
    }),
  );
});

t.test('a path with a handle is that of a draft', async (t) => {
  t.match(parseArtifactPath(`stories/INFRA/${HANDLE}-sync.md`), { id: HANDLE, prefix: 'INFRA', number: 0 });
  t.match(parseArtifactPath('stories/INFRA/INFRA-012-draft.md'), { id: 'INFRA-012', number: 12 });
  t.match(parseArtifactPath('stories/INFRA/INFRA-DRAFT-1-x.md'), { id: '' });
});

t.test('the trailer of the commit that numbers a draft', async (t) => {
  const draft = { kind: 'story', handle: HANDLE, id: 'INFRA-012' } as const;
  const line = formatTrailer(draft);
  t.strictSame(readTrailers(`Number a draft\n\n${line}\n`), [draft], 'is read as it was written');
  const rows: [string, string][] = [
    ['a subject is no trailer', `${line}\n`],
    ['a kind that is none', `x\n\n${line.replace('story', 'note')}\n`],
    ['an id that is a handle', `x\n\n${line.replace('INFRA-012', OTHER)}\n`],
    ['a handle that is an id', `x\n\nDraft: story INFRA-011 INFRA-012\n`],
    ['more on the line', `x\n\n${line} and more\n`],
    ['an id that leads elsewhere', `x\n\n${line.replace('INFRA-012', '../../x-1')}\n`],
  ];
  for (const [sentence, message] of rows) t.strictSame(readTrailers(message), [], sentence);
});
