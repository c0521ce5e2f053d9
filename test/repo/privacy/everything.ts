import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../../../lib/index.js';

/** All that a store holds: its files, byte for byte, and its objects inflated. */
export function everything({ store, root }: Repository): string {
  const folder = join(root, '.agent/cache');
  const files = readdirSync(folder).filter((name) => name.startsWith('agent.db'));
  const objects = [...store.objects.list()].map((oid) => Buffer.from(store.objects.read(oid).body));
  return Buffer.concat([...objects, ...files.map((name) => readFileSync(join(folder, name)))]).toString('latin1');
}
