import fc from 'fast-check';

/** A base and two versions of it. */
export interface Triple {
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
}

/**
 * Three related files: from few to many lines, all alike or all different or a few of them very frequent, LF and CRLF,
 * some without a last LF.
 */
export const triples: fc.Arbitrary<Triple> = fc
  .record({
    seed: fc.integer(),
    lines: fc.oneof(
      { weight: 5, arbitrary: fc.nat(12) },
      { weight: 3, arbitrary: fc.nat(80) },
      { weight: 2, arbitrary: fc.integer({ min: 200, max: 900 }) },
    ),
    alphabet: fc.constantFrom(2, 3, 6, 12, 60, 1000),
    /** Percentage of lines that occur nowhere else. */
    unique: fc.constantFrom(0, 0, 30, 90),
    crlf: fc.constantFrom(0, 0, 50, 100),
    edits: fc.constantFrom(1, 2, 4, 30),
    editSize: fc.constantFrom(1, 3, 8, 200),
  })
  .map(({ seed, lines, alphabet, unique, crlf, edits, editSize }) => {
    const random = generator(seed);
    let fresh = alphabet;
    const line = () => {
      const number = random(100) < unique ? fresh++ : random(random(alphabet) + 1);
      return word(number) + (random(100) < crlf ? '\r\n' : '\n');
    };
    const some = (count: number) => Array.from({ length: count }, line);
    const base = some(lines);
    const edited = () => {
      const copy = [...base];
      for (let i = 0; i < edits; i++) {
        copy.splice(random(copy.length + 1), random(editSize + 1), ...some(random(editSize + 1)));
      }
      return copy;
    };
    const shared = edited();
    const [ours, theirs] =
      random(4) === 0
        ? [
            [...shared, line()],
            [line(), ...shared],
          ]
        : [edited(), edited()];
    const bytes = (all: string[]) => Buffer.from(random(3) === 0 ? all.join('').replace(/\r?\n$/, '') : all.join(''));
    return { base: bytes(base), ours: bytes(ours), theirs: bytes(theirs) };
  });

function word(n: number): string {
  return ['', '}', '- [ ]', 'a', '# b'][n] ?? `line ${n}`;
}

/** Numbers below a limit, the same for the same seed. */
function generator(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
