import { SECRET } from '../config/secret.js';

const LONGEST = 200;
/** Who was erased must not be told by the log of who erased them. */
const SOMEBODY = '(somebody)';

/**
 * A command line as the log of operations keeps it: on one line, not too long, and without names of people, keys, or
 * the parts of an address that can hold some.
 *
 * @param argv without node and script
 * @param redact takes out what else may not be kept, before the line is cut: half of a value has no form
 */
export function recordedCommand(argv: readonly string[], redact: (line: string) => string): string {
  const words = argv
    .map((word, i) => (argv[i - 1] === '--actor' ? SOMEBODY : word.replace(/^--actor=.*/s, `--actor=${SOMEBODY}`)))
    .filter((word) => word !== '--json')
    .map((word) => hideSecrets(word).replace(/\s+/g, ' '));
  const line = redact(words.map((word) => (word === '' || word.includes(' ') ? `'${word}'` : word)).join(' '));
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

function hideSecrets(word: string): string {
  return word
    .replace(SECRET, '(key)')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/gi, '$1')
    .replace(/(:\/\/[^?#\s]*)[?#]\S*/g, '$1');
}
