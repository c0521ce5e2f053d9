/** Documents that are small and cost much: each construct of Markdown and YAML, as often as it fits, and in itself. */

/** A unit again and again, up to a length. */
function fill(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

/** A hundred levels on a line, and a hundred within the last of them, as often as it fits into 16 KiB. */
function steps(sign: string): string {
  const line = fill(sign, 200).trimEnd();
  return Array.from({ length: 11 }, (_, i) => ' '.repeat(200 * i) + line).join('\n');
}

const HEAD = '# SYNC-001: T\n\n## State\n\nDRAFT\n\n## Problem Statement\n\n';
/** Frontmatter is not read beyond 16 KiB. */
const YAML = 16_000;
const LETTERS = 'abcdefghijk';

/**
 * Makes the bombs.
 *
 * @param size characters in each, about
 */
export function bombs(size: number): Readonly<Record<string, string>> {
  const root = Math.floor(Math.sqrt(size));
  const again = (unit: string) => fill(unit, size);
  const yaml = (text: string) => `---\n${text}\n---\n${HEAD}`;
  return {
    'emphasis that does not end': HEAD + again('*a_'),
    'brackets that open': HEAD + again('['),
    'links in links': HEAD + again('[a]('),
    'images in images': HEAD + again('![['),
    'ends of links': HEAD + again(']('),
    'a quote in quotes': again('> '),
    'many quotes in quotes': again('>>>>>>>>>> a\n'),
    'a list in lists, by indentation': Array.from({ length: root }, (_, i) => `${' '.repeat(2 * i)}- a`).join('\n'),
    'a list in lists, on one line': again('- '),
    'boxes without end': HEAD + again('- [ ] a\n'),
    'code that does not end': HEAD + Array.from({ length: root }, (_, i) => `${'`'.repeat(i)}a`).join(''),
    'struck out and not': HEAD + again('~a'),
    'a table of cells': `${HEAD}|${again('a|')}\n|${again('-|')}\n`,
    'a table of rows': `${HEAD}|a|b|\n|-|-|\n${again('|x|y|\n')}`,
    'tags that do not end': again('<a '),
    'comments that do not end': again('<!--'),
    'addresses that do not end': HEAD + again('<a:'),
    'addresses of mail': HEAD + again('a@b.'),
    'entities that are none': HEAD + again('&a'),
    'headings without end': again('# a\n'),
    'a heading of signs': `###### ${again('# ')}`,
    'a heading of states and stars': `## State${again('*')}x\n`,
    'a heading of a state and blanks': `## State${again(' ')}x\n`,
    'a state of signs': `## State\n\n${again('*_`')}`,
    'a state of words': `## State\n\n${again('a ')}`,
    'a line of a state and stars': `Status${again('*')}x\n`,
    'a paragraph without end': `${HEAD}${again('a\n')}===\n`,
    'definitions without end': HEAD + again('[a]: b\n'),
    'footnotes without end': HEAD + again('[^a]'),
    'empty lines': HEAD + again('\n'),
    'one line of blanks': `${HEAD}${again(' ')}x`,
    'one line of tabs': again('\t'),
    'one line of letters': HEAD + again('A'),
    'carriage returns': again('\r'),
    'fences that open': HEAD + again('```\n'),
    'ids without end': HEAD + again('A-1 '),
    'half of ids': HEAD + again('A-'),
    'half of handles': HEAD + again('SYNC-DRAFT-'),
    'links in a section of links': `${HEAD}## Linked ADRs\n\n${again('- [a](b)\n')}`,
    'a link that begins without end': `${HEAD}## Linked ADRs\n\n- ${again('](x')}`,
    'an address that begins without end': `${HEAD}## Linked ADRs\n\n- ${again('<a:x')}`,
    'a title of labels': `# ${again('STORY: ')}\n`,
    'a title of ids': `# ${again('SYNC-1 ')}\n`,
    'markers of conflicts': HEAD + again('<<<<<<< a\n=======\n>>>>>>> b\n'),
    'accents on one letter': `${HEAD}a${again('\u0301')}`,
    'joined emoji': HEAD + again('👨‍👩‍👧'),
    'frontmatter that does not end': `---\n${again('a: b\n')}`,
    'frontmatter of brackets': yaml(fill('[', YAML)),
    'frontmatter of maps in maps': yaml(`a: ${fill('{a: ', YAML)}`),
    'frontmatter of lists in lists': yaml(fill('- ', YAML)),
    'frontmatter of keys that are lists': yaml(fill('? - ', YAML)),
    'frontmatter of lists by indentation': yaml(Array.from({ length: 170 }, (_, i) => `${' '.repeat(i)}- `).join('\n')),
    'frontmatter of lists on a line, and more of them within the last': yaml(steps('- ')),
    'frontmatter of keys on a line, and more of them within the last': yaml(steps('? ')),
    'frontmatter of lists in maps': yaml(
      Array.from({ length: 115 }, (_, i) => `${' '.repeat(i)}a:\n${' '.repeat(i)}-`).join('\n'),
    ),
    'frontmatter of aliases of aliases': yaml(
      [...LETTERS]
        .map((letter, i) => `${letter}: &${letter} [${fill(i === 0 ? 'x,' : `*${LETTERS[i - 1]},`, 27)}]`)
        .join('\n'),
    ),
    'frontmatter with a key of 15,000 letters': yaml(`${fill('k', 15_000)}: v`),
    'frontmatter of 1,800 keys': yaml(Array.from({ length: 1800 }, (_, i) => `k${i}: v`).join('\n')),
    'frontmatter of merge keys': yaml(`a: &a {x: 1}\n${fill('<<: *a\n', 15_000)}`),
    'frontmatter of tags': yaml(`a: !!js/function "x"\n${fill('!a ', 15_000)}`),
    'frontmatter of escapes': yaml(`a: "${fill('\\', 15_000)}`),
    'frontmatter with __proto__': yaml('__proto__: {state: DONE}\nconstructor: x\nstate: DRAFT'),
  };
}
