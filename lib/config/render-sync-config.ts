import { Document, parseDocument, type YAMLMap } from 'yaml';
import { ORIGIN_DEFAULTS } from './config-defaults.js';
import { type OriginConfig, parseSyncConfig } from './sync-config.js';

/**
 * Writes a new sync.yaml for people to read and edit.
 *
 * @param origin undefined for a project that is not shared yet
 * @throws {SyncError} `CONFIG_INVALID` for what `parseSyncConfig` would not take back
 */
export function renderSyncConfig(origin: OriginConfig | undefined): string {
  const document = new Document<YAMLMap, false>({ version: 1 });
  document.commentBefore = origin ? HEADER : `${HEADER}\n${UNSHARED}`;
  if (origin) setOrigin(document, origin);
  return checked(document);
}

/**
 * Adds the origin to a sync.yaml that names none; what it says already stays, comments included.
 *
 * @param text as `parseSyncConfig` takes it
 * @throws {SyncError} `CONFIG_INVALID` for an origin that `parseSyncConfig` would not take back
 */
export function addOrigin(text: string, origin: OriginConfig): string {
  const document = parseDocument<YAMLMap, false>(text);
  const comment = document.commentBefore?.replace(`\n${UNSHARED.trimEnd()}`, '');
  document.commentBefore = comment ?? null;
  setOrigin(document, origin);
  return checked(document);
}

function setOrigin(document: Document<YAMLMap, false>, given: OriginConfig): void {
  const { url, project, schema, keyEnv, tokenEnv, timeout } = given;
  const origin = document.createNode({
    url,
    project,
    schema,
    key_env: keyEnv,
    token_env: tokenEnv,
    ...(timeout === ORIGIN_DEFAULTS.timeout ? {} : { timeout }),
  }) as YAMLMap;
  commentOn(origin, 'url', ' https://…, http://127.0.0.1:PORT for an origin on this machine, or file:PATH');
  commentOn(origin, 'key_env', ' Names of environment variables, never the keys themselves');
  document.set('origin', origin);
}

function checked(document: Document<YAMLMap, false>): string {
  const text = document.toString({ lineWidth: 0 }).replace(/\n{3,}/, '\n\n');
  parseSyncConfig(text, 'sync.yaml');
  return text;
}

const HEADER =
  " Where this project's Plans, Stories and Runbooks are shared (agent-sync).\n" +
  ' It holds no secret and belongs in git, so that everyone who clones the project finds the origin.';
const UNSHARED = " Without an origin everything works on this machine only; 'agent sync init --origin URL' adds one.\n";

function commentOn(map: YAMLMap, key: string, comment: string): void {
  const pair = map.items.find((item) => String(item.key) === key);
  if (pair) (pair.key as { commentBefore?: string }).commentBefore = comment;
}
