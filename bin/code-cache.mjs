/**
 * Fills the bundled command's code cache by running commands: V8 then has compiled what they need.
 *
 * It works in a temporary folder, and in a process of its own, whose current folder it changes.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCommand, writeCache } from '../dist/bin/cached-run.js';

const STORY = 'stories/DEMO/DEMO-001-warm-up.md';
const TEXT = '---\ntitle: Warm-up\n---\n\n# DEMO-001: Warm-up\n\n## State\n\nDRAFT\n';
const COMMANDS = [
  ['sync', 'init', '--origin', 'file:origin.db'],
  ['sync', 'import'],
  ['sync', 'push'],
  ['sync', 'import'],
  ['sync', 'status'],
  ['sync', 'log'],
  ['sync', 'diff'],
  ['sync', 'export', '--check'],
  ['list'],
  ['show', 'DEMO-001'],
  ['set-state', 'DEMO-001', 'ACCEPTED'],
];

const cwd = mkdtempSync(join(tmpdir(), 'agent-sync-build-'));
try {
  mkdirSync(join(cwd, '.agent/cache/stories/DEMO'), { recursive: true });
  writeFileSync(join(cwd, '.agent/cache', STORY), TEXT);
  for (const argv of COMMANDS) await run(argv);
} finally {
  rmSync(cwd, { recursive: true, force: true });
}
writeCache();

async function run(argv) {
  const output = new PassThrough();
  const code = await runCommand(argv, {
    argv,
    cwd,
    env: { SUPABASE_USER: 'Build <build@example.org>' },
    stdin: new PassThrough(),
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    colorDepth: 1,
  });
  if (code !== 0) throw new Error(`'agent ${argv.join(' ')}' ended with ${code}:\n${output.read()}`);
}
