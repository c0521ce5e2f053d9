import { hashObject, NULL_OID, type Oid } from '../../../lib/core/object/oid.js';
import type { IdentifiedObject, ObjectType } from '../../../lib/core/ports.js';
import { ACTOR, commitBody, identified } from '../../../lib/origin/contract/specimens.js';

/** Bytes of a text in which each character is one byte, so that what is not UTF-8 can be written down. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One entry of a tree as its bytes are; `name` in one byte a character. */
export function entry(mode: string, name: string, oid: Oid = BLOB.oid): string {
  return `${mode} ${name}\0${Buffer.from(oid, 'hex').toString('latin1')}`;
}

/** A tree of entries as they are, in the order they are in. */
export function tree(...entries: readonly string[]): IdentifiedObject {
  return identified('tree', bytes(entries.join('')));
}

/** A text in the form that {@link entry} takes. */
export function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A file that any tree may hold. */
export const BLOB = identified('blob', Buffer.from('# evil\n'));

/** A commit of a tree. */
export function commit(root: Oid, parents: readonly Oid[]): IdentifiedObject {
  return identified('commit', commitBody(root, parents));
}

const SIGNATURE = `${ACTOR.id} <${ACTOR.id}@actor.agent-sync.invalid> 1700000000 +0100`;

/** A commit's body in words, each part of which can be another. */
export function commitText(
  root: Oid,
  { parents = '', author = SIGNATURE, committer = SIGNATURE, more = '', message = 'evil\n' } = {},
): IdentifiedObject {
  return identified(
    'commit',
    bytes(`tree ${root}\n${parents}author ${author}\ncommitter ${committer}\n${more}\n${message}`),
  );
}

/** Who signs, at another time. */
export function signedAt(time: string): string {
  return SIGNATURE.replace('1700000000', time);
}

/** Trees one in the other, each naming the one below `width` times; the innermost first. */
export function nested(depth: number, width = 1): IdentifiedObject[] {
  const trees = [tree(entry('100644', 'a.md'))];
  for (let level = 1; level < depth; level++) {
    const below = trees.at(-1)!.oid;
    trees.push(
      tree(...Array.from({ length: width }, (_, i) => entry('40000', `d${String(i).padStart(4, '0')}`, below))),
    );
  }
  return trees;
}

/** An object under an id that is not its own. */
export function forged(
  type: ObjectType,
  body: Uint8Array,
  oid: Oid = hashObject('blob', bytes('another')),
): IdentifiedObject {
  return { oid, type, body };
}

export { NULL_OID };
