import { type Document, isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { SchemaError } from '../core/schema-validator.js';
import { isDeepYaml } from '../core/yaml-nesting.js';
import { didYouMean } from './did-you-mean.js';
import { SECRET } from './secret.js';
import { syncConfigSchema } from './sync-config-schema.js';
import { validateSyncConfig } from './validators.js';

/** One thing that is wrong with sync.yaml, and where; lines and columns are counted from 1. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const STATE_EXPECTED = 'a state is up to four words of letters, such as REVIEW_NEEDED';

/** What a value has to be, by its place in the file; `*` stands for any kind, state or number. */
const EXPECTED: Readonly<Record<string, string>> = {
  '': "must be a map that begins with 'version: 1'",
  '/version': 'version must be 1; this agent-sync knows no other',
  '/origin': "origin must be a map with 'url' and 'project'",
  '/origin/url':
    'url must be https://HOST, http://127.0.0.1:PORT for an origin on this machine, or file:PATH, without a user name or password',
  '/origin/project': "project must be a name of letters, digits, '.', '_', '/' and '-'",
  '/origin/schema': 'schema must be the name of a database schema, in lowercase letters, digits and _',
  '/origin/key_env': 'key_env must be the name of an environment variable, such as SUPABASE_ANON_KEY',
  '/origin/token_env': 'token_env must be the name of an environment variable, such as SUPABASE_ACCESS_TOKEN',
  '/origin/timeout': 'timeout must be a number of seconds from 1 to 3600',
  '/merge': "merge must be a map with 'rerere' and 'style'",
  '/merge/rerere': 'rerere must be true or false',
  '/merge/style': 'style must be merge, diff3 or zdiff3',
  '/kinds': "kinds must be a map with 'plan', 'story' and 'runbook'",
  '/kinds/*': "a kind must be a map with 'merge' and 'states'",
  '/kinds/*/merge': 'merge must be text or artifact',
  '/kinds/*/states': 'states must be a map from each state to the list of those that may follow, such as DRAFT: [DONE]',
  '/kinds/*/states/*': 'must be the list of states that may follow, each once; [] for a last one',
  '/kinds/*/states/*/*': STATE_EXPECTED,
  '/privacy': "privacy must be a map with 'detectors', 'country' and 'allow'",
  '/privacy/detectors': 'detectors must be a map from kinds of values to redact, block, warn or off',
  '/privacy/detectors/*': 'must be redact, block, warn or off',
  '/privacy/country': 'country must be two capital letters, such as DE: telephone numbers of that country need no +',
  '/privacy/allow': "allow must be a map with 'values', 'domains' and 'paths'",
  '/privacy/allow/values': 'values must be a list of texts that are left as they are',
  '/privacy/allow/values/*': 'must be a text; quote a number',
  '/privacy/allow/domains': 'domains must be a list of domains whose e-mail addresses are left as they are',
  '/privacy/allow/domains/*': 'must be a domain, such as company.example',
  '/privacy/allow/paths': 'paths must be a list of files, or of folders that end in /',
  '/privacy/allow/paths/*': 'must begin with plans/, stories/ or runbooks/, and end in / for a folder',
  '/sync': "sync must be a map with 'conflict' and 'offline'",
  '/sync/conflict': 'conflict must be manual, ours or theirs',
  '/sync/offline': 'offline must be fail or queue',
};

const BELONGS_ELSEWHERE =
  "sync.yaml is committed to git: 'agent sync login' keeps keys and tokens encrypted, or an environment variable holds them, " +
  'and key_env or token_env names it. If the file was committed, the key has leaked: have it replaced';
const SECRET_REFUSED = `this looks like a key, and ${BELONGS_ELSEWHERE}`;
const SECRET_NAME_REFUSED = `this is where a key would be, and ${BELONGS_ELSEWHERE}`;
/** What a setting is called that holds a secret itself; as `key_env` is called, it names the variable that does. */
const SECRET_NAME = /(^|_)(api)?(key|token|jwt|secret|password|passwd|passphrase|credential)s?$|service_?role/;
const ALIAS_REFUSED = 'aliases (*name) are not allowed here; write the value out';

/** In characters. */
const MAX_LENGTH = 16 * 1024;

/**
 * Reads sync.yaml and lists everything that is wrong with it.
 *
 * @returns the value as YAML gives it, of use only without problems
 */
export function findConfigProblems(text: string): { readonly problems: ConfigProblem[]; readonly value: unknown } {
  if (text.length > MAX_LENGTH) {
    return { problems: [{ line: 1, column: 1, message: `is longer than ${MAX_LENGTH} characters` }], value: undefined };
  }
  if (isDeepYaml(text)) {
    return { problems: [{ line: 1, column: 1, message: 'is nested too deep' }], value: undefined };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, message: string): ConfigProblem => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), message };
  };

  const malformed = [...document.errors, ...document.warnings].map(({ pos, code, message }) =>
    at(pos[0], code === 'MULTIPLE_DOCS' ? 'only one YAML document is read; remove this one' : redact(message)),
  );
  const secrets = [...text.matchAll(SECRET)].map(({ index }) => at(index, SECRET_REFUSED));
  const named = findSecretNames(document).map((node) => at(offsetOf(node), SECRET_NAME_REFUSED));
  const aliases = findAliases(document).map((node) => at(offsetOf(node), ALIAS_REFUSED));
  const refused = [...malformed, ...secrets, ...named, ...aliases];
  if (refused.length > 0) return { problems: refused.sort(byPlace), value: undefined };

  const value: unknown = document.toJS();
  if (validateSyncConfig(value)) return { problems: [], value };
  const problems = (validateSyncConfig.errors ?? []).map((error) => {
    const { node, message } = explain(error, document);
    return at(offsetOf(node), message);
  });
  return { problems: problems.sort(byPlace), value };
}

/** Settings called like secrets, wherever an origin is spoken of: other sections may call things as they like. */
function findSecretNames(document: Document): Node[] {
  const found: Node[] = [];
  visit(document, {
    Pair: (_, { key }, path) => {
      if (!isScalar(key)) return;
      const name = String(key.value)
        .replace(/([a-z])([A-Z])/g, '$1_$2')
        .replace(/[-\s]+/g, '_')
        .toLowerCase();
      if (path.length === 2 && name !== 'origin' && knownKeys([]).includes(name)) return visit.SKIP;
      if (SECRET_NAME.test(name)) found.push(key);
    },
  });
  return found;
}

/** Nothing here needs aliases, and a few lines of them can expand without end. */
function findAliases(document: Document): Node[] {
  const aliases: Node[] = [];
  visit(document, { Alias: (_, node) => void aliases.push(node) });
  return aliases;
}

function explain(error: SchemaError, document: Document): { node: Node | undefined; message: string } {
  const path = error.instancePath.split('/').slice(1);
  const place = genericPlace(path);
  const found = path.length === 0 ? document.contents : document.getIn(path, true);
  const node = isNode(found) ? found : undefined;
  if (error.keyword === 'required') {
    const owner = path.length === 0 ? '' : ` in ${path.join('.')}`;
    const missing = String(error.params.missingProperty);
    return { node, message: `${missing} is missing${owner}; ${EXPECTED[`${place}/${missing}`]}` };
  }
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params.additionalProperty);
    return { node: keyNode(node, name), message: unknownKey(name, path) };
  }
  return { node, message: EXPECTED[place] ?? 'is not as expected' };
}

/** The place by which {@link EXPECTED} knows a path in the file. */
function genericPlace(path: readonly string[]): string {
  // Below `kinds`, the first name is a kind, the second a setting, and the rest are states and numbers. Below `privacy`, there are
  // the names of detectors, and numbers in lists.
  const isGeneric = (i: number) =>
    (path[0] === 'kinds' && (i === 1 || i > 2)) ||
    (path[0] === 'privacy' && ((path[1] === 'detectors' && i === 2) || i === 3));
  return path.map((name, i) => (isGeneric(i) ? '/*' : `/${name}`)).join('');
}

function unknownKey(name: string, owner: readonly string[]): string {
  const known = knownKeys(owner);
  if (known.length === 0) return `'${name.slice(0, 40)}' cannot be a state; ${STATE_EXPECTED}`;
  const meant = didYouMean(name, known);
  return `unknown setting '${name.slice(0, 40)}'; ${meant ? `did you mean '${meant}'?` : `known are ${known.join(', ')}`}`;
}

/** The settings that the map at a path may have; none for a map of states. */
function knownKeys(path: readonly string[]): string[] {
  let schema: MapSchema | undefined = syncConfigSchema;
  for (const name of path) schema = schema?.properties?.[name];
  return Object.keys(schema?.properties ?? {});
}

interface MapSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, MapSchema>>;
}

function keyNode(map: Node | undefined, name: string): Node | undefined {
  if (!isMap(map)) return map;
  const pair = map.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === name);
  return isNode(pair?.key) ? pair.key : map;
}

function offsetOf(node: Node | undefined): number {
  return node?.range?.[0] ?? 0;
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  return a.line - b.line || a.column - b.column;
}

function redact(message: string): string {
  return message.replace(SECRET, '(key)');
}
