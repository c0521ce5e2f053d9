import type { Match } from './detector.js';
import { isPlaceholder } from './entropy.js';

/**
 * Tokens by the forms that their issuers give them, so that they can be found. What each prefix is followed by is as documented by the
 * issuer; those that secretlint's recommended rules know are among them, which a test sees to.
 */
const FORMS: readonly (readonly [what: string, form: string])[] = [
  ['GitHub token', 'gh[pousr]_[A-Za-z0-9]{36,251}'],
  ['GitHub fine-grained token', 'github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}'],
  ['GitLab token', 'gl(?:pat|dt|rt|ptt|cbt|soat|ft|agent)-[\\w-]{20,64}(?:\\.[\\w.-]{1,40})?'],
  ['AWS access key id', '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}'],
  ['Google API key', 'AIza[\\w-]{35}'],
  ['Google OAuth secret', 'GOCSPX-[\\w-]{28}'],
  ['Slack token', 'xox[abceoprs](?:\\.xox[bp])?-(?:\\d-)?[A-Za-z0-9]{1,200}(?:-[A-Za-z0-9]{1,200}){1,8}'],
  ['Slack app token', 'xapp-\\d-[A-Z0-9]{1,40}-\\d{1,20}-[a-f0-9]{32,80}'],
  ['OpenAI key', 'sk-(?:proj|svcacct|admin)-[\\w-]{40,200}'],
  ['OpenAI key', 'sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}'],
  ['Anthropic key', 'sk-ant-[a-z]{2,8}\\d{2}-[\\w-]{80,130}'],
  ['OpenRouter key', 'sk-or-v1-[a-f0-9]{64}'],
  ['Stripe key', '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{24,250}'],
  ['Stripe webhook secret', 'whsec_[A-Za-z0-9+/]{32,64}'],
  ['Supabase secret key', 'sb_secret_[\\w-]{20,80}'],
  ['Supabase access token', 'sbp_(?:oauth_|v\\d_)?[a-f0-9]{40}'],
  ['npm token', 'npm_[A-Za-z0-9]{36}'],
  ['PyPI token', 'pypi-AgEIcHlwaS5vcmc[\\w-]{50,300}'],
  ['SendGrid key', 'SG\\.[\\w-]{16,64}\\.[\\w-]{16,64}'],
  ['Shopify token', 'shp(?:at|ca|pa|ss)_[A-Za-z0-9]{32,64}'],
  ['Linear key', 'lin_api_[A-Za-z0-9]{32,128}'],
  ['1Password service account token', 'ops_eyJ[A-Za-z0-9+/=_-]{100,1300}'],
  ['Hugging Face token', 'hf_[A-Za-z0-9]{34,40}'],
  ['DigitalOcean token', 'do[opr]_v1_[a-f0-9]{64}'],
  ['Docker Hub token', 'dckr_(?:pat|oat)_[\\w-]{27,40}'],
  ['HashiCorp Vault token', 'hv[sbr]\\.[\\w-]{24,200}'],
  ['Doppler token', 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{40,80}'],
  ['Postman key', 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}'],
  ['Grafana token', 'glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}'],
  ['age secret key', 'AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}'],
  ['Slack webhook', 'https://hooks\\.slack\\.com/services/T[A-Za-z0-9]{6,40}/B[A-Za-z0-9]{6,40}/[A-Za-z0-9]{16,40}'],
  ['Telegram bot token', '\\d{8,10}:AA[\\w-]{33}'],
];

const ANY = new RegExp(
  `(?<![A-Za-z0-9]_|[A-Za-z0-9])(?:${FORMS.map(([, form]) => `(${form})`).join('|')})(?!_?[A-Za-z0-9])`,
  'g',
);

/** What no text with a token is without. It starts at characters that are rare, and looks back from there: ten times as fast as `ANY`. */
const MAYBE =
  /[_.-](?=[A-Za-z0-9])(?<=(?:gh[pousr]|github_pat|npm|hf|whsec|sbp|sb_secret|shp[a-z]{2}|lin_api|ops|do[opr]_v1|glsa|[sr]k_(?:live|test)|dckr_p?o?at)_|(?:xox[a-z]|xox[a-z]\.xox[bp]|xapp|gl[a-z]{2,5}|sk|pypi|GOCSPX|PMAK|KEY)-|(?:SG|hv[sbr]|dp|hooks)\.)|A(?:KIA|SIA|BIA|CCA|Iza)|:AA/;

/** The tokens in a text that bear a known prefix. */
export function findTokens(text: string): Match[] {
  if (!MAYBE.test(text)) return [];
  const matches: Match[] = [];
  for (const match of text.matchAll(ANY)) {
    const written = match[0];
    if (isPlaceholder(written)) continue;
    const form = match.slice(1).findIndex((group) => group !== undefined);
    matches.push({ start: match.index, end: match.index + written.length, reason: FORMS[form]![0] });
  }
  return matches;
}
