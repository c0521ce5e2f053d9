import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { initRepository, openRepository, type Repository } from '../../lib/index.js';

/** A person with a project folder of their own, who works as the command line would: each step opens the project anew. */
export class Developer {
  readonly name: string;
  readonly root: string;
  readonly env: Record<string, string>;

  constructor(t: Test, name: string, env: Record<string, string> = {}) {
    this.name = name;
    this.root = mkdtempSync(join(tmpdir(), `agent-sync-${name}-`));
    this.env = { SUPABASE_USER: `${name} <${name}@example.org>`, ...env };
    t.teardown(() => rmSync(this.root, { recursive: true, force: true }));
  }

  init(options: { readonly origin?: string; readonly project?: string } = {}) {
    return initRepository(this.root, { ...options, env: this.env });
  }

  /** Runs one use case. */
  async run<T>(useCase: (repo: Repository) => T | Promise<T>): Promise<T> {
    const repo = await openRepository(this.root, { env: this.env });
    try {
      return await useCase(repo);
    } finally {
      await repo.close();
    }
  }

  /** A file below `.agent/cache`. */
  file(path: string): string {
    return join(this.root, '.agent/cache', path);
  }

  read(path: string): string {
    return readFileSync(this.file(path), 'utf8');
  }

  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.file(path)), { recursive: true });
    writeFileSync(this.file(path), text);
  }

  /** Adds lines to sync.yaml. */
  configure(yaml: string): void {
    appendFileSync(join(this.root, '.agent/etc/sync.yaml'), yaml);
  }

  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`'${from}' is not in ${path}`);
    this.write(path, text.replace(from, to));
  }
}

/** A story in the form that strict validation takes, for tests that only need some text. */
export function storyText(
  id: string,
  title: string,
  lines: readonly string[] = ['One.', 'Two.', 'Three.', 'Four.', 'Five.'],
): string {
  return `# ${id}: ${title}\n\n## State\n\nDRAFT\n\n## Problem Statement\n\n${lines.join('\n')}\n`;
}
