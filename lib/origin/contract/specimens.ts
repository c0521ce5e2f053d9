/** The commits, broken objects and requests of the contract. */
import { randomUUID } from 'node:crypto';
import { encodeCommit } from '../../core/object/commit.js';
import { LIMITS } from '../../core/object/limits.js';
import { hashObject, type Oid } from '../../core/object/oid.js';
import { encodeUtf8 } from '../../core/object/text.js';
import { encodeTree } from '../../core/object/tree.js';
import type { IdAnswer, IdentifiedObject, IdRequest, ObjectType, PushRequest } from '../../core/ports.js';

/** The branch that the contract pushes. */
export const MAIN = 'refs/heads/main';

/** Who signs the commits. */
export const ACTOR = { id: 'actor-contract-1', name: 'Ada', email: 'ada@example.org' };

/** A commit, and the objects that it brings. */
export interface Pushable {
  readonly oid: Oid;
  readonly objects: readonly IdentifiedObject[];
}

/** A push of one commit to `main`. */
export function pushOf(commit: Pushable, expected: Oid | null): PushRequest {
  const edits = [{ name: MAIN, expected, target: commit.oid }];
  return { id: randomUUID(), edits, objects: commit.objects, actors: [ACTOR] };
}

/** A commit whose tree has the given files in `plans/INFRA`, with all the objects of that tree. */
export function commitOf(
  files: Readonly<Record<string, string>>,
  parents: readonly Oid[] = [],
): Pushable & { readonly tree: Oid } {
  const blobs = Object.entries(files).map(([name, text]) => ({ name, ...identified('blob', encodeUtf8(text)) }));
  const folder = identified('tree', encodeTree(blobs.map(({ name, oid }) => ({ name, mode: '100644', oid }))));
  const plans = identified('tree', encodeTree([{ name: 'INFRA', mode: '40000', oid: folder.oid }]));
  const root = identified('tree', encodeTree([{ name: 'plans', mode: '40000', oid: plans.oid }]));
  const commit = identified('commit', commitBody(root.oid, parents));
  const objects = [...blobs.map(({ oid, type, body }) => ({ oid, type, body })), folder, plans, root, commit];
  return { oid: commit.oid, tree: root.oid, objects };
}

/** A commit's body, signed by {@link ACTOR}. */
export function commitBody(tree: Oid, parents: readonly Oid[]): Uint8Array {
  const signature = { actor: ACTOR.id, time: 1_700_000_000, offset: 60 };
  return encodeCommit({ tree, parents, author: signature, committer: signature, message: 'contract\n' });
}

/** An object with the id it truly has. */
export function identified(type: ObjectType, body: Uint8Array): IdentifiedObject {
  return { oid: hashObject(type, body), type, body };
}

/** Trees and commits that git, or a client, would stumble over; each with the id that it truly has. */
export function malformedObjects(): IdentifiedObject[] {
  const oid = '\x01'.repeat(20);
  const trees = [
    '100644 cut-short\0\x01\x01',
    '100644 no-oid',
    'nonsense',
    `100666 mode\0${oid}`,
    `040000 padded-mode\0${oid}`,
    `100644 \0${oid}`,
    `100644 .git\0${oid}`,
    `100644 .GIT\0${oid}`,
    `100644 git~1\0${oid}`,
    `40000 .git. .:$INDEX\0${oid}`,
    `40000 .g\xe2\x80\x8cit\0${oid}`,
    `100644 null-id\0${'\0'.repeat(20)}`,
    `160000 null-id\0${'\0'.repeat(20)}`,
    `100644 ..\0${oid}`,
    `100644 .\0${oid}`,
    `100644 a/b\0${oid}`,
    `100644 a\\b\0${oid}`,
    `100644 line\nbreak\0${oid}`,
    `100644 not-utf8-\xff\0${oid}`,
    `100644 ${'n'.repeat(LIMITS.nameBytes + 1)}\0${oid}`,
    `100644 b\0${oid}100644 a\0${oid}`,
    `100644 a\0${oid}100644 a\0${oid}`,
    `100644 a\0${oid}100644 a-b\0${oid}40000 a\0${oid}`,
    `120000 link\0${oid}`,
    `160000 module\0${oid}`,
    `100644 C:evil.md\0${oid}`,
    `100644 a.md:stream\0${oid}`,
    `100644 dot.\0${oid}`,
    `100644 space \0${oid}`,
    `100644 aux.md\0${oid}`,
    `40000 NUL\0${oid}`,
    `100644 com\xc2\xb9.txt\0${oid}`,
    `100644 .gitmodules\0${oid}`,
    `100644 GITMOD~1\0${oid}`,
    `100644 c1-\xc2\x85\0${oid}`,
    `100644 A.md\0${oid}100644 a.md\0${oid}`,
    `40000 INFRA\0${oid}100644 infra\0${oid}`,
    `100644 a\xcc\x88\0${oid}100644 \xc3\xa4\0${oid}`,
    `100644 joined\0${oid}100644 joined\xe2\x80\x8d\0${oid}`,
  ];
  const tree = '1'.repeat(40);
  const signature = `${ACTOR.id} <${ACTOR.id}@actor.agent-sync.invalid> 1700000000 +0100`;
  const commits = [
    'nonsense',
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature}\n`,
    `author ${signature}\ncommitter ${signature}\n\nno tree\n`,
    `tree ${'A'.repeat(40)}\nauthor ${signature}\ncommitter ${signature}\n\nupper case\n`,
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature.replace('1700000000', '01')}\n\npadded date\n`,
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature.replace('+0100', '-0000')}\n\nzone\n`,
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature.replace('+0100', '+0160')}\n\nminutes\n`,
    `tree ${tree}\nparent 12\nauthor ${signature}\ncommitter ${signature}\n\nshort parent\n`,
    `tree ${tree}\nauthor ${signature}\n\nno committer\n`,
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature}\nencoding latin1\n\nextra header\n`,
    `tree ${tree}\nauthor Ada <ada@example.org> 1700000000 +0100\ncommitter ${signature}\n\na person's name\n`,
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature}\n\nnot UTF-8 \xff\n`,
    `tree ${tree}\nauthor ${signature}\ncommitter ${signature.replace('1700000000', '1000000000000')}\n\nyear 33658\n`,
    `tree ${tree}\nauthor ${signature.replace('1700000000', '-1')}\ncommitter ${signature}\n\nbefore 1970\n`,
    `tree ${tree}\n${`parent ${tree}\n`.repeat(LIMITS.parents + 1)}author ${signature}\ncommitter ${signature}\n\nparents\n`,
  ];
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  return [
    ...trees.map((text) => identified('tree', bytes(text))),
    ...commits.map((text) => identified('commit', bytes(text))),
  ];
}

/** Text that is the same for the same `seed`, and that no compression makes small. */
export function filler(seed: number, length: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return `${text.slice(0, length - 1)}\n`;
}

/** A request for the next number above `floor`. */
export function next(kind: IdRequest['kind'], prefix: string, floor: number): IdRequest {
  return { id: randomUUID(), kind, want: { next: prefix, floor } };
}

/** A request for exactly `id`. */
export function claim(kind: IdRequest['kind'], id: string): IdRequest {
  return { id: randomUUID(), kind, want: { claim: id } };
}

/** The answer that an id is the asker's. */
export function issued(id: string): IdAnswer {
  return { status: 'issued', id };
}
