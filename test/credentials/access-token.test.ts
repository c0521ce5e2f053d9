/** When a session is renewed, and what becomes of it when that fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { type ErrorCode, SyncError } from '../../lib/core/errors.js';
import type { Auth, Session } from '../../lib/core/ports.js';
import { sessionToken } from '../../lib/credentials/access-token.js';
import { credentialStore } from '../../lib/credentials/credential-store.js';

const ORIGIN = 'https://one.supabase.co';
const NOW = 1_800_000_000;
const HOUR = 3600;

const session = (name: string, lasts: number | null, refreshToken: string | null = `refresh-${name}`): Session => ({
  accessToken: name,
  refreshToken,
  expiresAt: lasts === null ? null : NOW + lasts,
  user: { id: 'ada', email: null },
});

interface Row {
  readonly what: string;
  /** What this process has read, and what is kept by now. */
  readonly known: Session;
  readonly kept?: Session | null;
  readonly refused?: string;
  /** How the origin fails to renew. */
  readonly fails?: ErrorCode;
  readonly gives: string;
  readonly renewals: number;
  /** The access token that is kept afterwards. */
  readonly keeps: string | null;
}

const OLD = session('old', HOUR);
const SOON = session('old', 30);
const OVER = session('old', -1);
const ROWS: readonly Row[] = [
  { what: 'one that is good is used', known: OLD, gives: 'old', renewals: 0, keeps: 'old' },
  { what: 'so is one that never expires', known: session('old', null), gives: 'old', renewals: 0, keeps: 'old' },
  { what: 'one that is about to expire is renewed', known: SOON, gives: 'new', renewals: 1, keeps: 'new' },
  {
    what: 'one that the origin refused is renewed',
    known: OLD,
    refused: 'old',
    gives: 'new',
    renewals: 1,
    keeps: 'new',
  },
  {
    what: 'another one that it refused is none of ours',
    known: OLD,
    refused: 'older',
    gives: 'old',
    renewals: 0,
    keeps: 'old',
  },
  {
    what: 'another process was faster',
    known: SOON,
    kept: session('theirs', HOUR),
    gives: 'theirs',
    renewals: 0,
    keeps: 'theirs',
  },
  { what: 'but long ago', known: SOON, kept: session('theirs', -1), gives: 'new', renewals: 1, keeps: 'new' },
  {
    what: 'offline, its last moments are used',
    known: SOON,
    fails: 'ORIGIN_UNREACHABLE',
    gives: 'old',
    renewals: 1,
    keeps: 'old',
  },
  {
    what: 'offline, it stays when it has expired',
    known: OVER,
    fails: 'ORIGIN_BUSY',
    gives: 'ORIGIN_BUSY',
    renewals: 1,
    keeps: 'old',
  },
  {
    what: 'the origin says that it is over',
    known: SOON,
    fails: 'LOGIN_EXPIRED',
    gives: 'LOGIN_EXPIRED',
    renewals: 1,
    keeps: null,
  },
  {
    what: 'nothing renews one that was brought',
    known: session('old', -1, null),
    gives: 'LOGIN_EXPIRED',
    renewals: 0,
    keeps: 'old',
  },
  { what: 'somebody has logged out', known: OVER, kept: null, gives: 'LOGIN_EXPIRED', renewals: 0, keeps: null },
];

t.test('the token to send', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'agent-sync-session-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const env = { HOME: home, AGENT_SYNC_CREDENTIALS: 'file', AGENT_SYNC_PASSPHRASE: 'open sesame' };
  const store = credentialStore({ env, cost: { N: 2, r: 1, p: 1 } });
  for (const { what, known, kept = known, refused, fails, gives, renewals, keeps } of ROWS) {
    await store.change(ORIGIN, async () => ({ key: 'key', session: kept }));
    const renewed: string[] = [];
    const renew: Auth['renew'] = async (refreshToken) => {
      renewed.push(refreshToken);
      if (fails) throw new SyncError(fails, 'no');
      return session('new', HOUR);
    };
    const auth = async () => ({ renew }) as Auth;
    const token = sessionToken({ origin: ORIGIN, store, auth, now: () => NOW }, known);
    const ask = () => token(refused).catch((error: SyncError) => error.code);
    t.strictSame(await Promise.all([ask(), ask()]), [gives, gives], `${what}: ${gives}`);
    t.equal(renewed.length, renewals, `${what}: renewed once at most, whoever asks`);
    if (renewals > 0) t.equal(renewed[0], kept?.refreshToken, `${what}: with the refresh token that is kept`);
    t.strictSame(
      await store.read(ORIGIN),
      { key: 'key', session: keeps === 'new' ? session('new', HOUR) : keeps && kept },
      what,
    );
  }
});
