import t from 'tap';
import { CONFIG_DEFAULTS } from '../../lib/config/config-defaults.js';
import { didYouMean } from '../../lib/config/did-you-mean.js';
import { addOrigin, renderSyncConfig } from '../../lib/config/render-sync-config.js';
import { type OriginConfig, parseSyncConfig, type SyncConfig } from '../../lib/config/sync-config.js';
import { SyncError } from '../../lib/core/errors.js';

const FILE = '.agent/etc/sync.yaml';
const ORIGIN = {
  url: 'https://abc.supabase.co',
  project: 'demo',
  schema: 'agent_sync',
  keyEnv: 'SUPABASE_ANON_KEY',
  tokenEnv: 'SUPABASE_ACCESS_TOKEN',
  timeout: 30,
};

function refusal(text: string): SyncError {
  try {
    parseSyncConfig(text, FILE);
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  throw new Error(`taken: ${text}`);
}

t.test('what is written is read back', async (t) => {
  const origins: [what: string, origin: OriginConfig | undefined][] = [
    ['a project that is not shared', undefined],
    ['a hosted origin', ORIGIN],
    ['an origin on this machine', { ...ORIGIN, url: 'http://127.0.0.1:54321' }],
    ['an origin in a file', { ...ORIGIN, url: 'file:../team/agent.db' }],
    ['a path that YAML would misread', { ...ORIGIN, url: 'file:/tmp/a #b: c' }],
    ['a project that YAML would take for a number', { ...ORIGIN, project: '007' }],
    ['an origin that is slow', { ...ORIGIN, timeout: 90 }],
    ['other variables', { ...ORIGIN, keyEnv: 'TEAM_KEY', tokenEnv: 'TEAM_TOKEN' }],
  ];
  for (const [what, origin] of origins) {
    t.strictSame(
      parseSyncConfig(renderSyncConfig(origin), FILE),
      { ...CONFIG_DEFAULTS, ...(origin && { origin }) },
      what,
    );
  }
  t.matchOnly(
    renderSyncConfig(ORIGIN),
    /^# .*\n# .*\n\nversion: 1\norigin:\n {2}# .*\n {2}url: https:\/\/abc\.supabase\.co\n {2}project: demo\n/,
    'for people to read and edit',
  );
  t.notMatch(renderSyncConfig(ORIGIN), /merge|kinds|sync:/, 'defaults are not written out');
  t.throws(() => renderSyncConfig({ ...ORIGIN, url: 'ftp://x' }), { code: 'CONFIG_INVALID' });
});

t.test('an origin is added to what the file says already', async (t) => {
  t.equal(addOrigin(renderSyncConfig(undefined), ORIGIN), renderSyncConfig(ORIGIN), 'to a file as init makes it');
  const written = [
    'version: 1',
    '# Our own words',
    'merge: { style: diff3 } # as we had it in git',
    'kinds:',
    '  story:',
    '    merge: artifact',
    '    states:',
    '      DRAFT:',
    '        - DONE # at last',
    '# the end',
  ];
  const added = addOrigin(written.join('\n'), ORIGIN);
  for (const line of written) t.ok(added.split('\n').includes(line), `kept: ${line}`);
  t.strictSame(parseSyncConfig(added, FILE), { ...parseSyncConfig(written.join('\n'), FILE), origin: ORIGIN });
  t.strictSame(
    parseSyncConfig(addOrigin('{version: 1, sync: {conflict: ours}}', ORIGIN), FILE),
    { ...CONFIG_DEFAULTS, origin: ORIGIN, sync: { conflict: 'ours', offline: 'fail' } },
    'in whatever style it is written',
  );
  t.throws(() => addOrigin('version: 1\n', { ...ORIGIN, url: 'ftp://x' }), { code: 'CONFIG_INVALID' });
});

t.test('what is left out has its default', async (t) => {
  const { merge, kinds } = CONFIG_DEFAULTS;
  const text = 'version: 1\norigin: { url: https://abc.supabase.co, project: demo }\n';
  const table: [what: string, text: string, config: SyncConfig][] = [
    ['everything', 'version: 1\n', CONFIG_DEFAULTS],
    ['all of an origin but its address', text, { ...CONFIG_DEFAULTS, origin: ORIGIN }],
    [
      'the style of conflicts',
      'version: 1\nmerge: { rerere: true }\n',
      { ...CONFIG_DEFAULTS, merge: { ...merge, rerere: true } },
    ],
    ['rerere', 'version: 1\nmerge: { style: zdiff3 }\n', { ...CONFIG_DEFAULTS, merge: { ...merge, style: 'zdiff3' } }],
    [
      'the other kinds, and the states of this one',
      'version: 1\nkinds: { story: { merge: artifact } }\n',
      { ...CONFIG_DEFAULTS, kinds: { ...kinds, story: { merge: 'artifact' } } },
    ],
    [
      'how a kind merges',
      'version: 1\nkinds: { plan: { states: { NEW: [In Progress], In Progress: [] } } }\n',
      {
        ...CONFIG_DEFAULTS,
        kinds: { ...kinds, plan: { merge: 'text', states: { NEW: ['In Progress'], 'In Progress': [] } } },
      },
    ],
    [
      'nothing of what wins',
      'version: 1\nsync: { conflict: theirs }\n',
      { ...CONFIG_DEFAULTS, sync: { conflict: 'theirs', offline: 'fail' } },
    ],
    [
      'what else is looked for',
      'version: 1\nprivacy: { detectors: { ip: block }, country: DE, allow: { domains: [acme-works.com] } }\n',
      {
        ...CONFIG_DEFAULTS,
        privacy: {
          detectors: { ...CONFIG_DEFAULTS.privacy.detectors, ip: 'block' },
          country: 'DE',
          allow: { values: [], domains: ['acme-works.com'], paths: [] },
        },
      },
    ],
  ];
  for (const [what, text, config] of table) t.strictSame(parseSyncConfig(text, FILE), config, what);
});

t.test('what is wrong is named with line and column', async (t) => {
  const origin = (lines: string) => `version: 1\norigin:\n  url: https://a.co\n  project: x\n${lines}`;
  const table: [what: string, text: string, ...problems: string[]][] = [
    ['an empty file', '', "1:1: must be a map that begins with 'version: 1'"],
    ['a list', '- version: 1\n', "1:1: must be a map that begins with 'version: 1'"],
    ['no version', 'origin:\n  url: https://a.co\n  project: x\n', '1:1: version is missing; version must be 1;'],
    ['a newer version', '# hello\nversion: 2\n', '2:10: version must be 1; this agent-sync knows no other'],
    ['a misspelt setting', 'version: 1\norigni:\n', "2:1: unknown setting 'origni'; did you mean 'origin'?"],
    [
      'a misspelt setting further in',
      origin('  keyenv: A\n'),
      "5:3: unknown setting 'keyenv'; did you mean 'key_env'?",
    ],
    [
      'a misspelt way of merging',
      'version: 1\nmerge:\n  styl: diff3\n',
      "3:3: unknown setting 'styl'; did you mean 'style'?",
    ],
    ['an unknown style', 'version: 1\nmerge: { style: diff }\n', '2:17: style must be merge, diff3 or zdiff3'],
    ['rerere in words', 'version: 1\nmerge:\n  rerere: always\n', '3:11: rerere must be true or false'],
    ['merge without a map', 'version: 1\nmerge: diff3\n', "2:8: merge must be a map with 'rerere' and 'style'"],
    ['an unknown kind', 'version: 1\nkinds: { storys: {} }\n', "2:10: unknown setting 'storys'; did you mean 'story'?"],
    ['a kind in a word', 'version: 1\nkinds: { story: artifact }\n', "2:17: a kind must be a map with 'merge' and"],
    ['an unknown merge', 'version: 1\nkinds: { story: { merge: smart } }\n', '2:26: merge must be text or artifact'],
    [
      'a misspelt setting of a kind',
      'version: 1\nkinds: { plan: { merges: text } }\n',
      "2:18: unknown setting 'merges'; did you mean 'merge'?",
    ],
    ['states in a list', 'version: 1\nkinds: { plan: { states: [NEW] } }\n', '2:26: states must be a map from each'],
    [
      'no such state',
      'version: 1\nkinds: { plan: { states: { 1a: [] } } }\n',
      "2:28: '1a' cannot be a state; a state is",
    ],
    ['no list of states', 'version: 1\nkinds: { plan: { states: { A: B } } }\n', '2:31: must be the list of states'],
    ['a state twice', 'version: 1\nkinds: { plan: { states: { A: [B, B] } } }\n', '2:31: must be the list of states'],
    ['no next state', 'version: 1\nkinds: { plan: { states: { A: [B, 7] } } }\n', '2:35: a state is up to four words'],
    [
      'an unknown answer to no connection',
      'version: 1\nsync: { offline: wait }\n',
      '2:18: offline must be fail or queue',
    ],
    ['an unknown winner', 'version: 1\nsync: { conflict: mine }\n', '2:19: conflict must be manual, ours or theirs'],
    ['privacy in a word', 'version: 1\nprivacy: strict\n', "2:10: privacy must be a map with 'detectors'"],
    [
      'an unknown detector',
      'version: 1\nprivacy: { detectors: { mail: off } }\n',
      "2:25: unknown setting 'mail'; did you mean 'email'?",
    ],
    [
      'an unknown action',
      'version: 1\nprivacy: { detectors: { email: delete } }\n',
      '2:32: must be redact, block, warn or off',
    ],
    ['a country in words', 'version: 1\nprivacy: { country: Germany }\n', '2:21: country must be two capital letters'],
    [
      'a domain with an at sign',
      'version: 1\nprivacy: { allow: { domains: [me@acme.com] } }\n',
      '2:31: must be a domain',
    ],
    [
      'a path elsewhere',
      'version: 1\nprivacy: { allow: { paths: [docs/] } }\n',
      '2:29: must begin with plans/, stories/ or runbooks/',
    ],
    ['an unknown setting', origin('  colour: red\n'), "5:3: unknown setting 'colour'; known are url, project, schema,"],
    ['an origin without address', 'version: 1\norigin:\n  project: x\n', '3:3: url is missing in origin; url must be'],
    ['an origin that says nothing', 'version: 1\norigin:\n', "2:8: origin must be a map with 'url' and 'project'"],
    ['an address without encryption', origin('').replace('https', 'http'), '3:8: url must be https://HOST'],
    ['an address with a password', origin('').replace('a.co', 'me:pw@a.co'), '3:8: url must be https://HOST'],
    ['a project with a blank', origin('').replace('project: x', 'project: x y'), '4:12: project must be a name'],
    ['a number for a name', origin('  schema: 7\n'), '5:11: schema must be the name of a database schema'],
    ['a schema with a quote', origin('  schema: a"b\n'), '5:11: schema must be the name of a database schema'],
    [
      'no name of a variable',
      origin('  key_env: my key\n'),
      '5:12: key_env must be the name of an environment variable',
    ],
    ['no patience', origin('  timeout: 0\n'), '5:12: timeout must be a number of seconds from 1 to 3600'],
    ['patience in words', origin('  timeout: 30s\n'), '5:12: timeout must be a number of seconds from 1 to 3600'],
    ['a tab', 'version: 1\norigin:\n\turl: x\n', '3:1: Tabs are not allowed as indentation'],
    ['a key twice', 'version: 1\nversion: 1\n', '2:1: Map keys must be unique'],
    ['a bracket left open', 'version: [1\n', '2:1: Flow sequence in block collection must be sufficiently indented'],
    ['a second document', 'version: 1\n---\nversion: 1\n', '2:1: only one YAML document is read'],
    ['a tag', 'version: !!js/function x\n', '1:10: Unresolved tag'],
    ['an alias', 'version: &v 1\norigin: *v\n', '2:9: aliases (*name) are not allowed here'],
    ['a bomb of nested lists', '['.repeat(100_000), '1:1: is longer than 16384 characters'],
    [
      'several at once',
      'version: 3\norigin:\n  urll: https://a.co\n  project: a b\n',
      '1:10: version must be 1',
      '3:3: url is missing in origin',
      "3:3: unknown setting 'urll'; did you mean 'url'?",
      '4:12: project must be a name',
    ],
  ];
  for (const [what, text, ...problems] of table) {
    const { code, message, hint } = refusal(text);
    const lines = message.split('\n').slice(1);
    t.equal(code, 'CONFIG_INVALID', what);
    for (const [i, problem] of problems.entries()) {
      t.ok(lines[i]?.startsWith(`  ${FILE}:${problem}`), `${what}: ${problem}`, { found: lines[i] });
    }
    t.match(hint, FILE, `${what}: the hint names the file`);
  }
  const bomb = [
    'version: 1',
    'a: &a [x, x]',
    ...[...'bcdefghij'].map((k, i) => `${k}: &${k} [${`*${'abcdefghi'[i]},`.repeat(9)}]`),
  ];
  t.match(refusal(bomb.join('\n')).message, /aliases/, 'aliases that would expand to 9^9 items are not expanded');
});

t.test('a key in the file is refused, and never repeated', async (t) => {
  const keys = [
    'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2lnbmF0dXJl',
    'sb_publishable_abcdefghijklmnop_12345678',
    'sb_secret_abcdefghijklmnop_12345678',
    'sbp_0123456789abcdef0123456789abcdef01234567',
  ];
  const places: [where: string, text: (key: string) => string, place: string][] = [
    ['as key_env', (key) => `version: 1\norigin:\n  url: https://a.co\n  project: x\n  key_env: ${key}\n`, '5:12'],
    [
      'under a name of its own',
      (key) => `version: 1\norigin:\n  url: https://a.co\n  project: x\n  key: ${key}\n`,
      '5:8',
    ],
    ['in the address', (key) => `version: 1\norigin:\n  url: https://a.co/?apikey=${key}\n  project: x\n`, '3:29'],
    ['as a name', (key) => `version: 1\n${key}: 1\n`, '2:1'],
    ['in a comment', (key) => `version: 1 # ${key}\n`, '1:14'],
    ['in broken YAML', (key) => `version: 1\norigin: { url: "${key}\n`, '2:17'],
  ];
  for (const key of keys) {
    for (const [where, text, place] of places) {
      const error = refusal(text(key));
      t.match(error.message, `${FILE}:${place}: this looks like a key`, `${key.slice(0, 14)}… ${where}`);
      t.notMatch(JSON.stringify([error.message, error.hint]), key.slice(0, 20), `${key.slice(0, 14)}… is not shown`);
    }
  }
});

t.test('a setting for a secret is refused, whatever it holds, and what it holds is never shown', async (t) => {
  const inOrigin = (line: string) => `version: 1\norigin:\n  url: https://a.co\n  project: x\n  ${line}\n`;
  const rows: [what: string, text: string, place: string][] = [
    ['a key', inOrigin('key: hunter2hunter2'), '5:3'],
    ['an anon key', inOrigin('anon_key: hunter2hunter2'), '5:3'],
    ['in another spelling', inOrigin('anonKey: hunter2hunter2'), '5:3'],
    ['and another', inOrigin('"api-key": hunter2hunter2'), '5:3'],
    ['a token', inOrigin('accessToken: hunter2hunter2'), '5:3'],
    ['a password', inOrigin('password: hunter2hunter2'), '5:3'],
    ['a service role', inOrigin('service_role: hunter2hunter2'), '5:3'],
    ['a list of them', inOrigin('tokens: [hunter2hunter2]'), '5:3'],
    ['beside the origin', 'version: 1\nSUPABASE_ANON_KEY: hunter2hunter2\n', '2:1'],
    ['in a section of its own', 'version: 1\nsupabase:\n  secret: hunter2hunter2\n', '3:3'],
    ['in broken YAML', 'version: 1\nkey: hunter2hunter2\norigin: {\n', '2:1'],
  ];
  for (const [what, text, place] of rows) {
    const error = refusal(text);
    t.match(error.message, `${FILE}:${place}: this is where a key would be`, what);
    t.match(error.message, 'agent sync login', `${what}: where it belongs is told`);
    t.match(error.message, 'has leaked', `${what}: and that it is no secret any more`);
    t.notMatch(JSON.stringify([error.message, error.hint]), 'hunter2', `${what} is not shown`);
  }
  const states = 'version: 1\nkinds: { story: { states: { KEY: [TOKEN], TOKEN: [] } } }\n';
  t.match(parseSyncConfig(states, FILE).kinds.story.states, { KEY: ['TOKEN'] }, 'a state may be called as it likes');
});

t.test('a mistyped word is told from a strange one', async (t) => {
  const known = ['url', 'project', 'key_env', 'token_env'];
  t.equal(didYouMean('projetc', known), 'project');
  t.equal(didYouMean('KEY_ENV', known), 'key_env');
  t.equal(didYouMean('tokn_env', known), 'token_env');
  t.equal(didYouMean('colour', known), undefined);
  t.equal(didYouMean('ur', known), undefined, 'too short to tell');
});
