import fc from 'fast-check';
import t from 'tap';
import { auditText, chainEntry, findChainProblem } from '../../lib/core/audit/chain.js';
import { hashText } from '../../lib/core/audit/hash-text.js';
import type { AuditEntry } from '../../lib/core/ports.js';
import { hashTextNatively } from '../../lib/store/hash.js';

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const facts = fc.record({
  at: word,
  actor: word,
  action: word,
  result: word,
  detail: word,
  client: fc.option(word),
  traceparent: fc.option(word),
});
const chain = fc.array(facts, { minLength: 3, maxLength: 8 }).map((all) => {
  const entries: AuditEntry[] = [];
  for (const each of all) entries.push(chainEntry(entries.at(-1), each, hashText));
  return entries;
});

t.test('a chain as it was written has no problem, from any entry on', async () => {
  fc.assert(
    fc.property(chain, fc.nat(), (entries, n) => {
      const from = n % entries.length;
      return !findChainProblem(entries.slice(from), hashText, entries[from - 1]);
    }),
  );
});

t.test('whatever is done to it between its ends shows, at the place', async (t) => {
  const rewrite = (entry: AuditEntry): AuditEntry => ({ ...entry, hash: hashText(auditText(entry)) });
  const rows: [string, (entries: AuditEntry[], i: number) => AuditEntry[], (shown: number, i: number) => boolean][] = [
    ['a field is changed', (all, i) => all.with(i, { ...all[i]!, result: 'other' }), (shown, i) => shown === i + 1],
    [
      'a field is changed, and the hash of the entry with it',
      (all, i) => all.with(i, rewrite({ ...all[i]!, result: 'other' })),
      (shown, i) => shown === i + 2,
    ],
    ['an entry is removed', (all, i) => all.toSpliced(i, 1), (shown, i) => shown === i + 1],
    [
      'an entry is removed, and the others are numbered anew',
      (all, i) => all.toSpliced(i, 1).map((entry, at) => rewrite({ ...entry, number: at + 1 })),
      (shown, i) => shown === i + 1,
    ],
    [
      'two entries change places',
      (all, i) => all.with(i, all[i + 1]!).with(i + 1, all[i]!),
      (shown, i) => shown === i + 1,
    ],
    [
      'an entry is put in',
      (all, i) => all.toSpliced(i, 0, rewrite({ ...all[i]!, actor: 'forged' })),
      (shown, i) => shown === i + 2 || shown === i + 1,
    ],
  ];
  for (const [sentence, tamper, isPlace] of rows) {
    fc.assert(
      fc.property(chain, fc.nat(), (entries, n) => {
        const i = n % (entries.length - 1);
        const problem = findChainProblem(tamper(entries, i), hashText);
        return problem !== undefined && isPlace(problem.number, i);
      }),
    );
    t.pass(sentence);
  }
});

t.test('no two entries are hashed as one text', async () => {
  fc.assert(
    fc.property(facts, facts, (a, b) => {
      const [one, other] = [a, b].map((each) => auditText({ ...each, number: 1, previous: '0' }));
      const asText = (each: typeof a) =>
        JSON.stringify({ ...each, client: each.client ?? '', traceparent: each.traceparent ?? '' });
      return (one === other) === (asText(a) === asText(b));
    }),
  );
});

t.test('both ways to hash agree', async () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => hashText(text) === hashTextNatively(text)));
});
