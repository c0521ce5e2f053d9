import { randomUUID } from 'node:crypto';
import { LIMITS } from '../../lib/core/object/limits.js';
import { encodeUtf8 } from '../../lib/core/object/text.js';
import { encodeTree } from '../../lib/core/object/tree.js';
import type { IdentifiedObject } from '../../lib/core/ports.js';
import {
  ACTOR,
  commitBody,
  commitOf,
  identified,
  MAIN,
  malformedObjects,
} from '../../lib/origin/contract/specimens.js';
import { type Case, callsOf } from './calls.js';
import type { Cast } from './cast.js';

/**
 * What members push that is not right: history that is rewritten or has holes, malformed packs, and lists without end.
 *
 * @param secret the id of an object of another project
 * @param release a branch that is protected, and its commit
 */
export function hostilePushes(
  cast: Cast,
  {
    secret,
    release,
  }: { readonly secret: string; readonly release: { readonly name: string; readonly expected: null } },
): readonly Case[] {
  const { project, otherProject, staged, pushed } = cast;
  const { push, raw } = callsOf(cast);
  const tree = identified('tree', encodeTree([{ name: 'x.md', mode: '100644', oid: secret }]));
  const pointing = identified('commit', commitBody(tree.oid, []));
  const incomplete = commitOf({ 'INFRA-009-x.md': 'x\n' });
  const cycle = identified('commit', commitBody('4b825dc642cb6eb9a060e54bf8d69288fbee4904', ['1'.repeat(40)]));
  const child = commitOf({ 'INFRA-001-first.md': 'two\n' }, [pushed.oid]);
  const lost = commitOf({ 'INFRA-001-first.md': 'history as I like it\n' });
  const EMPTY = identified('tree', new Uint8Array());
  const above = ({ oid }: IdentifiedObject, times = 1) =>
    identified(
      'tree',
      encodeTree(Array.from({ length: times }, (_, i) => ({ name: `f${10_000 + i}`, mode: '40000' as const, oid }))),
    );
  /** Folders in folders, each as often in the one above. */
  const tower = (levels: number, times = 1, bottom = EMPTY) => {
    const trees = [bottom];
    while (trees.length < levels) trees.push(above(trees.at(-1)!, times));
    return trees;
  };
  const to = (target: unknown, more: object = {}) => ({
    edits: [{ name: 'refs/heads/new', expected: null, target, ...more }],
  });
  const main = (target: string | null, more: object = {}) => ({
    edits: [{ name: MAIN, expected: pushed.oid, target, ...more }],
  });

  const HISTORY: readonly Case[] = [
    [
      'an object under the id of another',
      'OBJECT_HASH_MISMATCH',
      () => push('writer', {}, [{ ...child.objects[0]!, body: encodeUtf8('other\n') }]),
    ],
    [
      'a blob that says it is a tree of that id',
      'OBJECT_HASH_MISMATCH',
      () => push('writer', {}, [{ ...child.objects[0]!, type: 'tree' }]),
    ],
    [
      'an object of a type that git has not',
      'OBJECT_MALFORMED',
      () => push('writer', {}, [identified('tag' as never, encodeUtf8('text'))]),
    ],
    [
      'an object of 2 MiB and a byte',
      'OBJECT_TOO_LARGE',
      () => push('writer', {}, [identified('blob', new Uint8Array(LIMITS.objectBytes + 1))]),
    ],
    ['a branch that points at nothing', 'OBJECT_NOT_FOUND', () => push('writer', to('1'.repeat(40)))],
    ['a branch that points at a blob', 'OBJECT_NOT_FOUND', () => push('writer', to(pushed.objects[0]!.oid))],
    [
      'a branch that points at a commit without its files',
      'OBJECT_NOT_FOUND',
      () => push('writer', to(incomplete.oid), incomplete.objects.slice(1)),
    ],
    [
      'a branch that points at a commit without its tree',
      'OBJECT_NOT_FOUND',
      () => push('writer', to(incomplete.oid), incomplete.objects.slice(-1)),
    ],
    ['a commit without its parent', 'OBJECT_NOT_FOUND', () => push('writer', to(cycle.oid), [cycle])],
    [
      'a tree that names an object of another project',
      'OBJECT_NOT_FOUND',
      () => push('writer', to(pointing.oid), [tree, pointing]),
    ],
    ['a branch that points at an object of another project', 'OBJECT_NOT_FOUND', () => push('writer', to(secret))],
    ['a tree of 17 levels', 'PATH_UNSAFE', () => push('writer', {}, tower(17))],
    [
      'a tree of 17 levels, the upper ones first',
      'PATH_UNSAFE',
      () => push('writer', {}, tower(17, 1, above(EMPTY)).reverse()),
    ],
    ['a folder a thousand times in each of three levels', 'PATH_UNSAFE', () => push('writer', {}, tower(4, 1000))],
    ['a folder a thousand times in each of sixteen levels', 'PATH_UNSAFE', () => push('writer', {}, tower(16, 1000))],
    [
      'main is moved aside by force',
      'REF_PROTECTED',
      () => push('writer', main(lost.oid, { force: true }), lost.objects),
    ],
    [
      'main is moved aside by force of its owner',
      'REF_PROTECTED',
      () => push('owner', main(lost.oid, { force: true }), lost.objects),
    ],
    ['main is deleted', 'ORIGIN_REFUSED', () => push('writer', main(null))],
    ['main is deleted by force', 'REF_PROTECTED', () => push('owner', main(null, { force: true }))],
    [
      'a branch of a protected kind is deleted by force',
      'REF_PROTECTED',
      () => push('writer', { edits: [{ ...release, expected: pushed.oid, target: null, force: true }] }),
    ],
    [
      'main goes with a branch that may',
      'REF_PROTECTED',
      () => push('writer', { edits: [...to(pushed.oid).edits, ...main(null, { force: true }).edits] }),
    ],
    ['force that is a word', 'REQUEST_INVALID', () => push('writer', main(child.oid, { force: 'yes' }), child.objects)],
    [
      'a ref outside of the branches',
      'REF_NAME_INVALID',
      () => push('writer', { edits: [{ name: 'refs/remotes/origin/main', expected: null, target: pushed.oid }] }),
    ],
    [
      'HEAD',
      'REF_NAME_INVALID',
      () => push('writer', { edits: [{ name: 'HEAD', expected: null, target: pushed.oid }] }),
    ],
    [
      'a branch with .. in its name',
      'REF_NAME_INVALID',
      () => push('writer', { edits: [{ name: 'refs/heads/../../x', expected: null, target: pushed.oid }] }),
    ],
    [
      'a branch with an escape sequence in its name',
      'REF_NAME_INVALID',
      () => push('writer', { edits: [{ name: 'refs/heads/\x1b[2J', expected: null, target: pushed.oid }] }),
    ],
    [
      'a branch with a name of 10,000 letters',
      'REF_NAME_INVALID',
      () =>
        push('writer', { edits: [{ name: `refs/heads/${'x'.repeat(10_000)}`, expected: null, target: pushed.oid }] }),
    ],
    [
      'a branch without a name',
      'REF_NAME_INVALID',
      () => push('writer', { edits: [{ expected: null, target: pushed.oid }] }),
    ],
    ['a branch twice', 'USAGE', () => push('writer', { edits: [...to(pushed.oid).edits, ...to(pushed.oid).edits] })],
    ['SQL as a target', 'OID_INVALID', () => push('writer', to("'; drop table agent_sync.refs; --"))],
    ['a target of capitals', 'OID_INVALID', () => push('writer', to(pushed.oid.toUpperCase()))],
    ['a target that is a list', 'OID_INVALID', () => push('writer', to([pushed.oid]))],
    ...malformedObjects().map(
      (object, at): Case => [
        `malformed object ${at + 1}, a ${object.type}`,
        'OBJECT_MALFORMED',
        () => push('writer', {}, [object]),
      ],
    ),
  ];

  const many = (what: unknown) => Array.from({ length: 10_000 }, () => what);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const blob = identified('blob', encodeUtf8('text'));
  const listed = { oid: blob.oid, type: 'blob', size: 4 };
  const line = (objects: unknown, rest: object = {}) =>
    `${JSON.stringify({ project, push: randomUUID(), chunk: 7, chunks: 0, edits: [], actors: [], objects, ...rest })}\n`;
  const huge = '9'.repeat(30);

  const PACKS: readonly Case[] = (['push', 'push_chunk'] as const).flatMap(
    (name) =>
      [
        [`${name} of nothing`, 'OBJECT_MALFORMED', () => raw('writer', '', name)],
        [`${name} of no line`, 'OBJECT_MALFORMED', () => raw('writer', 'text', name)],
        [`${name} of a line that is a number`, 'OBJECT_MALFORMED', () => raw('writer', '1\n', name)],
        [`${name} of a line that is null`, 'OBJECT_MALFORMED', () => raw('writer', 'null\n', name)],
        [`${name} of a line that is a list`, 'OBJECT_MALFORMED', () => raw('writer', '[]\n', name)],
        [
          `${name} of a line that is not UTF-8`,
          'OBJECT_MALFORMED',
          () => raw('writer', Buffer.from([0x22, 0xff, 0x22, 0x0a]), name),
        ],
        [`${name} of a line with NUL in it`, 'OBJECT_MALFORMED', () => raw('writer', '{"project":"\\u0000"}\n', name)],
        [`${name} of a line that is 100,000 deep`, 'OBJECT_MALFORMED', () => raw('writer', `${deep}\n`, name)],
        [
          `${name} without a list of objects`,
          'OBJECT_MALFORMED',
          () => raw('writer', `${JSON.stringify({ project })}\n`, name),
        ],
        [`${name} of objects that are numbers`, 'OBJECT_MALFORMED', () => raw('writer', line(many(1)), name)],
        [
          `${name} of more than 4 MiB`,
          'OBJECT_TOO_LARGE',
          () => raw('writer', `${line([])}${'x'.repeat(4 * 1024 * 1024)}`, name),
        ],
        [`${name} without a project`, 'ORIGIN_REFUSED', () => push('writer', { project: null }, [], name)],
        [
          `${name} to a project that is a list`,
          'ORIGIN_REFUSED',
          () => push('writer', { project: [project] }, [], name),
        ],
        [`${name} to SQL`, 'ORIGIN_REFUSED', () => push('writer', { project: "handbook' or '1'='1" }, [], name)],
        [`${name} to another project`, 'ORIGIN_REFUSED', () => push('writer', { project: otherProject }, [], name)],
        [`${name} without an id`, 'REQUEST_INVALID', () => push('writer', { push: null }, [], name)],
        [`${name} under an id that is none`, 'REQUEST_INVALID', () => push('writer', { push: 'handbook' }, [], name)],
        [
          `${name} under an id that is SQL`,
          'REQUEST_INVALID',
          () => push('writer', { push: `${staged}'; delete from agent_sync.refs; --` }, [], name),
        ],
        [`${name} of part -1`, 'REQUEST_INVALID', () => push('writer', { chunk: -1, chunks: -1 }, [], name)],
        [`${name} of part 256`, 'REQUEST_INVALID', () => push('writer', { chunk: 256, chunks: 256 }, [], name)],
        [
          `${name} of part ${huge}`,
          'REQUEST_INVALID',
          () => raw('writer', line([]).replace('"chunk":7,"chunks":0', `"chunk":${huge},"chunks":${huge}`), name),
        ],
        [`${name} of part 1.5`, 'REQUEST_INVALID', () => push('writer', { chunk: 1.5, chunks: 1.5 }, [], name)],
        [
          `${name} of a part that is a word`,
          'REQUEST_INVALID',
          () => push('writer', { chunk: '0', chunks: '0' }, [], name),
        ],
        [
          `${name} of a part that is not said`,
          'REQUEST_INVALID',
          () => push('writer', { chunk: null, chunks: null }, [], name),
        ],
      ] as Case[],
  );

  const PUSHES: readonly Case[] = [
    ['fewer bytes than listed', 'OBJECT_MALFORMED', () => raw('writer', `${line([listed])}tex`)],
    ['more bytes than listed', 'OBJECT_MALFORMED', () => raw('writer', `${line([listed])}texts`)],
    [
      'sizes that cancel out',
      'OBJECT_MALFORMED',
      () =>
        raw(
          'writer',
          `${line([
            { ...listed, size: -1 },
            { ...listed, size: 5 },
          ])}text`,
        ),
    ],
    [
      'a size beyond all numbers',
      'REQUEST_INVALID',
      () => raw('writer', `${line([{ ...listed, size: 0 }]).replace('"size":0', `"size":${huge}`)}text`),
    ],
    ['a size that is a word', 'REQUEST_INVALID', () => raw('writer', `${line([{ ...listed, size: 'all' }])}text`)],
    ['an object without an id', 'OBJECT_MALFORMED', () => raw('writer', `${line([{ ...listed, oid: null }])}text`)],
    [
      'an object whose id is SQL',
      'OBJECT_MALFORMED',
      () => raw('writer', `${line([{ ...listed, oid: "' or 1=1 --" }])}text`),
    ],
    ['edits that are an object', 'REQUEST_INVALID', () => push('writer', { edits: {} })],
    ['edits that are null', 'REQUEST_INVALID', () => push('writer', { edits: null })],
    ['edits that are words', 'REQUEST_INVALID', () => push('writer', { edits: ['main'] })],
    ['edits within edits', 'REQUEST_INVALID', () => push('writer', { edits: [to(pushed.oid).edits] })],
    [
      '10,000 edits',
      'REQUEST_INVALID',
      () => push('writer', { edits: many({ name: 'refs/heads/x', expected: null, target: pushed.oid }) }),
    ],
    ['actors that are an object', 'REQUEST_INVALID', () => push('writer', { actors: {} })],
    ['actors that are null', 'REQUEST_INVALID', () => push('writer', { actors: null })],
    ['10,000 actors', 'REQUEST_INVALID', () => push('writer', { actors: many(ACTOR) })],
    ['an actor without a name', 'REQUEST_INVALID', () => push('writer', { actors: [{ id: ACTOR.id, email: '' }] })],
    ['an actor with an id of capitals', 'REQUEST_INVALID', () => push('writer', { actors: [{ ...ACTOR, id: 'ADA' }] })],
    [
      'an actor with a name of 10,000 letters',
      'REQUEST_INVALID',
      () => push('writer', { actors: [{ ...ACTOR, name: 'x'.repeat(10_000) }] }),
    ],
    [
      'an actor with an address of 10,000 letters',
      'REQUEST_INVALID',
      () => push('writer', { actors: [{ ...ACTOR, email: 'x'.repeat(10_000) }] }),
    ],
    ['SQL as an actor', 'REQUEST_INVALID', () => push('writer', { actors: [{ ...ACTOR, id: "'; --" }] })],
    ["a teammate's staged part", 'ORIGIN_FAILED', () => push('owner', { push: staged, chunks: 1 })],
    ['parts that were never sent', 'ORIGIN_FAILED', () => push('writer', { chunks: 255 })],
  ];

  return [...HISTORY, ...PACKS, ...PUSHES];
}
