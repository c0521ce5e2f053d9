import { deepEqual, equal } from 'node:assert/strict';
import type { IdAnswer } from '../../core/ports.js';
import type { Row } from './row.js';
import { claim, issued, next } from './specimens.js';
import { registered } from './steps.js';

/** How ids are handed out. */
export const ID_ROWS: readonly Row[] = [
  {
    sentence: 'numbers are unique over twenty requests at once, for each kind and prefix from one upwards',
    async show(origin) {
      const owner = await registered(origin);
      const answers = await Promise.all(Array.from({ length: 20 }, () => owner.issueId(next('story', 'INFRA', 0))));
      const expected = Array.from({ length: 20 }, (_, i) => `INFRA-${String(i + 1).padStart(3, '0')}`);
      deepEqual(
        answers.map(({ status, id }) => `${status} ${id}`).sort(),
        expected.map((id) => `issued ${id}`),
      );
      equal((await owner.issueId(next('story', 'WEB', 0))).id, 'WEB-001');
      equal((await owner.issueId(next('plan', 'INFRA', 0))).id, 'INFRA-001');
    },
  },
  {
    sentence: 'an id asked for again with the same request is the same id',
    async show(origin) {
      const owner = await registered(origin);
      const request = next('story', 'INFRA', 0);
      const answers = await Promise.all([1, 2, 3, 4].map(() => owner.issueId(request)));
      for (const answer of answers) deepEqual(answer, issued('INFRA-001'));
      deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-002'));
    },
  },
  {
    sentence: 'a number is above the floor that the asker knows of, and never one that was claimed',
    async show(origin) {
      const owner = await registered(origin);
      deepEqual(await owner.issueId(next('story', 'INFRA', 1_233)), issued('INFRA-1234'));
      deepEqual(await owner.issueId(next('story', 'INFRA', 3)), issued('INFRA-1235'));
      deepEqual(await owner.issueId(claim('story', 'INFRA-1236')), issued('INFRA-1236'));
      deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-1237'));
    },
  },
  {
    sentence: 'a claimed id is taken for the next who claims it, but free for another kind',
    async show(origin) {
      const owner = await registered(origin);
      const request = claim('runbook', 'INFRA-004');
      deepEqual(await owner.issueId(request), issued('INFRA-004'));
      deepEqual(await owner.issueId(request), issued('INFRA-004'), 'the same request is no rival of itself');
      deepEqual(await owner.issueId(claim('runbook', 'INFRA-004')), {
        status: 'taken',
        id: 'INFRA-004',
      } satisfies IdAnswer);
      deepEqual(await owner.issueId(claim('story', 'INFRA-004')), issued('INFRA-004'));
    },
  },
];
