import { deepEqual, equal } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '../../core/errors.js';
import { LIMITS } from '../../core/object/limits.js';
import { hashObject } from '../../core/object/oid.js';
import { encodeUtf8 } from '../../core/object/text.js';
import { encodeTree } from '../../core/object/tree.js';
import type { RefEdit } from '../../core/ports.js';
import type { Row } from './row.js';
import { commitBody, commitOf, identified, issued, MAIN, malformedObjects, next, pushOf } from './specimens.js';
import { fetchAll, isEmpty, oids, refused, registered } from './steps.js';

/** What an origin does not take, and that nothing of it stays. */
export const REFUSAL_ROWS: readonly Row[] = [
  {
    sentence: 'a ref is not deleted without force, nor made under an unsafe name, nor pointed at what is no commit',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      await owner.push(pushOf(first, null));
      const before = await owner.describe();
      const refuse = async (edit: RefEdit, code: ErrorCode) => {
        await refused(owner.push({ id: randomUUID(), edits: [edit], objects: [], actors: [] }), code);
        deepEqual(await owner.describe(), before);
      };
      await refuse({ name: MAIN, expected: first.oid, target: null }, 'ORIGIN_REFUSED');
      await refuse({ name: 'refs/heads/../up', expected: null, target: first.oid }, 'REF_NAME_INVALID');
      await refuse({ name: 'HEAD', expected: null, target: first.oid }, 'REF_NAME_INVALID');
      await refuse({ name: 'refs/heads/tree', expected: null, target: first.tree }, 'OBJECT_NOT_FOUND');
      await refuse(
        { name: 'refs/heads/none', expected: null, target: hashObject('commit', new Uint8Array(1)) },
        'OBJECT_NOT_FOUND',
      );
    },
  },
  {
    sentence: 'a push in which a blob, a tree or a parent is missing is refused and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      const parent = commitOf({ 'INFRA-001-first.md': 'parent\n' });
      const child = commitOf({ 'INFRA-001-first.md': 'child\n' }, [parent.oid]);
      const before = await owner.describe();
      await refused(owner.push(pushOf(child, null)), 'OBJECT_NOT_FOUND');
      for (const type of ['blob', 'tree'] as const) {
        const objects = parent.objects.filter((object) => object.type !== type);
        await refused(owner.push({ ...pushOf(parent, null), objects }), 'OBJECT_NOT_FOUND');
      }
      deepEqual(await owner.describe(), before);
      equal((await owner.push(pushOf(parent, null))).status, 'accepted');
    },
  },
  {
    sentence: 'an object that another one takes for something else is refused',
    async show(origin) {
      const owner = await registered(origin);
      const blob = identified('blob', encodeUtf8('text\n'));
      const tree = identified('tree', encodeTree([{ name: 'plans', mode: '40000', oid: blob.oid }]));
      const commit = identified('commit', commitBody(tree.oid, []));
      await refused(owner.push(pushOf({ oid: commit.oid, objects: [blob, tree, commit] }, null)), 'OBJECT_NOT_FOUND');
      deepEqual(await owner.fetch(0), { objects: [], sequence: 0, more: false });
    },
  },
  {
    sentence: 'an object with a forged id is refused and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      const first = commitOf({ 'INFRA-001-first.md': 'true\n' });
      const objects = first.objects.map((object) =>
        object.type === 'blob' ? { ...object, body: encodeUtf8('false\n') } : object,
      );
      await refused(owner.push({ ...pushOf(first, null), objects }), 'OBJECT_HASH_MISMATCH');
      await isEmpty(owner);
    },
  },
  {
    sentence: 'a malformed object is refused and leaves nothing',
    async show(origin) {
      const owner = await registered(origin);
      for (const object of malformedObjects()) {
        await refused(owner.push({ id: randomUUID(), edits: [], objects: [object], actors: [] }), 'OBJECT_MALFORMED');
      }
      deepEqual(await owner.fetch(0), { objects: [], sequence: 0, more: false });
    },
  },
  {
    sentence: 'an object at the limit of size is taken, one byte more is not',
    async show(origin) {
      const owner = await registered(origin);
      const largest = identified('blob', new Uint8Array(LIMITS.objectBytes).fill(0x61));
      const tooLarge = identified('blob', new Uint8Array(LIMITS.objectBytes + 1).fill(0x61));
      equal((await owner.push({ id: randomUUID(), edits: [], objects: [largest], actors: [] })).status, 'accepted');
      await refused(owner.push({ id: randomUUID(), edits: [], objects: [tooLarge], actors: [] }), 'OBJECT_TOO_LARGE');
      deepEqual(oids(await fetchAll(owner, 0)), [largest.oid]);
    },
  },
  {
    sentence: 'every call honours an abort signal and changes nothing then',
    async show(origin) {
      const owner = await registered(origin);
      const options = { signal: AbortSignal.abort() };
      const first = commitOf({ 'INFRA-001-first.md': 'one\n' });
      await refused(owner.register(options), 'ABORTED');
      await refused(owner.describe(options), 'ABORTED');
      await refused(owner.fetch(0, options), 'ABORTED');
      await refused(owner.push(pushOf(first, null), options), 'ABORTED');
      await refused(owner.issueId(next('story', 'INFRA', 0), options), 'ABORTED');
      await refused(owner.members(options), 'ABORTED');
      await refused(owner.setMember(randomUUID(), 'writer', options), 'ABORTED');
      await refused(owner.setMember('ada@example.org', 'writer', options), 'ABORTED');
      await refused(owner.invitations(options), 'ABORTED');
      await refused(owner.protectedRefs(options), 'ABORTED');
      await refused(owner.protectRef(MAIN, false, options), 'ABORTED');
      await isEmpty(owner);
      deepEqual(await owner.issueId(next('story', 'INFRA', 0)), issued('INFRA-001'));
    },
  },
];
