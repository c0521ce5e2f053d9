import type { random } from '../../fuzz.js';

/**
 * Two versions of a text like Markdown or code: blocks with blank lines and indentation, repeated, moved, copied and cut,
 * so that many a change could stand in several places; now and then long runs of them, odd blanks, no last newline.
 */
export function randomEdit(next: ReturnType<typeof random>): [string, string] {
  const pick = <T>(items: readonly T[]): T => items[next(items.length)]!;
  const words = pick([1, 2, 3, 5, 20, 1000]);
  const blankPercent = pick([0, 10, 30, 60, 90]);
  const indents = pick([[''], ['', '  '], ['', '  ', '    ', '      '], ['', '\t', '  \t', '\t\t'], ODD_INDENTS]);
  const blanks = pick([[''], [''], ['', ' ', '\t', '    '], ['\r'], ['', ' '.repeat(205), '\f']]);
  const end = pick(['\n', '\n', '\n', '\r\n']);
  const line = () =>
    next(100) < blankPercent ? `${pick(blanks)}\n` : `${pick(indents)}${pick(['-', 'w', '#'])} ${next(words)}${end}`;
  const some = (count: number) => Array.from({ length: count }, line);
  const repeated = () => {
    const block = some(1 + next(pick([2, 5, 30])));
    return Array.from({ length: 1 + next(pick([2, 4, 40])) }, () => block).flat();
  };
  const before: string[] = [];
  for (let i = next(8); i >= 0; i--) {
    before.push(...(next(2) ? repeated() : some(next(12))));
    if (next(12) === 0) before.push(...Array.from({ length: next(45) }, () => '\n'));
  }
  const after = [...before];
  for (let i = next(4); i >= 0; i--) {
    const at = next(after.length + 1);
    const copied = next(before.length + 1);
    const inserted = pick([
      () => some(next(5)),
      repeated,
      () => before.slice(copied, copied + next(10)),
      () => after.slice(at, at + next(9)),
      () => after.slice(Math.max(0, at - next(150)), at),
    ]);
    after.splice(at, next(pick([1, 2, 8])), ...inserted());
  }
  const text = (lines: string[]) => (next(8) ? lines.join('') : lines.join('').replace(/\r?\n$/, ''));
  return [text(before), text(after)];
}

const ODD_INDENTS = ['', '\f', '\v ', '   \r', ...[190, 199, 201].map((n) => ' '.repeat(n)), `${' '.repeat(195)}\t`];
