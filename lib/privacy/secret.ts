import { findAssignedSecrets } from './assigned-secret.js';
import type { Detector, Match } from './detector.js';
import { findJwts } from './jwt.js';
import { findPrivateKeys } from './private-key.js';
import { findTokens } from './token.js';

/** What lets somebody in: private keys, tokens, and passwords. */
export const secretDetector: Detector = { name: 'secret', replacement: 'REDACTED-SECRET', find };

function find(text: string): Match[] {
  return [...findPrivateKeys(text), ...findTokens(text), ...findJwts(text), ...findAssignedSecrets(text)];
}
