import type { DraftReport } from '../repo/artifacts/number-drafts.js';
import { plain } from './output.js';

/** What became of drafts on the way, one a line. */
export function formatDrafts(drafts: DraftReport | undefined): string[] {
  if (!drafts) return [];
  return [
    ...drafts.numbered.map(({ kind, handle, id }) => `Numbered ${kind} ${handle}: it is ${id} now.`),
    ...drafts.refused.map(({ handle, code, message }) => `${handle} stays a draft: ${plain(message)} [${code}]`),
  ];
}
