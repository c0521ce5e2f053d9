/** Answers that no honest origin gives, to each of the requests. */
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type ErrorCode, planPull, pull, push, pushWithPull, type Repository } from '../../../lib/index.js';
import { identified } from '../../../lib/origin/contract/specimens.js';
import { planFetch } from '../../../lib/repo/sync/fetch.js';
import { page, type Replies, type Reply, type Stock } from './hostile-origin.js';

/** What an origin says instead of an honest answer, and to whom. */
export interface AnswerRow {
  /** Completes "an origin that". */
  readonly sentence: string;
  /** The code, or the codes of which it is one, as a cut connection has it in more than one place. */
  readonly code: ErrorCode | readonly ErrorCode[];
  /** What the client does; `fetch` unless given. */
  readonly does?: (repo: Repository) => Promise<unknown>;
  /** @param stock what it has, and would say */
  readonly replies: (stock: Stock) => Replies;
}

/** Bombs, each with a line break at its end. */
const LEVELS = Buffer.alloc(30_000_000, '[').fill('\n', 29_999_999);
const OBJECTS = Buffer.alloc(60_000_000, Buffer.from('{},'.repeat(20_000)))
  .fill('[', 0, 1)
  .fill('\n', 59_999_999);
const ZEROS = Buffer.alloc(100_000_000, ' ');
const FAST = { level: 1 };

const INVALID = 'ORIGIN_ANSWER_INVALID' as const;
const OID = '1'.repeat(40);
const blobs = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => identified('blob', Buffer.from(`blob ${from + i}\n`)));

/** A description that is honest but for some of it. */
const described = (other: (stock: Stock) => object): AnswerRow['replies'] => {
  return (stock) => ({
    describe: () => ({ refs: stock.refs, sequence: stock.objects.length, actors: stock.actors ?? [], ...other(stock) }),
  });
};
const refs = (names: readonly string[]) =>
  described((stock) => ({
    refs: Object.fromEntries(names.map((name) => [name, stock.refs['refs/heads/main']])),
  }));
const actor = (other: object) =>
  described(() => ({ actors: [{ id: 'eve-1', name: 'Eve', email: 'eve@example.org', ...other }] }));
const paged =
  (fetch: Reply): AnswerRow['replies'] =>
  () => ({ fetch });
/** A page whose first line is as it is. */
const line = (text: string, bodies = '') => paged(() => Buffer.from(`${text}\n${bodies}`));
const listing = (object: object, body = 'text') =>
  line(JSON.stringify({ sequence: 1e6, more: false, objects: [object] }), body);
const text = identified('blob', Buffer.from('text'));
const named = { oid: text.oid, type: 'blob', size: 4 };
const raw =
  (answer: (response: ServerResponse) => void): AnswerRow['replies'] =>
  () => ({
    describe: (_, response) => void answer(response),
  });
const coded = (encoding: string, body: Uint8Array) =>
  raw((response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding }).end(body),
  );
const refused = (status: number, value: unknown, headers: Record<string, string> = {}) =>
  raw((response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value)),
  );

const DESCRIPTIONS: readonly AnswerRow[] = [
  ...(
    [
      ['describes itself as a list', () => []],
      ['describes itself as null', () => null],
      ['describes itself with __proto__', () => JSON.parse('{"__proto__": {"refs": {}, "sequence": 0, "actors": []}}')],
    ] as const
  ).map(
    ([sentence, value]): AnswerRow => ({
      sentence,
      code: INVALID,
      replies: () => ({ describe: () => Buffer.from(JSON.stringify(value())) }),
    }),
  ),
  ...(
    [
      ['has a list of refs', described(() => ({ refs: [] }))],
      ['has a ref that is a number', described(() => ({ refs: { 'refs/heads/main': 1 } }))],
      ['has a ref to half an id', described(() => ({ refs: { 'refs/heads/main': 'abc' } }))],
      ['has a ref to an id in capitals', described(() => ({ refs: { 'refs/heads/main': 'A'.repeat(40) } }))],
      ['has a ref named HEAD', refs(['HEAD'])],
      ['has a ref among those that the client tracks', refs(['refs/remotes/origin/main'])],
      ['has a ref that climbs', refs(['refs/heads/../../HEAD'])],
      ['has a ref with an escape sequence', refs(['refs/heads/\x1b[2J'])],
      ['has a ref with a C1 control', refs(['refs/heads/a\x7f'])],
      ['has a ref that ends in .lock', refs(['refs/heads/main.lock'])],
      ['has a hidden ref', refs(['refs/heads/.main'])],
      ['has a ref without a name', refs(['refs/heads/'])],
      ['has a ref of a megabyte', refs([`refs/heads/${'x'.repeat(1 << 20)}`])],
      ['has 10,001 refs', refs(Array.from({ length: 10_001 }, (_, i) => `refs/heads/b${i}`))],
      ['has __proto__ for a ref', described(() => ({ refs: JSON.parse(`{"__proto__": "${OID}"}`) }))],
      ['counts backwards', described(() => ({ sequence: -1 }))],
      ['counts in halves', described(() => ({ sequence: 1.5 }))],
      ['counts in words', described(() => ({ sequence: '9' }))],
      ['counts beyond what numbers can', described(() => ({ sequence: 1e300 }))],
      ['counts beyond what there can be', described(() => ({ sequence: Number.MAX_SAFE_INTEGER }))],
      ['does not count', described(() => ({ sequence: undefined }))],
      ['has an object of actors', described(() => ({ actors: {} }))],
      ['has null for an actor', described(() => ({ actors: [null] }))],
      ['has an actor whose id is a path', actor({ id: '../evil' })],
      ['has an actor whose id breaks a commit’s line', actor({ id: 'a\nparent' })],
      ['has an actor whose id is of a megabyte', actor({ id: 'a'.repeat(1 << 20) })],
      ['has an actor whose name is a number', actor({ name: 7 })],
      ['has an actor with a name of a megabyte', actor({ name: 'n'.repeat(1 << 20) })],
      ['has an actor with 201 letters', actor({ name: '\u{1f600}'.repeat(201) })],
      ['has an actor with an address of 10,000 letters', actor({ email: 'n'.repeat(10_000) })],
      ['has 100,001 actors', described(() => ({ actors: Array(100_001).fill({ id: 'a', name: '', email: '' }) }))],
    ] as const
  ).map(([sentence, replies]): AnswerRow => ({ sentence, code: INVALID, replies })),
  {
    sentence: 'points main at what it does not have',
    code: 'OBJECT_NOT_FOUND',
    replies: described(() => ({ refs: { 'refs/heads/main': OID } })),
  },
  {
    sentence: 'points main at a tree',
    code: 'OBJECT_MALFORMED',
    replies: described(({ objects }) => ({
      refs: { 'refs/heads/main': objects.find(({ type }) => type === 'tree')!.oid },
    })),
  },
  {
    sentence: 'points one of two branches at a file',
    code: 'OBJECT_MALFORMED',
    replies: described(({ refs, objects }) => ({
      refs: { ...refs, 'refs/heads/zzz': objects.find(({ type }) => type === 'blob')!.oid },
    })),
  },
];

const PAGES: readonly AnswerRow[] = (
  [
    ['sends a page without a line', paged(() => Buffer.from('text'))],
    ['sends an empty page', paged((_, response) => void response.writeHead(200).end())],
    ['sends a page whose line is a list', line('[]')],
    ['sends a page whose list is an object', line('{"sequence":1000000,"more":false,"objects":{"length":1}}')],
    ['sends a page whose line is not UTF-8', paged(() => Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]))],
    ['sends a page with __proto__ for its header', line('{"__proto__":{"sequence":1,"more":false},"objects":[]}')],
    ['sends an object without an id', listing({ ...named, oid: undefined })],
    ['sends an object whose id is in capitals', listing({ ...named, oid: named.oid.toUpperCase() })],
    ['sends an object whose id is a path', listing({ ...named, oid: '../../../../../../../../../etc/passwd1234' })],
    ['sends a tag', listing({ ...named, type: 'tag' })],
    ['sends an object whose type is toString', listing({ ...named, type: 'toString' })],
    ['sends an object of negative size', listing({ ...named, size: -4 })],
    ['sends an object of half a byte', listing({ ...named, size: 3.5 })],
    ['sends an object of size NaN', listing({ ...named, size: 'NaN' })],
    ['sends an object of a petabyte', listing({ ...named, size: 2 ** 50 })],
    ['sends fewer bytes than it lists', listing(named, 'tex')],
    ['sends more bytes than it lists', listing(named, 'texts')],
    [
      'sends an object twice in a page',
      line(JSON.stringify({ sequence: 1e6, more: false, objects: [named, named] }), 'texttext'),
    ],
    ['sends more objects than numbers', paged(({ after }) => page(blobs(3), { sequence: after + 2 }))],
    ['sends a page that goes back', paged(({ after }) => page(blobs(1), { sequence: after - 1 }))],
    ['says there is more, and stays where it is', paged(({ after }) => page([], { sequence: after, more: true }))],
    ['says there is more, and sends nothing', paged(({ after }) => page([], { sequence: after + 1, more: true }))],
    ['says there is more with a word', paged(({ after }) => page(blobs(1), { sequence: after + 1, more: 'yes' }))],
    ['sends the same for ever', paged(({ after }) => page(blobs(1), { sequence: after + 1, more: true }))],
    ['sends a page without a number', paged(() => page(blobs(1), {}))],
    ['sends a page whose number is beyond all', paged(() => page(blobs(1), { sequence: 1e17 }))],
    ['nests a page’s line 30 million levels deep', paged(() => LEVELS)],
    ['fills a page’s line with 20 million objects', paged(() => OBJECTS)],
  ] as const
).map(
  ([sentence, replies]): AnswerRow => ({
    sentence,
    code: INVALID,
    replies: (stock) => ({ ...described(() => ({ sequence: 1e6 }))(stock), ...replies(stock) }),
  }),
);

const TRANSPORT: readonly AnswerRow[] = [
  ...(
    [
      ['inflates to 100 MB with gzip', coded('gzip', gzipSync(ZEROS, FAST))],
      ['inflates to 100 MB with deflate', coded('deflate', deflateSync(ZEROS, FAST))],
      ['inflates to 100 MB with Brotli', coded('br', brotliCompressSync(ZEROS, { params: { 1: 1 } }))],
      ['inflates twice', coded('gzip, gzip', gzipSync(gzipSync(ZEROS, FAST)))],
      ['says that it has 10 GB', raw((response) => response.writeHead(200, { 'content-length': 1e10 }).flushHeaders())],
      ['answers with 30 million brackets', raw((response) => response.writeHead(200).end(LEVELS))],
      ['answers with 20 million objects', raw((response) => response.writeHead(200).end(OBJECTS))],
      ['answers with a page of HTML', raw((response) => response.writeHead(200).end('<html>\x1b[2J</html>'))],
      ['answers with nothing', raw((response) => response.writeHead(200).end())],
    ] as const
  ).map(([sentence, replies]): AnswerRow => ({ sentence, code: INVALID, replies })),
  ...(
    [
      ['calls gzip what is none', coded('gzip', Buffer.from('no gzip'))],
      ['wraps its answer two thousand times', coded(Array(2000).fill('gzip').join(','), Buffer.from('{}'))],
      [
        'has a megabyte of headers',
        raw((response) => response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1 << 20)}\r\n\r\n{}`)),
      ],
      [
        'breaks its status line',
        raw((response) => response.socket?.end('HTTP/1.1 200 OK\r\n\rset-cookie: a\r\n\r\n{}')),
      ],
      [
        'has two lengths',
        raw((response) => response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}')),
      ],
      ['speaks another protocol', raw((response) => response.socket?.end('SSH-2.0-evil\r\n'))],
    ] as const
  ).map(([sentence, replies]): AnswerRow => ({ sentence, code: ['ORIGIN_UNREACHABLE', INVALID], replies })),
  ...['http://127.0.0.1:1/', 'file:///etc/passwd', '//evil.example', '\\\\evil\\share'].map(
    (location): AnswerRow => ({
      sentence: `redirects to ${location}`,
      code: 'ORIGIN_MISCONFIGURED',
      replies: refused(307, {}, { location }),
    }),
  ),
  ...[
    'STORE_CORRUPT',
    'ABORTED',
    'MERGE_IN_PROGRESS',
    'FILE_UNWRITABLE',
    'NOT_A_REPOSITORY',
    '__proto__',
    'constructor',
  ].map(
    (details): AnswerRow => ({
      sentence: `refuses with ${details}, which is not its to say`,
      code: 'REQUEST_INVALID',
      replies: refused(422, { code: 'PT422', message: 'evil', details }),
    }),
  ),
  {
    sentence: 'refuses with 30 million brackets',
    code: 'ORIGIN_FAILED',
    replies: raw((response) => response.writeHead(500).end(LEVELS)),
  },
  {
    sentence: 'asks for a pause of 31 years',
    code: 'ORIGIN_BUSY',
    replies: refused(503, {}, { 'retry-after': '999999999' }),
  },
  {
    sentence: 'asks for a pause until the year 9999',
    code: 'ORIGIN_BUSY',
    replies: refused(503, {}, { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }),
  },
  {
    sentence: 'asks for a pause of no number',
    code: 'ORIGIN_BUSY',
    replies: refused(429, {}, { 'retry-after': '-1e99' }),
  },
];

const pushed =
  (answer: (stock: Stock) => unknown): AnswerRow['replies'] =>
  (stock) => ({ push: () => answer(stock) ?? null });
const main = (oid: string) => ({ 'refs/heads/main': oid });

const PUSHES: readonly AnswerRow[] = (
  [
    ['accepts a push with null', pushed(() => null)],
    ['accepts a push with true', pushed(() => true)],
    ['accepts a push and says nothing of refs', pushed(() => ({ status: 'accepted', sequence: { from: 0, to: 1 } }))],
    [
      'accepts a push and moved nothing',
      pushed(({ refs }) => ({ status: 'accepted', refs, sequence: { from: 0, to: 1 } })),
    ],
    [
      'accepts a push and moved main elsewhere',
      pushed(() => ({ status: 'accepted', refs: main(OID), sequence: { from: 0, to: 1 } })),
    ],
    ['neither accepts nor rejects a push', pushed(() => ({ status: 'maybe' }))],
    [
      'rejects what was not pushed',
      pushed(() => ({ status: 'rejected', ref: 'refs/heads/evil', reason: 'stale', current: null })),
    ],
    [
      'rejects a push for no reason',
      pushed(() => ({ status: 'rejected', ref: 'refs/heads/main', reason: '\x1b[2J', current: null })),
    ],
    [
      'rejects a push for what is no id',
      pushed(() => ({ status: 'rejected', ref: 'refs/heads/main', reason: 'stale', current: '../evil' })),
    ],
  ] as const
).map(([sentence, replies]): AnswerRow => ({ sentence, code: INVALID, does: push, replies }));

const issued =
  (id: unknown, status: unknown = 'issued'): AnswerRow['replies'] =>
  () => ({ issue_id: () => ({ status, id }) });

/** Other ways to the same answers. */
const OTHER_WAYS: readonly AnswerRow[] = [
  ...([planFetch, pull, planPull, pushWithPull] as const).map(
    (does): AnswerRow => ({
      sentence: `has a ref that climbs, to whoever would ${does.name}`,
      code: INVALID,
      does: (repo) => does(repo),
      replies: refs(['refs/heads/../../HEAD']),
    }),
  ),
  ...([planFetch, pull, planPull] as const).map(
    (does): AnswerRow => ({
      sentence: `sends the same for ever, to whoever would ${does.name}`,
      code: INVALID,
      does: (repo) => does(repo),
      replies: (stock) => ({
        ...described(() => ({ sequence: 1e6, refs: main(OID) }))(stock),
        fetch: ({ after }) => page(blobs(1), { sequence: after + 1, more: true }),
      }),
    }),
  ),
];

/** Answers of which nothing can be kept. */
export const ANSWER_ROWS: readonly AnswerRow[] = [...DESCRIPTIONS, ...TRANSPORT, ...PUSHES];

/** Pages, some of which follow upon good ones. */
export const PAGE_ROWS: readonly AnswerRow[] = [...PAGES, ...OTHER_WAYS];

/** Ids that an origin has no business to issue. */
export const ID_ROWS: readonly (readonly [sentence: string, replies: AnswerRow['replies']])[] = [
  ['an id of another prefix', issued('EVIL-001')],
  ['a path', issued('SYNC-001/../../../evil')],
  ['an id with an escape sequence', issued('SYNC-\x1b[2J1')],
  ['an id of a hundred digits', issued(`SYNC-${'1'.repeat(100)}`)],
  ['a number', issued(7)],
  ['no id', issued(undefined)],
  ['an id that is neither issued nor taken', issued('SYNC-009', 'yours')],
];
