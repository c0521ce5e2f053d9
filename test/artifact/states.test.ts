import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { KINDS } from '../../lib/artifact/path.js';
import { firstState, STATES, TRANSITIONS } from '../../lib/artifact/states.js';
import { repoRoot } from '../paths.js';

t.test('every state has its place in the machine of its kind', async (t) => {
  for (const kind of KINDS) {
    const machine = TRANSITIONS[kind];
    t.strictSame(Object.keys(machine).sort(), [...STATES[kind]].sort(), `the machine of a ${kind} knows its states`);
    const reached = new Set([firstState(kind)]);
    for (const state of reached) for (const next of machine[state]!) reached.add(next);
    t.strictSame(
      [...reached].sort(),
      [...STATES[kind]].sort(),
      `a new ${kind} can come to each of them, and to no other`,
    );
  }
});

t.test('docs/configuration.md tells the transitions', async (t) => {
  const text = readFileSync(join(repoRoot, 'docs/configuration.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (\w*) ?\| `([A-Z_]+)` \| (`[A-Z_`, ]+) \|$/gm)];
  const told: Record<string, Record<string, string[]>> = {};
  let kind = '';
  for (const [, named, from, to] of rows) {
    kind = named || kind;
    told[kind] = { ...told[kind], [from!]: to!.replaceAll('`', '').split(', ') };
  }
  const known = Object.entries(TRANSITIONS).map(([kind, machine]) => [
    kind,
    Object.fromEntries(Object.entries(machine).filter(([, next]) => next.length > 0)),
  ]);
  t.strictSame(told, Object.fromEntries(known));
});
