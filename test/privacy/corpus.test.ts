import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PRIVACY_DEFAULTS } from '../../lib/core/privacy-settings.js';
import { libraries } from '../../lib/libraries.js';
import { scrub } from '../../lib/privacy/scrub.js';
import { repoRoot, sharedPath } from '../paths.js';

const corpus = sharedPath('corpus', 'agentic-dev');

/** Each was looked at by a person; `why` says why it is one. */
interface Reviewed {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly detector: string;
  readonly why: string;
}

t.test(
  'of the real artifacts, what is redacted was reviewed, each',
  { skip: corpus ? false : 'shared/ is not here' },
  async (t) => {
    const reviewed: Reviewed[] = JSON.parse(
      readFileSync(join(repoRoot, 'fixtures/privacy/corpus-findings.json'), 'utf8'),
    );
    const found = ['plans', 'runbooks', 'stories', 'templates'].flatMap((kind) =>
      readdirSync(join(corpus!, kind), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.md'))
        .sort()
        .flatMap((name) => {
          const path = `${kind}/${name}`;
          const { findings } = scrub(readFileSync(join(corpus!, path), 'utf8'), path, PRIVACY_DEFAULTS, libraries);
          return findings.map(({ line, column, detector }) => ({ path, line, column, detector }));
        }),
    );
    t.strictSame(
      found,
      reviewed.map(({ why: _, ...place }) => place),
      `${reviewed.length} findings, and no other`,
    );
  },
);
