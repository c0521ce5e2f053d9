import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ERROR_CODES, type ErrorCode, SyncError } from '../../lib/core/errors.js';
import { type FailureClass, failureClass } from '../../lib/core/failure-class.js';
import { repoRoot } from '../paths.js';

t.test('what running the same command again comes to', async (t) => {
  const rows: [string, ErrorCode, FailureClass][] = [
    ['no connection passes by itself', 'ORIGIN_UNREACHABLE', 'later'],
    ['a busy origin has time later', 'ORIGIN_BUSY', 'later'],
    ['an origin that broke is mended by others', 'ORIGIN_FAILED', 'later'],
    ['a page of HTML is what a network without internet answers', 'ORIGIN_ANSWER_INVALID', 'later'],
    ['an expired login is renewed by a person', 'LOGIN_EXPIRED', 'person'],
    ['a role is given by a person', 'ORIGIN_REFUSED', 'person'],
    ['a key is set by a person', 'ORIGIN_KEY_MISSING', 'person'],
    ['work on disk is imported by a person', 'LOCAL_CHANGES', 'person'],
    ['a merge is finished by a person', 'MERGE_IN_PROGRESS', 'person'],
    ['a damaged store is replaced by a person', 'STORE_CORRUPT', 'person'],
    ['a malformed object stays malformed', 'OBJECT_MALFORMED', 'never'],
    ['a request that the origin cannot read stays what it is', 'REQUEST_INVALID', 'never'],
  ];
  for (const [sentence, code, expected] of rows) {
    t.equal(failureClass(new SyncError(code, 'x')), expected, sentence);
  }
  t.equal(failureClass(new TypeError('x')), 'person', 'a mistake in the program is reported by a person');
});

t.test('the table in docs/errors.md is the one that the program goes by', async (t) => {
  const text = readFileSync(join(repoRoot, 'docs/errors.md'), 'utf8');
  const listed = (name: string) =>
    [...(new RegExp(`^\\| \`${name}\` \\|.*\\| (.*) \\|$`, 'm').exec(text)?.[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(
      ([, code]) => code,
    );
  for (const name of ['later', 'never'] as const) {
    const codes = Object.keys(ERROR_CODES) as ErrorCode[];
    const found = codes.filter((code) => failureClass(new SyncError(code, 'x')) === name);
    t.strictSame(listed(name).sort(), found.sort(), name);
  }
});
