/** The box that a list item begins with: `- [x] text` is ticked. */
export interface Box {
  /** A blank, `x` or `X`. */
  readonly tick: string;
  /** The line with an empty box, by which the item is known. */
  readonly open: string;
}

const BOX = /^([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[)([ xX])(?=\][ \t]+\S)/;

/** Reads the box on a line; undefined when there is none. */
export function readBox(line: string): Box | undefined {
  const found = BOX.exec(line);
  return found ? { tick: found[2]!, open: tickBox(line, ' ') } : undefined;
}

/** Writes another tick into the box on a line. */
export function tickBox(line: string, tick: string): string {
  return line.replace(BOX, (_, before: string) => before + tick);
}
