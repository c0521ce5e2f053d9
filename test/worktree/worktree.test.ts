import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { isSettled, isUnchanged } from '../../lib/core/racy.js';
import { openWorktree } from '../../lib/worktree/open-worktree.js';
import { reachableFolder } from '../origin/with-origin.js';

const OID_A = 'a'.repeat(40);
const OID_B = 'b'.repeat(40);

/** A worktree in a fresh folder that holds the given files. */
function makeWorktree(t: Test, files: Record<string, string> = {}) {
  // Not below the checkout: that may be closed to the user without rights that some tests become.
  const folder = mkdtempSync(join(reachableFolder(), 'agent-sync-worktree-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const root = join(folder, 'cache');
  mkdirSync(root);
  mkdirSync(join(folder, 'outside'));
  writeFileSync(join(folder, 'outside/secret.md'), 'secret');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, outside: join(root, '../outside'), worktree: openWorktree(root) };
}

/** Runs `work` as a user without rights; root may read and write everything. */
function asNobody(work: () => void): void {
  const isRoot = process.geteuid!() === 0;
  if (isRoot) process.seteuid!(65534);
  try {
    work();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

t.test('a scan finds', async (t) => {
  t.test('Markdown below plans, runbooks and stories, at any depth, and nothing else', async (t) => {
    const { worktree } = makeWorktree(t, {
      'plans/INFRA/INFRA-008-finalize.md': '1',
      'plans/top.md': '22',
      'stories/A/B/C/deep.md': '333',
      'runbooks/R.md': '4444',
      'plans/picture.png': '',
      'plans/.draft.md': '',
      'plans/.obsidian/note.md': '',
      'notes/other.md': '',
      'README.md': '',
      'agent.db': '',
      '.agent-sync-base': '',
    });
    const { files, skipped } = worktree.scan();
    t.strictSame(
      files.map(({ path, size }) => [path, size]),
      [
        ['plans/INFRA/INFRA-008-finalize.md', 1],
        ['plans/top.md', 2],
        ['runbooks/R.md', 4],
        ['stories/A/B/C/deep.md', 3],
      ],
    );
    t.strictSame(skipped, []);
    for (const file of files) t.strictSame(worktree.stat(file.path), file, 'stat agrees with the scan');
  });

  t.test('nothing where there is no folder yet', async (t) => {
    const { root } = makeWorktree(t);
    t.strictSame(openWorktree(join(root, 'absent')).scan().files, []);
  });

  t.test('every path in the byte order of UTF-8, as git sorts', async (t) => {
    const names = fc.constantFrom('a', 'a-', 'a.', 'a0', 'ä', '\u{1f600}', '\uffee', 'Z', 'b c');
    fc.assert(
      fc.property(fc.uniqueArray(fc.array(names, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), (paths) => {
        const { root, worktree } = makeWorktree(t);
        const written = new Set<string>();
        for (const path of paths) written.add(worktree.write(`plans/${path.join('/')}.md`, Buffer.from('x')).path);
        const expected = [...written].map((path) => Buffer.from(path)).sort(Buffer.compare);
        const found = openWorktree(root).scan().files;
        assert.deepEqual(
          found.map((file) => file.path),
          expected.map(String),
        );
      }),
      { numRuns: 40 },
    );
  });

  t.test('what it cannot take, and says why', async (t) => {
    const deep = `plans/${'d/'.repeat(15)}`;
    const { root, outside, worktree } = makeWorktree(t, {
      'plans/kept.md': 'kept',
      'plans/tab\t.md': '',
      'plans/back\\slash.md': '',
      [`${deep}too-deep.md`]: '',
      'stories/GIT/.git/config.md': '',
    });
    symlinkSync(join(outside, 'secret.md'), join(root, 'plans/link.md'));
    symlinkSync(outside, join(root, 'plans/folder'));
    symlinkSync(outside, join(root, 'runbooks'));
    execFileSync('mkfifo', [join(root, 'plans/pipe.md')]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/plans/`), Buffer.from([0xe9]), Buffer.from('.md')]), 'latin1');

    const { files, skipped } = worktree.scan();
    t.strictSame(
      files.map((file) => file.path),
      ['plans/kept.md'],
    );
    t.strictSame(Object.fromEntries(skipped.map(({ path, reason }) => [path, reason])), {
      'plans/back\\slash.md': 'has a name that contains a path separator',
      [`${deep}too-deep.md`]: 'is deeper than 16 folders',
      'plans/folder': 'is a symbolic link',
      'plans/link.md': 'is a symbolic link',
      'plans/pipe.md': 'is a named pipe',
      'plans/tab\t.md': 'has a name that contains a control character',
      'plans/\ufffd.md': 'has a name that is not UTF-8',
      runbooks: 'is a symbolic link',
    });
  });

  t.test('an error, not an absence, where a folder may not be read', async (t) => {
    const { root, worktree } = makeWorktree(t, { 'plans/INFRA/a.md': 'a' });
    chmodSync(join(root, 'plans/INFRA'), 0o000);
    asNobody(() =>
      t.throws(() => worktree.scan(), {
        code: 'FILE_UNREADABLE',
        message: "cannot read 'plans/INFRA': permission denied",
      }),
    );
    chmodSync(join(root, 'plans/INFRA'), 0o755);
  });
});

t.test('reading', async (t) => {
  t.test('answers the bytes that were written, whatever they are', async (t) => {
    const { worktree } = makeWorktree(t);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
        const written = worktree.write('plans/INFRA/any.md', bytes);
        assert.deepEqual(Buffer.from(worktree.read('plans/INFRA/any.md')), Buffer.from(bytes));
        assert.deepEqual(worktree.stat('plans/INFRA/any.md'), written, 'the stat that write answered holds');
      }),
      { numRuns: 50 },
    );
  });

  t.test('refuses a file over the limit before it reads it: this one would not fit into memory', async (t) => {
    const { root, worktree } = makeWorktree(t, { 'plans/huge.md': '', 'plans/limit.md': '', 'plans/over.md': '' });
    truncateSync(join(root, 'plans/huge.md'), 100e9);
    truncateSync(join(root, 'plans/limit.md'), 2 * 1024 * 1024);
    truncateSync(join(root, 'plans/over.md'), 2 * 1024 * 1024 + 1);
    t.throws(() => worktree.read('plans/huge.md'), {
      code: 'FILE_TOO_LARGE',
      message: "'plans/huge.md' has 100000000000 bytes; the limit is 2097152",
    });
    t.throws(() => worktree.read('plans/over.md'), { code: 'FILE_TOO_LARGE' });
    t.equal(worktree.read('plans/limit.md').length, 2 * 1024 * 1024);
  });

  t.test('says what is there when it is no regular file', async (t) => {
    const { root, outside, worktree } = makeWorktree(t, { 'plans/folder.md/a.md': '' });
    symlinkSync(join(outside, 'secret.md'), join(root, 'plans/link.md'));
    execFileSync('mkfifo', [join(root, 'plans/pipe.md')]);
    for (const [path, kind] of [
      ['plans/folder.md', 'is a folder'],
      ['plans/link.md', 'is a symbolic link'],
      ['plans/pipe.md', 'is a named pipe'],
    ] as const) {
      const error = { code: 'FILE_UNREADABLE', message: `cannot read '${path}': it ${kind}` };
      t.throws(() => worktree.read(path), error);
      if (kind === 'is a folder') t.equal(worktree.stat(path), undefined, 'a folder is no file');
      else t.throws(() => worktree.stat(path), error);
    }
  });

  t.test('tells a file that is missing from one that is forbidden', async (t) => {
    const { root, worktree } = makeWorktree(t, { 'plans/mine.md': 'mine' });
    t.throws(() => worktree.read('plans/none.md'), { code: 'FILE_NOT_FOUND' });
    t.throws(() => worktree.read('stories/X/none.md'), { code: 'FILE_NOT_FOUND' });
    t.equal(worktree.stat('stories/X/none.md'), undefined);
    chmodSync(join(root, 'plans/mine.md'), 0o000);
    asNobody(() =>
      t.throws(() => worktree.read('plans/mine.md'), {
        code: 'FILE_UNREADABLE',
        message: "cannot read 'plans/mine.md': permission denied",
      }),
    );
  });
});

t.test('writing', async (t) => {
  t.test(
    'ends with an error where no folder can be made',
    { skip: existsSync('/proc/self') ? false : 'no /proc' },
    async (t) => {
      const worktree = openWorktree('/proc/agent-sync/cache');
      t.throws(() => worktree.write('plans/a.md', Buffer.from('')), { code: 'FILE_UNWRITABLE' });
    },
  );

  t.test('makes the folders it needs, even the root, and leaves nothing else behind', async (t) => {
    const { root } = makeWorktree(t);
    const worktree = openWorktree(join(root, 'new/cache'));
    worktree.write('stories/INFRA/INFRA-004.md', Buffer.from('text'));
    t.strictSame(readdirSync(join(root, 'new/cache'), { recursive: true }).sort(), [
      'stories',
      'stories/INFRA',
      'stories/INFRA/INFRA-004.md',
    ]);
  });

  t.test('keeps the permissions of a file that exists; a new one is readable by all', async (t) => {
    const umask = process.umask(0o022);
    t.teardown(() => process.umask(umask));
    const { root, worktree } = makeWorktree(t, { 'plans/private.md': 'old' });
    chmodSync(join(root, 'plans/private.md'), 0o600);
    const mode = (path: string) => (lstatSync(join(root, path)).mode & 0o777).toString(8);
    worktree.write('plans/private.md', Buffer.from('new'));
    worktree.write('plans/new.md', Buffer.from('new'));
    t.equal(mode('plans/private.md'), '600');
    t.equal(mode('plans/new.md'), '644');
  });

  t.test('never lands on what is not an artifact file', async (t) => {
    const { root, worktree } = makeWorktree(t, { 'agent.db': 'database', 'plans/a.md': 'a' });
    const before = readdirSync(root, { recursive: true }).sort();
    for (const path of [
      'agent.db',
      '.agent-sync-base',
      'README.md',
      'plans',
      'plans/',
      'plans/picture.png',
      'plans/.hidden.md',
      'plans/.hidden/a.md',
      'plans/.git/hooks.md',
      'plans/.GIT/hooks.md',
      'notes/a.md',
      '../outside/secret.md',
      'plans/../../outside/secret.md',
      'plans/./a.md',
      'plans//a.md',
      '/etc/motd.md',
      'plans\\a.md',
      'plans/a\u0000.md',
      'plans/a\n.md',
      `plans/${'n'.repeat(256)}.md`,
      `plans/${'d/'.repeat(15)}a.md`,
      '',
    ]) {
      t.throws(() => worktree.write(path, Buffer.from('evil')), { code: 'PATH_UNSAFE' }, JSON.stringify(path));
      t.throws(() => worktree.remove(path), { code: 'PATH_UNSAFE' });
      t.throws(() => worktree.read(path), { code: 'PATH_UNSAFE' });
    }
    t.strictSame(readdirSync(root, { recursive: true }).sort(), before);
    t.equal(readFileSync(join(root, 'agent.db'), 'utf8'), 'database');
  });

  t.test('never goes through a folder that is a link, nor replaces a link', async (t) => {
    const { root, outside, worktree } = makeWorktree(t, { 'plans/a.md': 'a' });
    mkdirSync(join(outside, 'INFRA'));
    writeFileSync(join(outside, 'INFRA/secret.md'), 'secret');
    symlinkSync(outside, join(root, 'stories'));
    symlinkSync(join(outside, 'INFRA'), join(root, 'plans/INFRA'));
    symlinkSync(join(outside, 'secret.md'), join(root, 'plans/link.md'));
    for (const path of [
      'stories/secret.md',
      'stories/INFRA/secret.md',
      'plans/INFRA/secret.md',
      'plans/INFRA/new.md',
    ]) {
      const refused = { code: 'PATH_OUTSIDE_CACHE', message: /is a symbolic link/ };
      t.throws(() => worktree.write(path, Buffer.from('evil')), refused, path);
      t.throws(() => worktree.read(path), refused);
      t.throws(() => worktree.stat(path), refused);
      t.throws(() => worktree.remove(path), refused);
    }
    t.throws(() => worktree.write('plans/link.md', Buffer.from('evil')), {
      code: 'FILE_UNWRITABLE',
      message: "cannot write 'plans/link.md': it is a symbolic link",
    });
    t.throws(() => worktree.remove('plans/link.md'), { code: 'FILE_UNWRITABLE' });
    t.equal(readlinkSync(join(root, 'plans/link.md')), join(outside, 'secret.md'));
    t.strictSame(readdirSync(outside, { recursive: true }).sort(), ['INFRA', 'INFRA/secret.md', 'secret.md']);
    t.equal(readFileSync(join(outside, 'INFRA/secret.md'), 'utf8'), 'secret');
    t.equal(readFileSync(join(outside, 'secret.md'), 'utf8'), 'secret');
  });

  t.test('says why it cannot, and leaves the old file', async (t) => {
    const { root, worktree } = makeWorktree(t, { 'plans/a.md': 'old', stories: 'a file', 'plans/folder.md/b.md': 'b' });
    const write = (path: string) => () => worktree.write(path, Buffer.from('new'));
    asNobody(() => {
      const denied = { code: 'FILE_UNWRITABLE', message: /^cannot write 'plans\/.*': permission denied$/ };
      t.throws(write('plans/a.md'), denied);
      t.throws(write('plans/new/b.md'), denied);
      t.throws(() => worktree.remove('plans/a.md'), {
        code: 'FILE_UNWRITABLE',
        message: "cannot remove 'plans/a.md': permission denied",
      });
    });
    t.throws(write('stories/a.md'), {
      code: 'FILE_UNWRITABLE',
      message: "'stories' should be a folder, but is a file",
    });
    t.throws(write('plans/folder.md'), {
      code: 'FILE_UNWRITABLE',
      message: "cannot write 'plans/folder.md': it is a folder",
    });
    t.equal(readFileSync(join(root, 'plans/a.md'), 'utf8'), 'old');
    t.strictSame(readdirSync(join(root, 'plans')).sort(), ['a.md', 'folder.md'], 'no temporary file is left');
  });

  const SIZE = 16_384;
  const isWhole = (text: string) => text.length === SIZE && text === text[0]!.repeat(SIZE);
  /** Starts a process that overwrites the files of a worktree; `onReport` hears of each tenth write. */
  const overwriteForever = (root: string, onReport: (reports: number, child: ChildProcess) => void) => {
    const script = fileURLToPath(new URL('overwrite-forever.js', import.meta.url));
    const child = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] });
    let reports = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      reports += chunk.length;
      onReport(reports, child);
    });
    return once(child, 'close');
  };

  t.test('leaves each of 1,000 files old or new in whole when the process is killed', async (t) => {
    const paths = Array.from({ length: 1000 }, (_, i) => `plans/P${i % 7}/${i}.md`);
    const { root, worktree } = makeWorktree(t, Object.fromEntries(paths.map((path) => [path, 'o'.repeat(SIZE)])));
    for (const enough of [2, 10, 25, 40]) {
      const [, signal] = await overwriteForever(root, (reports, child) => reports >= enough && child.kill('SIGKILL'));
      t.equal(signal, 'SIGKILL');
      const texts = paths.map((path) => readFileSync(join(root, path), 'latin1'));
      t.ok(texts.every(isWhole), 'no file is torn');
      t.ok(texts.filter((text) => text[0] === 'a').length >= enough * 10, 'what was reported is there');
      t.equal(worktree.scan().files.length, 1000, 'a temporary file is no artifact');
    }
  });

  t.test('never shows half a file to who reads it meanwhile', async (t) => {
    const { root } = makeWorktree(t, { 'plans/a.md': 'o'.repeat(SIZE) });
    let torn = 0;
    await overwriteForever(root, (reports, child) => {
      for (let i = 0; i < 100; i++) if (!isWhole(readFileSync(join(root, 'plans/a.md'), 'latin1'))) torn++;
      if (reports >= 20) child.kill('SIGKILL');
    });
    t.equal(torn, 0);
  });

  t.test('what a killed process left behind is swept once it is surely dead', async (t) => {
    const stale = 'plans/INFRA/.agent-sync-00000000-0000-4000-8000-000000000000.tmp';
    const staleBase = '.agent-sync-11111111-0000-4000-8000-000000000000.tmp';
    const fresh = 'plans/INFRA/.agent-sync-22222222-0000-4000-8000-000000000000.tmp';
    const notOurs = 'plans/INFRA/.agent-sync-notes.tmp';
    const { root, worktree } = makeWorktree(t, { [stale]: 'x', [staleBase]: 'x', [fresh]: 'x', [notOurs]: 'x' });
    for (const path of [stale, staleBase, notOurs]) utimesSync(join(root, path), 1e9, Date.now() / 1000 - 3600);
    worktree.scan();
    t.strictSame(
      [stale, staleBase, fresh, notOurs].map((path) => existsSync(join(root, path))),
      [false, false, true, true],
    );
  });
});

t.test('removing takes the folders it empties, but not the kind’s, and may be repeated', async (t) => {
  const { root, worktree } = makeWorktree(t, {
    'plans/A/B/last.md': '',
    'plans/A/kept.md': '',
    'stories/S/only.md': '',
  });
  worktree.remove('plans/A/B/last.md');
  worktree.remove('stories/S/only.md');
  worktree.remove('stories/S/only.md');
  t.strictSame(readdirSync(root, { recursive: true }).sort(), ['plans', 'plans/A', 'plans/A/kept.md', 'stories']);
});

t.test('the export base', async (t) => {
  t.test('is two lines that git can keep', async (t) => {
    const { root, worktree } = makeWorktree(t);
    t.equal(worktree.readBase(), null);
    worktree.writeBase({ commit: OID_A, tree: OID_B });
    t.equal(readFileSync(join(root, '.agent-sync-base'), 'utf8'), `commit ${OID_A}\ntree ${OID_B}\n`);
    t.strictSame(worktree.readBase(), { commit: OID_A, tree: OID_B });
    worktree.writeBase(null);
    worktree.writeBase(null);
    t.equal(worktree.readBase(), null);
    t.strictSame(readdirSync(root), []);
  });

  t.test('is read with the line ends of Windows', async (t) => {
    const { worktree } = makeWorktree(t, { '.agent-sync-base': `commit ${OID_A}\r\ntree ${OID_B}\r\n` });
    t.strictSame(worktree.readBase(), { commit: OID_A, tree: OID_B });
  });

  const markers = `<<<<<<< HEAD\ncommit ${OID_A}\n=======\ncommit ${OID_B}\n>>>>>>> other\ntree ${OID_B}\n`;
  for (const [what, text, message] of [
    ['empty', '', /is not two lines/],
    ['cut short', `commit ${OID_A}\n`, /is not two lines/],
    ['with an id that is none', `commit ${OID_A}\ntree main\n`, /is not two lines/],
    ['with more than it should have', `commit ${OID_A}\ntree ${OID_B}\ntree ${OID_B}\n`, /is not two lines/],
    ['not merged', markers, /conflict markers/],
  ] as const) {
    t.test(`is refused when it is ${what}, with a way out`, async (t) => {
      const { worktree } = makeWorktree(t, { '.agent-sync-base': text });
      t.throws(() => worktree.readBase(), { code: 'BASE_INVALID', message, hint: /./ });
    });
  }
});

t.test('a path as the user types it', async (t) => {
  const { root, outside, worktree } = makeWorktree(t, { 'plans/INFRA/a.md': 'a' });
  const project = dirname(root);
  symlinkSync(root, join(outside, 'way-in'));
  symlinkSync(join(root, 'plans/INFRA/a.md'), join(outside, 'today.md'));
  symlinkSync(outside, join(root, 'plans/way-out'));
  symlinkSync(join(outside, 'secret.md'), join(root, 'plans/secret.md'));

  for (const [typed, cwd, answer] of [
    ['cache/plans/INFRA/a.md', project, 'plans/INFRA/a.md'],
    ['a.md', join(root, 'plans/INFRA'), 'plans/INFRA/a.md'],
    ['../OPS/new.md', join(root, 'plans/INFRA'), 'plans/OPS/new.md'],
    [join(root, 'plans'), '/', 'plans'],
    ['.', root, ''],
    ['..plans.md', root, '..plans.md'],
    ['way-in/plans/INFRA/a.md', outside, 'plans/INFRA/a.md'],
    ['way-in/plans/none/new.md', outside, 'plans/none/new.md'],
    ['today.md', outside, 'plans/INFRA/a.md'],
  ] as const) {
    t.equal(worktree.resolvePath(typed, cwd), answer, `${typed} is '${answer}'`);
  }
  for (const [typed, cwd] of [
    ['..', root],
    ['../cache-2/plans/a.md', root],
    ['/etc/passwd', root],
    ['plans/../../outside/secret.md', root],
    ['plans/way-out/secret.md', root],
    ['plans/way-out/new.md', root],
    ['plans/secret.md', root],
  ] as const) {
    t.throws(() => worktree.resolvePath(typed, cwd), { code: 'PATH_OUTSIDE_CACHE' }, `${typed} is outside`);
  }
});

t.test('the stat cache', async (t) => {
  const stat = { size: 5, mtimeNs: 1_700_000_000_123_000_000n, ctimeNs: 7n, ino: 9n };
  const cached = { ...stat, oid: OID_A };

  t.test('takes a file for unchanged only if size, both times and inode are the same', async (t) => {
    t.ok(isUnchanged(cached, stat));
    for (const change of [{ size: 6 }, { mtimeNs: 8n }, { ctimeNs: 8n }, { ino: 8n }]) {
      t.notOk(isUnchanged(cached, { ...stat, ...change }));
    }
  });

  t.test('takes no file in that changed a moment before it was read', async (t) => {
    const after = (file: typeof stat, ms: number) => isSettled(file, file.mtimeNs + BigInt(ms) * 1_000_000n);
    t.notOk(after(stat, -1000), 'from the future');
    t.notOk(after(stat, 0));
    t.notOk(after(stat, 10), 'a tick of the kernel');
    t.ok(after(stat, 20));
    const wholeSecond = { ...stat, mtimeNs: 1_700_000_000_000_000_000n };
    t.notOk(after(wholeSecond, 1999), 'a file system that counts in pairs of seconds');
    t.ok(after(wholeSecond, 2000));
  });

  t.test('sees an edit of the same size even when its mtime was put back', async (t) => {
    const { root, worktree } = makeWorktree(t, { 'plans/a.md': 'aaaa' });
    const path = join(root, 'plans/a.md');
    utimesSync(path, 1e9, 1e9);
    const { startedAt, files } = worktree.scan();
    t.ok(isSettled(files[0]!, startedAt));
    t.ok(isUnchanged({ ...files[0]!, oid: OID_A }, worktree.stat('plans/a.md')!));
    writeFileSync(path, 'bbbb');
    utimesSync(path, 1e9, 1e9);
    t.notOk(isUnchanged({ ...files[0]!, oid: OID_A }, worktree.stat('plans/a.md')!));
  });
});
