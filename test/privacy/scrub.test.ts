import fc from 'fast-check';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import t from 'tap';
import { unified } from 'unified';
import { DETECTOR_NAMES, PRIVACY_DEFAULTS, type PrivacySettings } from '../../lib/core/privacy-settings.js';
import { libraries } from '../../lib/libraries.js';
import { findHeld, formsOf, replaceHeld } from '../../lib/privacy/held-secret.js';
import { type Finding, scrub } from '../../lib/privacy/scrub.js';
import { scrubBytes } from '../../lib/privacy/scrub-bytes.js';

const PATH = 'stories/WEB/WEB-001-one.md';
const run = (text: string, settings: PrivacySettings = PRIVACY_DEFAULTS) => scrub(text, PATH, settings, libraries);
const withAction = (name: string, action: string): PrivacySettings => ({
  ...PRIVACY_DEFAULTS,
  detectors: { ...PRIVACY_DEFAULTS.detectors, [name]: action },
});
const allowing = (allow: Partial<PrivacySettings['allow']>): PrivacySettings => ({
  ...PRIVACY_DEFAULTS,
  allow: { ...PRIVACY_DEFAULTS.allow, ...allow },
});

/** One value of each kind, as it may stand anywhere. */
const VALUES: Readonly<Record<string, string>> = {
  email: 'jane.doe@acme-works.com',
  phone: '+49 1512 3456789',
  card: '4539 5787 6362 1486',
  iban: 'DE89 3704 0044 0532 0130 00',
  'national-id': '131052-308T',
  ip: '93.184.216.34',
  home: '/home/jdoe/notes',
  secret: ['gh', 'p_Ab3dE9fGh1JkLmN0pQrS7tUvWxYz2C4d5E6f'].join(''),
};
const KEY_LINE = 'Ab3dE9fGh1JkLmN0pQrS7tUvWxYz2C4d5E6fG8hIjK0lM2nO4pQ6rS8tU0vW2xY4';
const KEY = ['-----BEGIN ', 'PRIVATE KEY-----\n', `${KEY_LINE}\n`.repeat(3), '-----END ', 'PRIVATE KEY-----'].join('');

t.test('what becomes of a text', async (t) => {
  const rows: [what: string, text: string, scrubbed: string, settings?: PrivacySettings][] = [
    ['an address is replaced, and the rest stays', 'To jane.doe@acme-works.com.\n', 'To REDACTED-EMAIL.\n'],
    ['a private key becomes one word', `a\n${KEY}\nb\n`, 'a\nREDACTED-SECRET\nb\n'],
    ['also one that was cut off', `a\n${KEY.split('\n').slice(0, 3).join('\n')}\n…\n`, 'a\nREDACTED-SECRET\n…\n'],
    ['of a path only the name goes', 'cd /home/jdoe/x', 'cd /home/REDACTED-USER/x'],
    ['of a URL only the password goes', 'redis://:h8Jw2kQz5@cache.acme.io', 'redis://:REDACTED-SECRET@cache.acme.io'],
    ['a public IP address is told of', '93.184.216.34', '93.184.216.34'],
    ['unless it is to be redacted', '93.184.216.34', 'REDACTED-IP', withAction('ip', 'redact')],
    ['what is blocked is replaced as well', 'jane.doe@acme-works.com', 'REDACTED-EMAIL', withAction('email', 'block')],
    ['what is off is not looked for', 'jane.doe@acme-works.com', 'jane.doe@acme-works.com', withAction('email', 'off')],
    [
      'a value may be allowed',
      'Jane.Doe@acme-works.com',
      'Jane.Doe@acme-works.com',
      allowing({ values: ['jane.doe@acme-works.com'] }),
    ],
    [
      'a domain may, with those below it',
      'a@x.acme-works.com b@acme-works.com.co',
      'a@x.acme-works.com REDACTED-EMAIL',
      allowing({ domains: ['acme-works.com'] }),
    ],
    ['a folder may', 'jane.doe@acme-works.com', 'jane.doe@acme-works.com', allowing({ paths: ['stories/WEB/'] })],
    [
      'a file may, and not another that begins alike',
      'jane.doe@acme-works.com',
      'REDACTED-EMAIL',
      allowing({ paths: ['stories/WEB/WEB-001'] }),
    ],
    [
      'a comment allows its line and the next',
      '<!-- agent-sync: allow email --> a@acme.de\nb@acme.de\nc@acme.de',
      '<!-- agent-sync: allow email --> a@acme.de\nb@acme.de\nREDACTED-EMAIL',
    ],
    [
      'only what it names',
      '<!-- agent-sync: allow phone, ip -->\nb@acme.de +49 1512 3456789',
      '<!-- agent-sync: allow phone, ip -->\nREDACTED-EMAIL +49 1512 3456789',
    ],
    [
      'or the whole file',
      'a@acme.de\n\n<!-- agent-sync: allow-file email -->',
      'a@acme.de\n\n<!-- agent-sync: allow-file email -->',
    ],
    ['a national number needs the country', 'Tel. 030 901820', 'Tel. 030 901820'],
    ['and is found with it', 'Tel. 030 901820', 'Tel. REDACTED-PHONE', { ...PRIVACY_DEFAULTS, country: 'DE' }],
    [
      'what overlaps goes to the longer, so that half a card is not left',
      '030 4539 5787 6362 1486',
      '030 REDACTED-CARD',
      { ...PRIVACY_DEFAULTS, country: 'DE' },
    ],
    ['of two readings the longer wins', 'DE89370400440532013000', 'REDACTED-IBAN'],
  ];
  for (const [what, text, scrubbed, settings] of rows) t.equal(run(text, settings).text, scrubbed, what);
});

t.test('a finding tells what, where and why, and not the value', async (t) => {
  const { findings } = run('one\ntwo jane.doe@acme-works.com\n');
  t.strictSame(findings, [
    {
      detector: 'email',
      action: 'redact',
      start: 8,
      end: 31,
      reason: 'e-mail address',
      line: 2,
      column: 5,
      replacement: 'REDACTED-EMAIL',
    },
  ]);
});

t.test('bytes that are no UTF-8 are scrubbed all the same, and no others of them change', async (t) => {
  const bytes = Buffer.concat([
    Buffer.from([0xff, 0x80]),
    Buffer.from(' jane.doe@acme-works.com '),
    Buffer.from([0xfe]),
  ]);
  const scrubbed = Buffer.from(scrubBytes(bytes, PATH, PRIVACY_DEFAULTS, libraries).bytes);
  t.equal(scrubbed.toString('latin1'), '\xff\x80 REDACTED-EMAIL \xfe');
});

/** Everything redacted, so that all of it shows. */
const ALL: PrivacySettings = { ...withAction('ip', 'redact'), country: 'US' };
const value = fc.constantFrom(...Object.values(VALUES), KEY);
const words = fc.stringMatching(/^[a-z0-9@.:/+_=*`| -]{0,12}$/);

t.test('whatever the text,', async (t) => {
  const text = fc
    .array(fc.oneof(value, words, fc.string(), fc.constantFrom('\n', '\r\n', ' ', 'password: ')))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, (given) => {
      const { text: scrubbed, findings } = run(given, ALL);
      const again = run(scrubbed, ALL);
      return (
        again.text === scrubbed && again.findings.length === 0 && run(given, ALL).findings.length === findings.length
      );
    }),
    { numRuns: process.env.AGENT_TEST_FULL ? 20_000 : 1500 },
  );
  t.pass('scrubbing again finds nothing and changes nothing, and the same comes of it each time');
  fc.assert(
    fc.property(text, (given) => {
      const { text: scrubbed, findings } = run(given, ALL);
      const kept = keptParts(given, findings);
      let at = 0;
      for (const part of kept) {
        const found = scrubbed.indexOf(part, at);
        if (found === -1) return false;
        at = found + part.length;
      }
      return true;
    }),
    { numRuns: process.env.AGENT_TEST_FULL ? 20_000 : 1500 },
  );
  t.pass('what is outside of the findings is all there, in order');
});

/** What stands before, between and after the findings. */
function keptParts(text: string, findings: readonly Finding[]): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of findings) {
    if (start > at) parts.push(text.slice(at, start));
    at = Math.max(at, end);
  }
  return [...parts, text.slice(at)];
}

t.test('Markdown stays what it was, wherever in it a value stands', async (t) => {
  const parser = unified().use(remarkParse).use(remarkFrontmatter).use(remarkGfm);
  interface Node {
    readonly type: string;
    readonly depth?: number;
    readonly children?: readonly Node[];
  }
  /** Headings, lists, tables, code, quotations: all but the text in them. A bare address is a link, and its replacement is none. */
  const outline = ({ type, depth, children = [] }: Node): unknown[] =>
    ['text', 'link'].includes(type)
      ? []
      : [
          type,
          ...(depth ? [depth] : []),
          ...children.flatMap((child) => [outline(child)]).filter((part) => part.length > 0),
        ];
  const places: ((inside: string) => string)[] = [
    (inside) => `# ${inside}\n\ntext\n`,
    (inside) => `${inside}\n===\n`,
    (inside) => `- ${inside}\n- b\n`,
    (inside) => `1. a\n2. ${inside}\n`,
    (inside) => `| a | b |\n|---|---|\n| ${inside} | c |\n`,
    (inside) => `\`\`\`sh\n${inside}\n\`\`\`\n\ntext\n`,
    (inside) => `> ${inside}\n> more\n`,
    (inside) => `---\nowner: ${inside}\n---\n\n# Title\n`,
    (inside) => `<!-- ${inside} -->\n\ntext\n`,
    (inside) => `**${inside}** and _${inside}_ and \`${inside}\`\n`,
    (inside) => `[${inside}](https://acme.de/x) ![a](b.png)\n`,
    (inside) => `${inside}: at the start\n\n[x]: https://acme.de\n`,
    (inside) => `${inside}(with a note) [and](more)\n`,
  ];
  for (const [name, inside] of Object.entries(VALUES)) {
    for (const place of places) {
      const text = place(inside);
      const scrubbed = run(text, ALL).text;
      t.notMatch(scrubbed, inside, `${name} is gone from ${JSON.stringify(place('…'))}`);
      t.strictSame(outline(parser.parse(scrubbed) as Node), outline(parser.parse(text) as Node));
      t.equal(scrubbed.split('\n').length, text.split('\n').length, 'with as many lines');
    }
  }
});

t.test('the time it takes grows with the length of the text, whatever is in it', async (t) => {
  const hostile = [
    'a',
    '@',
    'a@',
    'a@b.',
    'a.b@c.de ',
    '+1 ',
    '+14155552671 ',
    '4111 ',
    '1.',
    '1.1.1.1 ',
    '::',
    'a:',
    '2001:db8:',
    '/home/a/',
    'eyJ',
    `${KEY.slice(0, 28)}\n`,
    `${KEY.slice(0, 28)}\n${KEY_LINE}\n`,
    'eyJhbGciOiJIUzI1NiJ9.',
    'password=',
    'password: aB3$aB3$xyzqw ',
    '://a:',
    'x://a:bcd@e ',
    'GB82',
    'GB82WEST12345698765432 ',
    'sk-',
    'xoxb-1-',
    'SG.a.',
    '<!-- agent-sync: allow ',
    '12345678Z dni ',
    'C:\\Users\\a\\',
    '[',
    '1 ',
    '0',
    '1-',
    'Bearer ',
    'token: ',
  ];
  const size = process.env.AGENT_TEST_FULL ? 2 << 20 : 1 << 18;
  for (const part of hostile) {
    const text = part.repeat(Math.ceil(size / part.length));
    t.equal(typeof run(text, ALL).text, 'string', `${JSON.stringify(part)} over and over`);
  }
});

t.test('a secret that is known is found in each of its forms, whatever stands around it', async (t) => {
  const secret = 'canary/value+of 23?';
  const forms = formsOf([secret]);
  fc.assert(
    fc.property(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (before, after) => {
      const bytes = Buffer.from(before + secret + after);
      const written = [
        bytes.toString(),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        encodeURIComponent(secret),
      ];
      return written.every(
        (text) =>
          findHeld(replaceHeld(text, findHeld(text, forms)), forms).length === 0 && findHeld(text, forms).length > 0,
      );
    }),
  );
  t.strictSame(findHeld('canary value of 23 and Y2FuYXJ5', forms), [], 'and no part of it');
});

t.test('every kind that can be set has a value here', async (t) => {
  t.strictSame(Object.keys(VALUES).sort(), [...DETECTOR_NAMES].sort());
});
