import t from 'tap';
import { KnownSecrets } from '../../lib/core/known-secrets.js';

t.test('what is known to be secret is hidden wherever it stands', async (t) => {
  const secrets = new KnownSecrets();
  secrets.add('hunter2 & co', 'token-1', 'token-12345', 'token-12345-and-more', undefined, 'short', '');
  t.strictSame(
    secrets.values(),
    ['token-12345-and-more', 'hunter2 & co', 'token-12345'],
    'of eight characters and more, the longest first',
  );
  const rows: [what: string, text: string, clean: string][] = [
    ['as it is', 'Bearer token-12345!', 'Bearer (secret)!'],
    ['in a URL', 'POST /?password=hunter2%20%26%20co&x', 'POST /?password=(secret)&x'],
    ['twice', 'token-12345 token-12345', '(secret) (secret)'],
    ['whole, where another secret is a part of it', 'token-12345-and-more', '(secret)'],
    ['not what merely resembles it', 'token-1234', 'token-1234'],
    ['not what is too short to be one', 'short', 'short'],
  ];
  for (const [what, text, clean] of rows) t.equal(secrets.redact(text), clean, what);
});
