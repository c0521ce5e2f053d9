import { SyncError } from '../core/errors.js';
import { isOid } from '../core/object/oid.js';
import { decodeUtf8Strict, encodeUtf8 } from '../core/object/text.js';
import type { ExportBase } from '../core/ports.js';

/** The file in `.agent/cache` that says which tree the Markdown beside it was exported from; git keeps it. */
export const BASE_FILE = '.agent-sync-base';

/** Writes the base file: two lines, `commit <oid>` and `tree <oid>`. */
export function formatBase({ commit, tree }: ExportBase): Uint8Array {
  return encodeUtf8(`commit ${commit}\ntree ${tree}\n`);
}

/**
 * Reads the base file. Line ends may be those of a checkout on Windows.
 *
 * @throws {SyncError} `BASE_INVALID`
 */
export function parseBase(bytes: Uint8Array): ExportBase {
  const text = decodeUtf8Strict(bytes) ?? '';
  const [, commit = '', tree = ''] = /^commit (\S+)\r?\ntree (\S+)\r?\n?$/.exec(text) ?? [];
  if (isOid(commit) && isOid(tree)) return { commit, tree };
  if (/^(<{7}|={7}|>{7})/m.test(text)) {
    throw new SyncError('BASE_INVALID', `.agent/cache/${BASE_FILE} holds the conflict markers of a git merge`, {
      hint: 'Keep the side whose commit is the older one in `agent sync log`: at worst a change is asked about twice.',
    });
  }
  throw new SyncError('BASE_INVALID', `.agent/cache/${BASE_FILE} is not two lines 'commit <id>' and 'tree <id>'`, {
    hint: `Restore it from git, as in \`git checkout -- .agent/cache/${BASE_FILE}\`.`,
  });
}
