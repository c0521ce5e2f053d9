/** Run by bombs.test.ts in a process of its own, which a bomb may take down or keep busy: reads each in every way there is. */
import { replaceHandles } from '../../../lib/artifact/draft-handle.js';
import { readFacts } from '../../../lib/artifact/facts.js';
import { readDocument } from '../../../lib/artifact/merge/document.js';
import { parseArtifact } from '../../../lib/artifact/parse.js';
import { slugify } from '../../../lib/artifact/path.js';
import { replaceState } from '../../../lib/artifact/set-state.js';
import { validateArtifact } from '../../../lib/artifact/validate.js';
import { findConfigProblems } from '../../../lib/config/config-problems.js';
import { SyncError } from '../../../lib/core/errors.js';
import { mergeWith } from '../merge/merge-with.js';
import { bombs } from './bombs.js';

const PATH = 'stories/SYNC/SYNC-001-bomb.md';
/** What takes the square of this does not come to an end. */
const LARGE = 300_000;
/** For what does more than read. */
const MERGED = 15_000;
/** For a parser of all Markdown, which is spared more than that in one paragraph. */
const SMALL = 1_500;

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  facts: (text) => readFacts(PATH, text),
  problems: (text) => validateArtifact(PATH, text),
  state: (text) => replaceState(PATH, text, 'DONE'),
  handles: (text) => replaceHandles(text, () => 'SYNC-9'),
  slug: (text) => slugify(text),
  configuration: (text) => findConfigProblems(text),
  parts: (text) => readDocument(text),
};

const MERGES: typeof READERS = {
  'merge of an edit': (text) =>
    mergeWith({ path: PATH, base: text, ours: `${text}\nours\n`, theirs: `theirs\n${text}` }),
  'merge of two': (text) =>
    mergeWith({ path: PATH, base: '# SYNC-001: T\n', ours: text, theirs: `${text.slice(1000)}${text.slice(0, 1000)}` }),
};

function verdict(read: (text: string) => unknown, text: string): string {
  try {
    read(text);
    return 'read';
  } catch (error) {
    return error instanceof SyncError ? error.code : `no code: ${error}`;
  }
}

const isSpared = (text: string) => parseArtifact(PATH, text).warnings.some(({ code }) => code === 'MARKUP_TOO_DENSE');
const [large, merged, small] = [bombs(LARGE), bombs(MERGED), bombs(SMALL)];

for (const what of Object.keys(large)) {
  const verdicts = [
    ...Object.entries(READERS).map(([name, read]) => [name, verdict(read, large[what]!)]),
    ...Object.entries(MERGES).map(([name, read]) => [name, verdict(read, merged[what]!)]),
  ];
  const spared = { large: isSpared(large[what]!), small: isSpared(small[what]!) };
  process.stdout.write(`${JSON.stringify({ what, verdicts: Object.fromEntries(verdicts), spared })}\n`);
}
