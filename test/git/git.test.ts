import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { actorEmail, encodeCommit } from '../../lib/core/object/commit.js';
import type { Oid } from '../../lib/core/object/oid.js';
import type { Actor, GitObject } from '../../lib/core/ports.js';
import { exportGitRepository } from '../../lib/git/export-repository.js';
import { gitIdentity, parseIdentity, resolveIdentity } from '../../lib/git/identity.js';
import { encodePackIndex } from '../../lib/git/pack.js';
import { gitProvenance } from '../../lib/git/provenance.js';
import { planGitignore } from '../../lib/worktree/gitignore.js';
import { type Files, MemoryObjects } from '../core/memory-objects.js';

/** A person's home with projects in it, and the real git to ask. */
function makeHome(t: Test, files: Record<string, string> = {}) {
  const home = t.testdir({ projects: {} });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const env: Record<string, string> = { HOME: home, PATH: process.env.PATH!, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  const at = (path: string) => {
    mkdirSync(join(home, path), { recursive: true });
    return join(home, path);
  };
  const run = (cwd: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: at(cwd), env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const git = (cwd: string, ...args: string[]) => {
    const { status, stdout, stderr } = run(cwd, ...args);
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  return { home, env, at, write, run, git };
}
type Home = ReturnType<typeof makeHome>;

const user = (name: string, email: string) => `[user]\n\tname = ${name}\n\temail = ${email}\n`;
const COMMIT_AS = ['-c', 'user.name=x', '-c', 'user.email=x@y', 'commit', '-q', '--allow-empty', '-m'] as const;

t.test('whoever git would name as author, when', async (t) => {
  /** What git itself answers; told not to make anything up, which would forbid it $EMAIL too. */
  const ask = ({ run, env }: Home, cwd: string) => {
    const { status, stdout } = run(cwd, '-c', `user.useConfigOnly=${!env.EMAIL}`, 'var', 'GIT_AUTHOR_IDENT');
    const [, name, email] = /^(.*) <(.*)> \d+ [+-]\d{4}\n$/.exec(stdout) ?? [];
    return status === 0 ? { name, email } : undefined;
  };
  const rows: [when: string, files: Record<string, string>, setUp: (home: Home) => string | undefined][] = [
    ['~/.gitconfig names one', { '.gitconfig': user('Ada', 'ada@home') }, () => 'projects'],
    ['~/.config/git/config names one', { '.config/git/config': user('Ada', 'ada@xdg') }, () => 'projects'],
    [
      'both do',
      { '.gitconfig': user('Ada', 'ada@home'), '.config/git/config': user('Bob', 'bob@xdg') },
      () => 'projects',
    ],
    [
      '$XDG_CONFIG_HOME is elsewhere',
      { 'xdg/git/config': user('Ada', 'ada@xdg'), '.config/git/config': user('Bob', 'bob@default') },
      ({ env, home }) => {
        env.XDG_CONFIG_HOME = join(home, 'xdg');
        return 'projects';
      },
    ],
    [
      '$GIT_CONFIG_GLOBAL takes the place of both',
      { other: user('Ada', 'ada@other'), '.gitconfig': user('Bob', 'bob@home') },
      ({ env, home }) => {
        env.GIT_CONFIG_GLOBAL = join(home, 'other');
        return 'projects';
      },
    ],
    [
      'the repository has its own e-mail',
      { '.gitconfig': user('Ada', 'ada@home') },
      ({ git }) => {
        git('projects/p', 'init', '-q');
        git('projects/p', 'config', 'user.email', 'ada@work');
        return 'projects/p/deep/below';
      },
    ],
    [
      'it is a linked worktree, whose configuration is the main one’s',
      {},
      ({ git, at }) => {
        git('projects/p', 'init', '-q');
        git('projects/p', ...COMMIT_AS, 'one');
        git('projects/p', 'config', 'user.name', 'Ada');
        git('projects/p', 'config', 'user.email', 'ada@main');
        git('projects/p', 'worktree', 'add', '-q', join(at('projects'), 'linked'));
        return 'projects/linked';
      },
    ],
    [
      'its .git is a file',
      {},
      ({ git, at }) => {
        git('projects/p', 'init', '-q', '--separate-git-dir', join(at('projects'), 'elsewhere'));
        git('projects/p', 'config', 'user.name', 'Ada');
        git('projects/p', 'config', 'user.email', 'ada@separate');
        return 'projects/p';
      },
    ],
    [
      'the environment names one',
      { '.gitconfig': user('Bob', 'bob@home') },
      ({ env }) => {
        Object.assign(env, { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@env' });
        return 'projects';
      },
    ],
    [
      'the environment has half',
      { '.gitconfig': user('Ada', 'ada@home') },
      ({ env }) => {
        env.GIT_AUTHOR_EMAIL = 'ada@env';
        return 'projects';
      },
    ],
    [
      'author.* is set beside user.*',
      { '.gitconfig': `${user('Bob', 'bob@home')}[author]\nname = Ada` },
      () => 'projects',
    ],
    [
      '$EMAIL has to do',
      { '.gitconfig': '[user]\nname = Ada' },
      ({ env }) => {
        env.EMAIL = 'ada@env';
        return 'projects';
      },
    ],
    ['nobody is named', {}, () => 'projects'],
    ['there is a name without e-mail', { '.gitconfig': '[user]\nname = Ada' }, () => 'projects'],
    ['the name is nothing but punctuation', { '.gitconfig': user('"..."', 'ada@home') }, () => 'projects'],
    [
      'values are quoted, commented, escaped and not English',
      { '.gitconfig': '[USER] # me\n\tName = "Ädä \\"the # first\\" Ł" ; yes\n  eMail=ada@home   # no\n' },
      () => 'projects',
    ],
    ['there are brackets and dots around it', { '.gitconfig': user('" <Ada> Jr. "', '<ada@home>') }, () => 'projects'],
    [
      'the last of several counts',
      { '.gitconfig': user('Bob', 'bob@home') + user('Ada', 'ada@home') },
      () => 'projects',
    ],
    [
      'another file is included, and counts where it is included',
      {
        '.gitconfig': `${user('Bob', 'bob@home')}[include]\npath = ~/mine\npath = below/rel\n[user]\nemail = last@home\n`,
        mine: '[user]\nname = Ada\nemail = ada@mine\n',
        'below/rel': '[include]\npath = further\n',
        'below/further': '[user]\nname = Ada the Third\n',
      },
      () => 'projects',
    ],
    [
      'an included file is missing or includes itself',
      { '.gitconfig': `[include]\npath = none\npath = loop\n${user('Ada', 'a@b')}`, loop: '[user]\nname = Eve\n' },
      () => 'projects',
    ],
  ];
  for (const [when, files, setUp] of rows) {
    t.test(when, async (t) => {
      const home = makeHome(t, files);
      const cwd = setUp(home)!;
      t.strictSame(await gitIdentity({ cwd: home.at(cwd), env: home.env }), ask(home, cwd));
    });
  }

  for (const [condition, repository] of [
    ['gitdir:~/work/', 'work/p'],
    ['gitdir:~/work/', 'work/client/p'],
    ['gitdir:~/work/', 'private/p'],
    ['gitdir:~/work/', 'workshop/p'],
    ['gitdir:work/', 'deep/work/p'],
    ['gitdir:work', 'deep/work/p'],
    ['gitdir:p/.git', 'work/p'],
    ['gitdir:~/WORK/', 'work/p'],
    ['gitdir/i:~/WORK/', 'work/p'],
    ['gitdir:./work/', 'work/p'],
    ['gitdir:~/*/client/**', 'work/client/p'],
    ['gitdir:~/w?rk/*', 'work/p'],
    ['gitdir:~/w.rk/', 'work/p'],
    ['gitdir:~/link/', 'work/p'],
    ['gitdir:~/link/', 'link/p'],
    ['gitdir:~/work/', 'link/p'],
    ['onbranch:none-such', 'work/p'],
  ] as const) {
    t.test(`[includeIf "${condition}"] in ~/${repository}`, async (t) => {
      const home = makeHome(t, {
        '.gitconfig': `${user('Ada', 'ada@home')}[includeIf "${condition}"]\n\tpath = work.inc\n`,
        'work.inc': '[user]\n\temail = ada@work\n',
      });
      symlinkSync(home.at('work'), join(home.home, 'link'));
      home.git(repository, 'init', '-q', '-b', 'main');
      t.strictSame(await gitIdentity({ cwd: home.at(repository), env: home.env }), ask(home, repository));
    });
  }
});

t.test('SUPABASE_USER', async (t) => {
  for (const [text, name, email] of [
    ['Ada Lovelace <ada@example.org>', 'Ada Lovelace', 'ada@example.org'],
    [' Ada  <ada@example.org> ', 'Ada', 'ada@example.org'],
    ['Ada Lovelace', 'Ada Lovelace', ''],
    ['ada@example.org', 'ada', 'ada@example.org'],
    ['<ada@example.org>', 'ada', 'ada@example.org'],
    ['Łukasz <l@example.org>', 'Łukasz', 'l@example.org'],
  ] as const) {
    t.strictSame(parseIdentity(text), { name, email }, `'${text}' is ${name} <${email}>`);
  }
  for (const text of ['', '  ', '<>', ' < > ', '\n']) t.equal(parseIdentity(text), undefined, JSON.stringify(text));

  const home = makeHome(t, { '.gitconfig': user('Bob', 'bob@home') });
  const cwd = home.at('projects');
  const { env } = home;
  t.strictSame(
    await resolveIdentity({ cwd, env: { ...env, SUPABASE_USER: 'Ada' } }),
    { name: 'Ada', email: '' },
    'wins',
  );
  t.strictSame(await resolveIdentity({ cwd, env: { ...env, SUPABASE_USER: '' } }), { name: 'Bob', email: 'bob@home' });
  await t.rejects(resolveIdentity({ cwd, env: { HOME: cwd } }), { code: 'IDENTITY_MISSING', hint: /user\.name/ });
});

t.test('the provenance of an import, as git tells it', async (t) => {
  const home = makeHome(t);
  const { git, run, at } = home;
  const ask = (cwd: string) => ({
    root: git(cwd, 'rev-parse', '--show-toplevel').trim(),
    head: run(cwd, 'rev-parse', '--verify', '-q', 'HEAD').stdout.trim() || undefined,
    branch: run(cwd, 'symbolic-ref', '-q', '--short', 'HEAD').stdout.trim() || undefined,
  });
  const agrees = async (cwd: string, what: string) => t.strictSame(await gitProvenance(at(cwd)), ask(cwd), what);

  git('projects/p', 'init', '-q', '-b', 'main');
  await agrees('projects/p', 'without commits');
  git('projects/p', ...COMMIT_AS, 'one');
  await agrees('projects/p/some/folder', 'in a folder below');
  git('projects/p', 'checkout', '-q', '-b', 'feature/with-slash');
  git('projects/p', ...COMMIT_AS, 'two');
  await agrees('projects/p', 'on a branch with a slash');
  git('projects/p', 'pack-refs', '--all');
  await agrees('projects/p', 'with packed refs');
  git('projects/p', 'worktree', 'add', '-q', '-b', 'linked', '../linked', 'main');
  git('projects/linked', ...COMMIT_AS, 'three');
  await agrees('projects/linked', 'in a linked worktree');
  git('projects/p', 'checkout', '-q', '--detach', 'main');
  await agrees('projects/p', 'with a detached HEAD');
  t.equal(await gitProvenance('/'), undefined, 'and nothing outside of a repository');
});

/** A store in memory that also lists what it has. */
class Objects extends MemoryObjects {
  readonly oids: Oid[] = [];

  override write(object: GitObject): Oid {
    const oid = super.write(object);
    this.oids.push(oid);
    return oid;
  }

  commit(files: Files, message: string, parents: Oid[] = [], actor = 'a-1'): Oid {
    const signature = { actor, time: 1_700_000_000 + this.oids.length, offset: -330 };
    return this.write({
      type: 'commit',
      body: encodeCommit({ tree: this.tree(files), parents, author: signature, committer: signature, message }),
    });
  }
}

const ADA: Actor = { id: 'a-1', name: 'Ada Lovelace', email: 'ada@example.org' };
const EVE: Actor = { id: 'e-1', name: '# Eve <>\n', email: '' };

t.test('a store exported as a git repository', async (t) => {
  const FILES: Files = {
    'plans/INFRA/INFRA-008-finalize.md': '# INFRA-008\n',
    'plans/a.md': 'file beside folder a\n',
    'plans/a/b.md': 'b\n',
    'stories/Ünï ćödé "quoted" \u{1f600}.md': 'text\n',
    'stories/no-newline.md': 'no newline',
    'stories/crlf.md': 'one\r\ntwo\r\n',
    'stories/binary.md': Uint8Array.from([0, 255, 13, 10]),
    'run.sh': ['100755', '#!/bin/sh\n'],
    ...Object.fromEntries([0, 15, 16, 2047, 2048, 40_000, 2_097_152].map((n) => [`sizes/${n}.md`, 'x'.repeat(n)])),
  };
  const setUp = (t: Test) => {
    const home = makeHome(t);
    const objects = new Objects();
    const directory = join(home.home, 'out/export');
    const save = (commit: Oid | undefined, actors = [ADA, EVE]) =>
      exportGitRepository({
        directory,
        objects,
        oids: objects.oids,
        refs: new Map(
          commit
            ? [
                ['refs/heads/main', commit],
                ['refs/remotes/origin/main', commit],
              ]
            : [],
        ),
        head: 'refs/heads/main',
        actors,
      });
    const git = (...args: string[]) => home.git('out/export', ...args);
    const isClean = (t: Test, what: string) => {
      t.strictSame(
        home.run('out/export', 'fsck', '--strict', '--full', '--no-dangling'),
        { status: 0, stdout: '', stderr: '' },
        `fsck: ${what}`,
      );
      t.equal(git('status', '--porcelain', '--ignored'), '', `status: ${what}`);
    };
    return { ...home, directory, objects, save, git, isClean };
  };

  t.test('is one that git finds nothing wrong with', async (t) => {
    const { objects, save, git, isClean, directory } = setUp(t);
    const commit = objects.commit(FILES, 'first\n\nWith a body.\n');
    t.strictSame(await save(commit), {
      created: true,
      objects: new Set(objects.oids).size,
      refs: ['refs/heads/main', 'refs/remotes/origin/main'],
    });
    isClean(t, 'first export');
    for (const oid of new Set(objects.oids)) {
      const { type, body } = objects.read(oid);
      t.equal(git('cat-file', '-t', oid), `${type}\n`);
      t.equal(git('cat-file', '-s', oid), `${body.length}\n`, `${type} ${oid}`);
    }
    t.equal(git('rev-parse', 'HEAD', 'main', 'origin/main'), `${commit}\n`.repeat(3));
    for (const [path, file] of Object.entries(FILES)) {
      const wanted = Buffer.from((Array.isArray(file) ? file[1] : file) as string);
      t.ok(readFileSync(join(directory, path)).equals(wanted), `${path} is checked out`);
    }
  });

  t.test('shows names, which its commits do not hold', async (t) => {
    const { objects, save, git } = setUp(t);
    const first = objects.commit(FILES, 'first\n');
    const second = objects.commit({ ...FILES, 'plans/a.md': 'changed\n' }, 'second\n', [first], 'e-1');
    const third = objects.commit(FILES, 'third\n', [second], 'unknown-1');
    await save(third);
    const format = ['--format=%aN <%aE>|%cN|%an <%ae>|%s'];
    t.strictSame(
      git('log', ...format)
        .trim()
        .split('\n'),
      [
        `unknown-1 <${actorEmail('unknown-1')}>|unknown-1|unknown-1 <${actorEmail('unknown-1')}>|third`,
        `Eve <${actorEmail('e-1')}>|Eve|e-1 <${actorEmail('e-1')}>|second`,
        `Ada Lovelace <ada@example.org>|Ada Lovelace|a-1 <${actorEmail('a-1')}>|first`,
      ],
    );
    t.match(git('log', '-1', 'HEAD~2'), 'Author: Ada Lovelace <ada@example.org>\n', 'in the plain log');
    t.match(git('show', '-s', 'HEAD~2'), 'Author: Ada Lovelace <ada@example.org>\n');
    t.match(git('blame', 'plans/a/b.md'), /\(Ada Lovelace 2023-11-/);
    t.equal(git('diff', '--stat', '--format=', 'HEAD~2', 'HEAD~1').split('\n')[0], ' plans/a.md | 2 +-');
    await save(third, []);
    t.match(git('log', '-1', 'HEAD~2'), `Author: a-1 <${actorEmail('a-1')}>\n`, 'and forgets them with the table');
  });

  t.test('is brought up to date by the next export', async (t) => {
    const { objects, save, git, isClean, directory } = setUp(t);
    const first = objects.commit(FILES, 'first\n');
    await save(first);
    const { 'plans/a/b.md': _, 'run.sh': __, ...rest } = FILES;
    const second = objects.commit({ ...rest, 'plans/a.md': 'changed\n', 'plans/new/c.md': 'new\n' }, 'second\n', [
      first,
    ]);
    const added = await save(second);
    t.equal(added.created, false);
    t.ok(added.objects < 10, `only what is new is added (${added.objects} objects)`);
    isClean(t, 'second export');
    t.strictSame(git('log', '--format=%s').trim().split('\n'), ['second', 'first']);
    t.equal(
      git('diff', '--name-status', '--no-renames', 'HEAD~1'),
      'M\tplans/a.md\nD\tplans/a/b.md\nA\tplans/new/c.md\nD\trun.sh\n',
    );
    t.notOk(existsSync(join(directory, 'run.sh')), 'what is gone is gone from disk');

    t.strictSame(await save(second), { created: false, objects: 0, refs: [] }, 'the same again changes nothing');
    git('gc', '-q');
    t.equal((await save(second)).objects, 0, 'nor does it after git gc');
    isClean(t, 'after gc');
  });

  t.test('of a store without commits, then of an empty tree', async (t) => {
    const { objects, save, git, run, isClean } = setUp(t);
    t.strictSame(await save(undefined), { created: true, objects: 0, refs: [] });
    t.equal(git('symbolic-ref', 'HEAD'), 'refs/heads/main\n');
    t.equal(run('out/export', 'fsck', '--strict').status, 0);
    await save(objects.commit({}, 'nothing yet\n'));
    isClean(t, 'empty tree');
  });

  t.test('never lands on something else', async (t) => {
    const { objects, save, write, git, home } = setUp(t);
    write('out/export/notes.txt', 'mine');
    const commit = objects.commit(FILES, 'first\n');
    await t.rejects(save(commit), { code: 'LOCAL_CHANGES', message: /not empty and not an export/ }, 'a folder in use');
    git('init', '-q');
    await t.rejects(save(commit), { code: 'LOCAL_CHANGES' }, 'a git repository of another origin');
    t.strictSame(readdirSync(join(home, 'out/export')).sort(), ['.git', 'notes.txt']);
    t.equal(git('count-objects').split(' ')[0], '0');
  });

  t.test('never holds a file whose name leads elsewhere', async (t) => {
    const { objects, save, directory } = setUp(t);
    for (const path of ['plans/..', 'plans/.GIT/hooks/post-checkout', '.git/config', 'plans/a\\b', 'C:/a\nb']) {
      await t.rejects(save(objects.commit({ [path]: 'hostile' }, 'first\n')), { code: 'PATH_UNSAFE' }, path);
    }
    t.notOk(existsSync(directory), 'and nothing is written');
  });

  t.test('never takes away what someone did in it', async (t) => {
    const { objects, save, write, git, directory } = setUp(t);
    const first = objects.commit(FILES, 'first\n');
    const second = objects.commit({ ...FILES, 'plans/a.md': 'changed\n' }, 'second\n', [first]);
    await save(first);
    write('out/export/plans/a.md', 'mine');
    await t.rejects(save(second), { code: 'LOCAL_CHANGES', message: /plans\/a\.md/ }, 'an edited file');
    t.equal(readFileSync(join(directory, 'plans/a.md'), 'utf8'), 'mine');
    t.equal(git('rev-parse', 'main'), `${first}\n`, 'the branch did not move');
    git(...COMMIT_AS, 'mine', '-a');
    const mine = git('rev-parse', 'main');
    await t.rejects(save(second), { code: 'LOCAL_CHANGES', message: /refs\/heads\/main/ }, 'a commit');
    t.equal(git('rev-parse', 'main'), mine);
    git('branch', 'keep');
    git('reset', '-q', '--hard', first);
    await save(second);
    t.equal(git('rev-parse', 'keep'), mine, 'and once it is on a branch of another name, both live on');
  });

  t.test('writes nothing through a symbolic link that a tree once held', async (t) => {
    const { objects, save, git, isClean, at } = setUp(t);
    const outside = at('outside');
    const link: Files = { 'plans/out': ['120000', outside], 'plans/a.md': 'a' };
    const first = objects.commit(link, 'a link\n');
    await save(first);
    isClean(t, 'with a link');
    const second = objects.commit({ 'plans/out/evil.md': 'evil', 'plans/a.md': 'a' }, 'now a folder\n', [first]);
    await t.rejects(save(second), { code: 'FILE_UNWRITABLE', hint: /new folder/ });
    t.strictSame(readdirSync(outside), []);
    t.equal(git('rev-parse', 'main'), `${first}\n`, 'the branch did not move');
  });
});

t.test('a pack’s index reaches beyond two and four gigabytes, as git reads it', async (t) => {
  const oid = (digit: string) => digit.repeat(40);
  const objects = [
    { oid: oid('f'), offset: 12, crc: 1 },
    { oid: oid('0'), offset: 0x7fffffff, crc: 0xfffffffe },
    { oid: oid('8'), offset: 0x80000000, crc: 3 },
    { oid: oid('1'), offset: 0x1_2345_6789, crc: 4 },
  ];
  const index = encodePackIndex(objects, Buffer.alloc(20));
  const { stdout } = spawnSync('git', ['show-index'], { input: index, encoding: 'utf8' });
  t.strictSame(stdout.trim().split('\n'), [
    `2147483647 ${oid('0')} (fffffffe)`,
    `4886718345 ${oid('1')} (00000004)`,
    `2147483648 ${oid('8')} (00000003)`,
    `12 ${oid('f')} (00000001)`,
  ]);
});

t.test('the .gitignore', async (t) => {
  const entries = ['.agent/cache/agent.db*'];
  for (const [what, before, after] of [
    ['is made when there is none', undefined, '.agent/cache/agent.db*\n'],
    ['is filled when it is empty', '', '.agent/cache/agent.db*\n'],
    ['is added to', 'node_modules\n', 'node_modules\n.agent/cache/agent.db*\n'],
    ['gets the line end that it lacked', 'node_modules', 'node_modules\n.agent/cache/agent.db*\n'],
    ['keeps the line ends of Windows', 'dist\r\n', 'dist\r\n.agent/cache/agent.db*\r\n'],
    ['stays when it has the entry', 'a\n.agent/cache/agent.db*\nb\n', undefined],
    ['stays when it has the entry from the root', '/.agent/cache/agent.db*', undefined],
    ['is not fooled by a comment', '# .agent/cache/agent.db*\n', '# .agent/cache/agent.db*\n.agent/cache/agent.db*\n'],
  ] as const) {
    t.equal(planGitignore(before, entries), after, what);
    t.equal(planGitignore(after ?? before, entries), undefined, 'and is right afterwards');
  }
  const { git, run, write } = makeHome(t);
  git('projects', 'init', '-q');
  write('projects/.gitignore', planGitignore('dist', entries)!);
  const ignored = ['.agent/cache/agent.db', '.agent/cache/agent.db-wal', '.agent/cache/plans/a.md'];
  t.equal(run('projects', 'check-ignore', ...ignored).stdout, '.agent/cache/agent.db\n.agent/cache/agent.db-wal\n');
});
