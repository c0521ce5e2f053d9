import Database from 'better-sqlite3';
import t from 'tap';
import { formatCsv } from '../../lib/cli/csv.js';
import { parseSince } from '../../lib/cli/since.js';
import { SyncError } from '../../lib/core/errors.js';
import { pair } from '../e2e/pair.js';
import { Shell } from './shell.js';

t.test('what was done is listed, filtered, exported and checked', async (t) => {
  const { ben } = await pair(t);
  const shell = new Shell(t, { folder: ben.root, env: ben.env });
  // A name as a spreadsheet, a terminal and a shell had better not take it.
  const hostile = { SUPABASE_USER: `=HYPERLINK("x";"\u001b[31mclick") <=evil@example.org>` };
  const steps: [line: string, code: number, says: string | RegExp, env?: Record<string, string>][] = [
    ['agent set-state SYNC-001 COMMITTED', 0, 'Changed'],
    [
      'agent sync audit -n 1',
      0,
      /^ {4}3 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}ben {2}set-state: committed \(main \w{7} -> \w{7}\)\n$/,
    ],
    ['agent sync merge --continue', 128, 'MERGE_NOT_IN_PROGRESS', hostile],
    [
      'agent sync audit -n 1',
      0,
      /=HYPERLINK\("x";"\ufffd\[31mclick"\) {2}merge --continue: failed MERGE_NOT_IN_PROGRESS\n$/,
    ],
    [
      'agent sync audit -n 1 --csv',
      0,
      /^number,at,actor,who,action,result,client,traceparent,detail,previous,hash\r\n4,[^,]+Z,actor-\w+,"'=HYPERLINK\(""x"";""\ufffd\[31mclick""\)",merge --continue,failed MERGE_NOT_IN_PROGRESS,[0-9a-f-]{36},,"\{""refs"":\[\]\}",[0-9a-f]{64},[0-9a-f]{64}\r\n$/,
    ],
    ['agent sync audit --actor ben', 0, /^(.* ben .*\n){3}$/],
    ['agent sync audit --since 2999-01-01', 0, /^$/],
    ['agent sync audit --since 1h', 0, /^(.*\n){4}$/],
    ['agent sync audit --origin', 0, /^ {4}2 .* ada {2}push: accepted .*\n {4}1 .* ada {2}register: done/],
    [
      'agent sync audit --verify',
      0,
      /^Checked 4 entries of the audit of this store, up to [0-9a-f]{12}: the chain is whole\.\n$/,
    ],
    ['agent sync audit --origin --verify', 0, "Checked 2 entries of the origin's audit"],
    ['agent sync audit --since yesterday', 129, '--since is a date'],
    ['agent sync audit --json --csv', 129, 'give one of --json and --csv'],
    ['agent sync audit --verify --since 1d', 129, '--verify checks all of the log'],
  ];
  for (const [line, code, says, env] of steps) {
    const ran = await shell.run(line, env);
    t.equal(ran.code, code, line, { ...ran });
    t.match(ran.out + ran.err, says, line);
  }
  const { log, entries } = JSON.parse((await shell.run('agent sync audit --json')).out);
  t.match({ log, entries }, { log: 'store', entries: { length: 4 } });
  t.match(entries[1], { number: 3, action: 'set-state', who: 'ben', detail: { refs: [{ name: 'refs/heads/main' }] } });
  t.strictSame(JSON.parse(entries[1].detailText), entries[1].detail);

  const db = new Database(ben.file('agent.db'));
  db.exec('drop trigger audit_delete; delete from audit where number = 2');
  db.close();
  const broken = await shell.run('agent sync audit --verify');
  t.strictSame(broken, {
    code: 1,
    out: 'The chain of the audit of this store is broken: entry 2 is missing.\n',
    err: '',
  });
  const verdict = await shell.run('agent sync audit --verify --json');
  t.equal(verdict.code, 1);
  t.match(JSON.parse(verdict.out), { log: 'store', problem: { number: 2, message: 'entry 2 is missing' } });
});

t.test('cells of a table for spreadsheets', async (t) => {
  const rows: [string, string | number | null, string][] = [
    ['a word', 'word', 'word'],
    ['nothing', null, ''],
    ['a comma', 'a,b', '"a,b"'],
    ['quotes', 'say "x"', '"say ""x"""'],
    ['lines', 'a\r\nb', '"a\r\nb"'],
    ['a formula', '=1+1', "'=1+1"],
    ['a formula by another sign', '@SUM(A1)', "'@SUM(A1)"],
    ['one behind a tab', '\t=1', "'\t=1"],
    ['one with quotes', '-1+"x"', `"'-1+""x"""`],
    ['a number below zero', -1, '-1'],
  ];
  for (const [sentence, cell, expected] of rows) t.equal(formatCsv([[cell, 'end']]), `${expected},end\r\n`, sentence);
});

t.test('points in time', async (t) => {
  const now = Date.parse('2026-11-30T12:00:00Z');
  const rows: [string, string | undefined][] = [
    ['90m', '2026-11-30T10:30:00.000Z'],
    ['12h', '2026-11-30T00:00:00.000Z'],
    ['7d', '2026-11-23T12:00:00.000Z'],
    ['2w', '2026-11-16T12:00:00.000Z'],
    ['2026-11-30T09:30Z', '2026-11-30T09:30:00.000Z'],
    ['2026-11-30T09:30+02:00', '2026-11-30T07:30:00.000Z'],
    ['2026-11-30', new Date(2026, 10, 30).toISOString()],
    ['2026-11-30T09:30:15', new Date(2026, 10, 30, 9, 30, 15).toISOString()],
    ['2026-13-30', undefined],
    ['30.11.2026', undefined],
    ['7', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of rows) {
    if (expected) t.equal(parseSince(text, now), expected, text);
    else t.throws(() => parseSince(text, now), SyncError, `'${text}' is none`);
  }
});
