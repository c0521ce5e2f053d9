/** Whoever writes sync.yaml chooses which variables of the environment go where: they are looked at before they are sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { fetch as fetchOrigin } from '../../lib/index.js';
import { checkGiven } from '../../lib/origin/supabase/check-secret.js';
import { Developer } from '../e2e/developer.js';

const jwt = (claims: object) =>
  `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const ours = 'https://abcdefgh.supabase.co';
const issuedBy = (url: string) => jwt({ role: 'authenticated', iss: `${url}/auth/v1` });

t.test('what may be sent', async (t) => {
  const rows: [sentence: string, is: 'key' | 'token', value: string | undefined, url?: string][] = [
    ['no key', 'key', undefined],
    ['a publishable key', 'key', 'sb_publishable_abc-DEF_123'],
    ['a legacy anon key', 'key', jwt({ role: 'anon', iss: 'supabase', ref: 'abcdefgh' })],
    ['a token of this project', 'token', issuedBy(ours)],
    ['a token whose issuer is no project of supabase.co', 'token', issuedBy('https://auth.example.org')],
    ['a token for a project behind an address of its own', 'token', issuedBy(ours), 'https://api.example.org'],
    ['a token of the origin on this machine', 'token', jwt({ iss: 'agent-sync' }), 'http://127.0.0.1:4000'],
  ];
  for (const [sentence, is, value, url = ours] of rows) {
    t.doesNotThrow(() => checkGiven(url, { variable: 'VARIABLE', value, is }), sentence);
  }
});

t.test('what may not', async (t) => {
  const rows: [sentence: string, is: 'key' | 'token', value: string][] = [
    ['a password', 'key', 'correct horse battery staple'],
    ['a key of another service', 'key', ['AKIA', 'IOSFODNN7EXAMPLE'].join('')],
    ['a token of another service', 'token', ['ghp', '012345678901234567890123456789012345'].join('_')],
    ["a publishable key for a user's token", 'token', 'sb_publishable_abc'],
    ['an access token of the Supabase CLI', 'token', ['sbp', '0123456789abcdef0123456789abcdef01234567'].join('_')],
    ['nearly a token', 'token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0'],
    ['a token for another project', 'token', issuedBy('https://somebody-elses.supabase.co')],
  ];
  for (const [sentence, is, value] of rows) {
    const check = () => checkGiven(ours, { variable: 'VARIABLE', value, is });
    t.throws(check, { code: 'CONFIG_INVALID', message: /VARIABLE.*it was not sent$/ }, sentence);
  }
});

t.test('a cloned project cannot have a secret of the environment sent to its origin', async (t) => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end('{}');
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const secret = 'correct-horse-battery-staple';
  for (const [key, token] of [
    ['OTHER_SECRET', 'SUPABASE_ACCESS_TOKEN'],
    ['SUPABASE_ANON_KEY', 'OTHER_SECRET'],
  ]) {
    const env = {
      SUPABASE_ANON_KEY: 'sb_publishable_abc',
      SUPABASE_ACCESS_TOKEN: issuedBy(ours),
      OTHER_SECRET: secret,
    };
    const victim = new Developer(t, 'victim', env);
    await victim.init();
    victim.configure(`origin:\n  url: ${url}\n  project: trap\n  key_env: ${key}\n  token_env: ${token}\n`);
    const refused = victim.run(fetchOrigin);
    await t.rejects(refused, { code: 'CONFIG_INVALID', message: /OTHER_SECRET/ }, 'the variable is named');
    await refused.catch((error: Error) => t.notMatch(JSON.stringify({ ...error, message: error.message }), secret));
  }
  t.equal(requests, 0, 'nothing was asked');
});
