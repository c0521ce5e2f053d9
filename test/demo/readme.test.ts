import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from '../paths.js';

const readme = readFileSync(join(repoRoot, 'README.md'), 'utf8');

/** The one code block of a language that has `text` in it. */
function block(language: string, text: string): string {
  const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const found = blocks.filter(([, name, code]) => name === language && code!.includes(text));
  if (found.length !== 1) throw new Error(`README.md has ${found.length} blocks of ${language} with '${text}'`);
  return found[0]![2]!;
}

t.test('what the README shows works as it stands there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-sync-readme-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(join(repoRoot, 'dist/bin/agent.js'), join(bin, 'agent'));
  const env = { PATH: `${bin}:${process.env.PATH}`, SUPABASE_USER: 'Ada <ada@example.org>' };
  const project = (name: string) => {
    const cwd = join(folder, name, 'project');
    cpSync(join(repoRoot, 'fixtures/artifacts'), join(cwd, '.agent/cache'), { recursive: true });
    return cwd;
  };

  t.test('sharing through a file', async (t) => {
    const script = block('sh', 'file:../origin.db');
    const said = execFileSync('sh', ['-e'], { cwd: project('shell'), env, input: script, encoding: 'utf8' });
    t.match(said, /Made project 'project' at file:\.\.\/origin\.db/);
    t.match(said, /Imported \d+ artifacts/);
    t.match(said, /Pushed 1 commit/);
  });

  t.test('the library', async (t) => {
    const cwd = project('library');
    // Where a program finds the package: in node_modules above it.
    mkdirSync(join(folder, 'library/node_modules'));
    symlinkSync(repoRoot, join(folder, 'library/node_modules/agent-sync'));
    writeFileSync(join(cwd, 'example.mjs'), block('js', "from 'agent-sync'"));
    const said = execFileSync(process.execPath, ['example.mjs'], { cwd, env, encoding: 'utf8' });
    t.match(said, /^story STORE-001 COMMITTED Objects as git has them$/m);
    t.match(said, /^imported pushed$/m);
  });

  t.test('the documents it names are there', async (t) => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!);
    t.ok(links.length > 5);
    for (const path of links) t.ok(existsSync(join(repoRoot, path)), path);
  });
});
