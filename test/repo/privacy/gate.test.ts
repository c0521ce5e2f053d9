import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PRIVACY_DEFAULTS } from '../../../lib/core/privacy-settings.js';
import {
  checkExport,
  editArtifact,
  exportMarkdown,
  importArtifacts,
  newDraft,
  pull,
  push,
  type Repository,
  resolveConflict,
  type SyncError,
  status,
  undo,
} from '../../../lib/index.js';
import { libraries } from '../../../lib/libraries.js';
import { currentActor } from '../../../lib/repo/actor.js';
import { takeEdited } from '../../../lib/repo/conflicts/edit-conflict.js';
import { headCommit, treeOf } from '../../../lib/repo/history/head.js';
import { writeCommit } from '../../../lib/repo/history/move-head.js';
import { Gate } from '../../../lib/repo/privacy/gate.js';
import { runHere } from '../../cli/command-line.js';
import { type Developer, storyText } from '../../e2e/developer.js';
import { OTHER, pair, STORY } from '../../e2e/pair.js';
import { repoRoot } from '../../paths.js';
import { everything } from './everything.js';

/** Nobody's, but nothing tells it from somebody's. */
const MAIL = 'jane.doe@acme-works.com';
const BLOCK = 'privacy:\n  detectors: { email: block }\n';

/** Ben is in the middle of a pull that conflicts in the line 'One.' of both Stories. */
async function stopped(t: Parameters<typeof pair>[0]): Promise<Developer> {
  const { ada, ben } = await pair(t);
  for (const [who, word] of [
    [ada, 'Adas'],
    [ben, 'Bens'],
  ] as const) {
    for (const path of [STORY, OTHER]) who.edit(path, 'One.', word);
    await who.run(importArtifacts);
  }
  await ada.run(push);
  await ben.run(pull);
  return ben;
}

t.test('whatever way it comes in, what is scrubbed is nowhere in the store:', async (t) => {
  const ways: [way: string, comeIn: (who: Developer) => Promise<unknown>][] = [
    [
      'in a file that is imported',
      (who) => {
        who.edit(STORY, 'Two.', MAIL);
        return who.run(importArtifacts);
      },
    ],
    [
      'in a document from elsewhere',
      (who) => {
        const bytes = Buffer.from(storyText('SYNC-003', 'Three', [MAIL]));
        return who.run((repo) => importArtifacts(repo, { document: { path: 'stories/SYNC/SYNC-003-x.md', bytes } }));
      },
    ],
    ['in an edit', (who) => who.run((repo) => editArtifact(repo, STORY, Buffer.from(storyText('SYNC-001', MAIL))))],
    ['in the title of a draft', (who) => who.run((repo) => newDraft(repo, { kind: 'plan', title: `Ask ${MAIL}` }))],
    [
      'on the command line',
      async (who) => {
        const argv = ['new-plan', `Ask ${MAIL}`, '--draft'];
        t.match(await runHere(argv, { cwd: who.root, env: who.env }), { code: 0 });
      },
    ],
    [
      'in the message of a commit',
      (who) =>
        who.run(async (repo) => {
          const head = headCommit(repo.store)!;
          const actor = await currentActor(repo);
          writeCommit(repo, { tree: treeOf(repo.store, head)!, parents: [head], message: `Ask ${MAIL}`, actor });
        }),
    ],
    [
      'in work that an undo finds on disk',
      async (who) => {
        who.edit(STORY, 'Two.', 'Second.');
        await who.run(importArtifacts);
        who.edit(OTHER, 'Two.', MAIL);
        return who.run((repo) => undo(repo));
      },
    ],
    [
      'in work that numbering drafts finds on disk',
      async (who) => {
        const { path } = await who.run((repo) => newDraft(repo, { kind: 'plan', title: 'Three' }));
        who.write(path, `${who.read(path)}\n${MAIL}\n`);
        return who.run(push);
      },
    ],
  ];
  const { ben: writer } = await pair(t);
  for (const [way, comeIn] of ways) {
    await comeIn(writer);
    t.notMatch(await writer.run(everything), /acme-works/, way);
  }
  const answers: [way: string, answer: (repo: Repository) => unknown][] = [
    ['in a resolution', (repo) => resolveConflict(repo, STORY, { bytes: Buffer.from(storyText('SYNC-001', MAIL)) })],
    [
      'in an answer to a hunk',
      (repo) => resolveConflict(repo, STORY, { hunks: new Map([[1, { text: `${MAIL}\n` }]]) }),
    ],
    ['in what an editor made', (repo) => takeEdited(repo, STORY, Buffer.from(storyText('SYNC-001', MAIL)))],
  ];
  const settler = await stopped(t);
  for (const [way, answer] of answers) {
    await settler.run(answer);
    t.notMatch(await settler.run(everything), /acme-works/, way);
    t.match(settler.read(STORY), 'REDACTED-EMAIL', `${way}, which was taken`);
  }
  settler.write(OTHER, storyText('SYNC-002', MAIL));
  await settler.run((repo) => resolveConflict(repo, OTHER, 'disk'));
  t.notMatch(await settler.run(everything), /acme-works/, 'in a file edited to settle a conflict');
});

t.test('an answer to a hunk may hold what its file may', async (t) => {
  const settler = await stopped(t);
  settler.configure(`privacy:\n  allow: { paths: [${STORY}] }\n`);
  const hunks = new Map([[1, { text: `${MAIL}\n` }]]);
  for (const path of [STORY, OTHER]) await settler.run((repo) => resolveConflict(repo, path, { hunks }));
  t.match(settler.read(STORY), MAIL);
  t.match(settler.read(OTHER), 'REDACTED-EMAIL', 'and no other');
});

t.test('the disk keeps what a person wrote', async (t) => {
  const { ada, ben } = await pair(t);
  ben.edit(STORY, 'Two.', MAIL);
  const imported = await ben.run(importArtifacts);
  t.match(imported.warnings, [
    { path: STORY, line: 10, column: 1, code: 'privacy-email', message: /redacted .* the file on disk still has it/ },
  ]);
  t.notMatch(JSON.stringify(imported), 'acme-works', 'and the report does not repeat it');
  t.match(ben.read(STORY), MAIL, 'after the import');
  t.match(await ben.run(status), { disk: { length: 0 } }, 'and there is nothing to import');
  t.strictSame(await ben.run((repo) => checkExport(repo)), [], 'nor to export');
  t.match(await ben.run(importArtifacts), { status: 'unchanged' });
  await ben.run((repo) => exportMarkdown(repo));
  t.match(ben.read(STORY), MAIL, 'after an export');
  await ben.run(push);
  await ada.run(pull);
  t.match(ada.read(STORY), 'REDACTED-EMAIL', 'others get it redacted');
  ada.edit(STORY, 'Five.', 'Fifth.');
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run(pull);
  t.match(ben.read(STORY), /REDACTED-EMAIL(.|\n)*Fifth/, 'until somebody changes the file');
});

t.test('what is blocked is refused, by place and never by value', async (t) => {
  const { ben } = await pair(t);
  ben.configure(BLOCK);
  const head = await ben.run((repo) => repo.store.refs.get('HEAD'));
  ben.edit(STORY, 'Two.', `Ask ${MAIL}`);
  const ways: [way: string, comeIn: (repo: Repository) => Promise<unknown>, place: string][] = [
    ['an import', importArtifacts, `${STORY}:10:5: e-mail address (email)`],
    ['an edit', (repo) => editArtifact(repo, OTHER, Buffer.from(storyText('SYNC-002', 'Two', [MAIL]))), `${OTHER}:9:1`],
    ['a title', (repo) => newDraft(repo, { kind: 'plan', title: MAIL }), 'text:1:1: e-mail address (email)'],
  ];
  for (const [way, comeIn, place] of ways) {
    const error: SyncError = await ben.run(comeIn).then(
      () => t.fail(`${way} went through`),
      (thrown) => thrown,
    );
    t.match(error, { code: 'CONTENT_BLOCKED', message: place }, way);
    t.notMatch(error.message + error.hint, 'acme-works', `${way} does not repeat it`);
  }
  t.equal(await ben.run((repo) => repo.store.refs.get('HEAD')), head, 'nothing was committed');
  t.match(await ben.run(status), { disk: [{ path: STORY, change: 'modified' }] }, 'status can still be asked');
  const settler = await stopped(t);
  settler.configure(BLOCK);
  settler.write(STORY, storyText('SYNC-001', MAIL));
  const settle = settler.run((repo) => resolveConflict(repo, STORY, 'disk'));
  await t.rejects(settle, { code: 'CONTENT_BLOCKED' }, 'nor does a file on disk settle a conflict');
  ben.edit(STORY, 'Ask', '<!-- agent-sync: allow email -->\nAsk');
  t.match(await ben.run(importArtifacts), { status: 'imported' }, 'a comment lets it in');
});

t.test('the name of a file may not say it either', async (t) => {
  const { ben } = await pair(t);
  const name = 'stories/SYNC/SYNC-009-mail jane.doe@acme-works.com now.md';
  ben.write(name, storyText('SYNC-009', 'Nine'));
  const error = await ben.run(importArtifacts).catch((thrown) => thrown);
  t.match(error, { code: 'CONTENT_BLOCKED', message: "in 'stories/SYNC/'" });
  t.notMatch(String(error), 'acme-works');
});

t.test('when sync.yaml says otherwise, all files are looked at again', async (t) => {
  const { ben } = await pair(t);
  ben.configure('privacy:\n  allow: { domains: [acme-works.com] }\n');
  ben.edit(STORY, 'Two.', MAIL);
  await ben.run(importArtifacts);
  t.match(await ben.run(status), { disk: { length: 0 } });
  ben.configure('  country: DE\n');
  t.match(await ben.run(status), { disk: { length: 0 } }, 'which may come to the same');
  const yaml = join(ben.root, '.agent/etc/sync.yaml');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('acme-works.com', 'other.com'));
  t.match(await ben.run(status), { disk: [{ path: STORY }] }, 'or not');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('country: DE', 'country: Germany'));
  await t.rejects(
    ben.run(importArtifacts),
    { code: 'CONFIG_INVALID' },
    'what cannot be read scrubs nothing, and lets nothing in',
  );
});

t.test('a log of commands keeps no value of any kind', async (t) => {
  const rows: { text: string }[] = JSON.parse(
    readFileSync(join(repoRoot, 'fixtures/privacy/true-values.json'), 'utf8').replaceAll('·', ''),
  );
  const detectors = { ...PRIVACY_DEFAULTS.detectors, ip: 'redact' } as const;
  const gate = new Gate(() => ({ ...PRIVACY_DEFAULTS, detectors }), libraries);
  // Alone, for what stands around a value may be what has a line looked at.
  const values = rows.flatMap(({ text }) => [...text.matchAll(/⟦(.*?)⟧/gs)].map(([, value]) => value!));
  const isFound = (value: string) => gate.look('', Buffer.from(value)).length > 0;
  const kept = values.filter((value) => isFound(value) && gate.redactForLog(value) === value);
  t.ok(values.filter(isFound).length > 150);
  t.strictSame(kept, []);
});
