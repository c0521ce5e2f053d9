import { deepEqual, equal } from 'node:assert/strict';
import { findChainProblem } from '../../core/audit/chain.js';
import { hashText } from '../../core/audit/hash-text.js';
import type { Row } from './row.js';
import { commitOf, MAIN, next, pushOf } from './specimens.js';
import { refused, registered } from './steps.js';

/** What an origin keeps of who did what. */
export const AUDIT_ROWS: readonly Row[] = [
  {
    sentence: 'what is written is in the audit, once, in a chain, with refs before and after',
    async show(origin) {
      const remote = await registered(origin);
      const commit = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const request = pushOf(commit, null);
      await remote.push(request);
      await remote.push(request);
      const id = next('story', 'INFRA', 0);
      await remote.issueId(id);
      await remote.issueId(id);
      await remote.push(pushOf(commit, null));
      await refused(
        remote.push({ ...pushOf(commit, commit.oid), edits: [{ name: 'x', expected: null, target: commit.oid }] }),
        'REF_NAME_INVALID',
      );
      const { entries, head } = await remote.audit({ after: 0 });
      deepEqual(
        entries.map(({ number, action, result }) => `${number} ${action} ${result}`),
        ['1 register done', '2 push accepted', '3 issue-id done', '4 push rejected'],
      );
      const { refs, objects } = JSON.parse(entries[1]!.detail);
      deepEqual(refs, [{ name: MAIN, before: null, after: commit.oid }]);
      equal(objects, commit.objects.length);
      equal(findChainProblem(entries, hashText), undefined);
      deepEqual(head, { number: 4, hash: entries[3]!.hash });
      deepEqual((await remote.audit({ after: 3 })).entries, entries.slice(3));
      deepEqual((await remote.audit({ after: 0, since: '2999-01-01T00:00:00Z' })).entries, []);
      deepEqual(await remote.audit({ after: 4 }), { entries: [], head, people: [] });
    },
  },
];
