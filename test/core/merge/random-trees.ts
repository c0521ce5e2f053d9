import fc from 'fast-check';
import type { FileMode } from '../../../lib/core/object/tree.js';
import type { Files } from '../memory-objects.js';

type File = readonly [FileMode, string];

const PATHS = ['a', 'd', 'd/x', 'd/y', 'd/e', 'd/e/z', 'd.b', 'd~ours', 'f', 'p/q/r', 'é', 'z'];
const MODES: FileMode[] = ['100644', '100644', '100644', '100755', '120000', '160000'];
const EDITS = ['none', 'first', 'first, otherwise', 'last', 'empty', 'binary'] as const;

/** What a path holds. No line stands at two paths, so that git finds no renames. */
const fileAt = (path: string): fc.Arbitrary<File> =>
  fc.tuple(fc.constantFrom(...MODES), fc.constantFrom(...EDITS)).map(([mode, edit]) => {
    if (mode === '160000')
      return [
        mode,
        Buffer.from(path + edit)
          .toString('hex')
          .padEnd(40, '0')
          .slice(-40),
      ];
    if (edit === 'empty' && mode !== '120000') return [mode, ''];
    const lines = ['first', '2', '3', '4', '5', '6', 'last'].map(
      (line) => `${path} ${line === edit ? 'edited' : line}\n`,
    );
    if (edit === 'first, otherwise') lines[0] = `${path} otherwise\n`;
    return [mode, mode === '120000' ? path + edit : edit === 'binary' ? `${path}\0` : lines.join('')];
  });

/** A base tree and two that came of it, as files by path; submodules have their commit for contents. */
export const treeTriples: fc.Arbitrary<Record<'base' | 'ours' | 'theirs', Files>> = fc
  .tuple(
    ...PATHS.map((path) => {
      const some = fc.option(fileAt(path), { freq: 2 });
      const kept = fc.option(some, { nil: 'as base' as const, freq: 2 });
      return fc.record({ path: fc.constant(path), base: some, ours: kept, theirs: kept });
    }),
  )
  .map((rows) => {
    const side = (of: 'base' | 'ours' | 'theirs') => {
      const files = rows.flatMap((row) => {
        const file = row[of] === 'as base' ? row.base : row[of];
        return file ? [[row.path, file] as const] : [];
      });
      return Object.fromEntries(files.filter(([path]) => !files.some(([other]) => other.startsWith(`${path}/`))));
    };
    return { base: side('base'), ours: side('ours'), theirs: side('theirs') };
  });
