import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Oid } from '../../core/object/oid.js';
import type { RefEdit } from '../../core/ports.js';
import type { Row } from './row.js';
import { ACTOR, commitOf, filler, MAIN, pushOf } from './specimens.js';
import { byOid, fetchAll, isEmpty, oids, registered } from './steps.js';

/** What becomes of commits that are pushed. */
export const HISTORY_ROWS: readonly Row[] = [
  {
    sentence: 'registering twice makes one project',
    async show(origin) {
      const owner = await origin.remote('owner');
      deepEqual(await owner.register(), { created: true, role: 'owner' });
      deepEqual(await owner.register(), { created: false, role: 'owner' });
    },
  },
  {
    sentence: 'a new project has no refs, no objects and no actors',
    async show(origin) {
      const owner = await registered(origin);
      await isEmpty(owner);
      deepEqual(await owner.fetch(0), { objects: [], sequence: 0, more: false });
    },
  },
  {
    sentence: 'a pushed commit is fetched byte for byte, with its ref and its actor',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({
        'INFRA-001-first.md': '# Ünï\r\n\n\ttext \u0000 with a NUL\n',
        'INFRA-002-empty.md': '',
      });
      const answer = await owner.push(pushOf(first, null));
      equal(answer.status, 'accepted');
      if (answer.status !== 'accepted') return;
      deepEqual(answer.refs, new Map([[MAIN, first.oid]]));
      deepEqual(answer.sequence, { from: 0, to: first.objects.length });

      const state = await owner.describe();
      deepEqual(state.refs, new Map([[MAIN, first.oid]]));
      equal(state.sequence, first.objects.length);
      deepEqual(state.actors, [ACTOR]);
      deepEqual(byOid(await fetchAll(owner, 0)), byOid(first.objects));
    },
  },
  {
    sentence: 'a fetch resumes at a sequence number and gets only what came after it',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
      await owner.push(pushOf(first, null));
      const { sequence } = await owner.describe();
      await owner.push(pushOf(second, first.oid));
      deepEqual(byOid(await fetchAll(owner, sequence)), byOid(second.objects));
      const end = (await owner.describe()).sequence;
      deepEqual(await owner.fetch(end), { objects: [], sequence: end, more: false });
    },
  },
  {
    sentence: 'objects that the origin has already are neither doubled nor sent again',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
      await owner.push(pushOf(first, null));
      await owner.push({
        ...pushOf(second, first.oid),
        objects: [...first.objects, ...second.objects, ...second.objects],
      });
      deepEqual(oids(await fetchAll(owner, 0)), oids([...first.objects, ...second.objects]));
    },
  },
  {
    sentence: 'the same push sent twice is answered the same and counts once',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const request = pushOf(first, null);
      const answer = await owner.push(request);
      equal(answer.status, 'accepted');
      deepEqual(await owner.push(request), answer);
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
      await owner.push(pushOf(second, first.oid));
      deepEqual(await owner.push(request), answer, 'also after others have pushed');
      deepEqual((await owner.describe()).refs, new Map([[MAIN, second.oid]]));
    },
  },
  {
    sentence: 'of two pushes from one base the later is rejected as stale and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      const base = commitOf({ 'INFRA-001-first.md': 'base\n' });
      const won = commitOf({ 'INFRA-001-first.md': 'won\n' }, [base.oid]);
      const lost = commitOf({ 'INFRA-001-first.md': 'lost\n' }, [base.oid]);
      await owner.push(pushOf(base, null));
      await owner.push(pushOf(won, base.oid));
      const before = await owner.describe();
      const answer = await owner.push(pushOf(lost, base.oid));
      deepEqual(answer, { status: 'rejected', ref: MAIN, reason: 'stale', current: won.oid });
      deepEqual(await owner.describe(), before);
    },
  },
  {
    sentence: 'of ten pushes at once from one base exactly one is accepted',
    async show(origin) {
      const owner = await registered(origin);
      const base = commitOf({ 'INFRA-001-first.md': 'base\n' });
      await owner.push(pushOf(base, null));
      const rivals = Array.from({ length: 10 }, (_, i) =>
        commitOf({ 'INFRA-001-first.md': `rival ${i}\n` }, [base.oid]),
      );
      const answers = await Promise.all(rivals.map((rival) => owner.push(pushOf(rival, base.oid))));
      equal(answers.filter((answer) => answer.status === 'accepted').length, 1);
      const winner = rivals[answers.findIndex((answer) => answer.status === 'accepted')]!;
      deepEqual((await owner.describe()).refs, new Map([[MAIN, winner.oid]]));
      deepEqual(oids(await fetchAll(owner, 0)), oids([...base.objects, ...winner.objects]));
    },
  },
  {
    sentence: 'a ref that exists cannot be made anew',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' });
      await owner.push(pushOf(first, null));
      const answer = await owner.push(pushOf(second, null));
      deepEqual(answer, { status: 'rejected', ref: MAIN, reason: 'stale', current: first.oid });
    },
  },
  {
    sentence: 'a commit that does not contain the current one is rejected and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const unrelated = commitOf({ 'INFRA-001-first.md': 'unrelated\n' });
      await owner.push(pushOf(first, null));
      const before = await owner.describe();
      const answer = await owner.push(pushOf(unrelated, first.oid));
      deepEqual(answer, { status: 'rejected', ref: MAIN, reason: 'non-fast-forward', current: first.oid });
      deepEqual(await owner.describe(), before);
    },
  },
  {
    sentence: 'a merge is a fast-forward of both its parents',
    async show(origin) {
      const owner = await registered(origin);
      const base = commitOf({ 'INFRA-001-first.md': 'base\n' });
      const ours = commitOf({ 'INFRA-001-first.md': 'ours\n' }, [base.oid]);
      const theirs = commitOf({ 'INFRA-001-first.md': 'base\n', 'INFRA-002-second.md': 'theirs\n' }, [base.oid]);
      const merge = commitOf({ 'INFRA-001-first.md': 'ours\n', 'INFRA-002-second.md': 'theirs\n' }, [
        ours.oid,
        theirs.oid,
      ]);
      await owner.push(pushOf(base, null));
      await owner.push(pushOf(theirs, base.oid));
      const answer = await owner.push({ ...pushOf(merge, theirs.oid), objects: [...ours.objects, ...merge.objects] });
      equal(answer.status, 'accepted');
    },
  },
  {
    sentence: 'several refs move together or not at all',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      const second = commitOf({ 'INFRA-001-first.md': 'two\n' }, [first.oid]);
      await owner.push(pushOf(first, null));
      const side: RefEdit = { name: 'refs/heads/side', expected: null, target: second.oid };
      const stale: RefEdit = { name: MAIN, expected: second.oid, target: second.oid };
      const rejected = await owner.push({ ...pushOf(second, null), edits: [side, stale] });
      equal(rejected.status, 'rejected');
      deepEqual((await owner.describe()).refs, new Map([[MAIN, first.oid]]));
      const main: RefEdit = { name: MAIN, expected: first.oid, target: second.oid };
      equal((await owner.push({ ...pushOf(second, null), edits: [side, main] })).status, 'accepted');
      deepEqual(sorted((await owner.describe()).refs), [
        [MAIN, second.oid],
        ['refs/heads/side', second.oid],
      ]);
    },
  },
  {
    sentence: 'a push of more than 4 MB appears at once and is fetched in pages',
    async show(origin) {
      const owner = await registered(origin);
      const watcher = await origin.remote('owner');
      const files = Object.fromEntries(
        Array.from({ length: 900 }, (_, i) => [`INFRA-${1000 + i}-large.md`, filler(i, 10_000)]),
      );
      const large = commitOf(files);
      const push = owner.push(pushOf(large, null));
      let pushing = true;
      const ended = () => {
        pushing = false;
      };
      push.then(ended, ended);
      const seen = new Set<number>();
      while (pushing) seen.add((await watcher.describe()).sequence);
      equal((await push).status, 'accepted');
      const total = large.objects.length;
      ok(
        [...seen].every((sequence) => sequence === 0 || sequence === total),
        `only nothing or all was seen, not ${[...seen]}`,
      );

      const page = await owner.fetch(0);
      ok(page.more && page.objects.length < total, 'one page does not hold it all');
      deepEqual(byOid([...page.objects, ...(await fetchAll(owner, page.sequence))]), byOid(large.objects));
    },
  },
];

function sorted(refs: ReadonlyMap<string, Oid>): [string, Oid][] {
  return [...refs].sort(([a], [b]) => (a < b ? -1 : 1));
}
