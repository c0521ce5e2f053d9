import type { Key, KeyChoice } from './ask-key.js';
import type { ShownConflict } from './show-question.js';
import type { Question } from './walk.js';

/** What can be done about a question, the remembered resolution first. The keys are those of `git add -p` where it has them. */
export function choicesFor(
  { conflict, remembered, isMerged }: ShownConflict,
  { hunk }: Question,
  isFirst: boolean,
): KeyChoice<Key>[] {
  const version = (side: 'ours' | 'theirs' | 'base') =>
    `take ${side}${hunk === null && conflict[side] === null ? ', which is to remove the file' : ''}`;
  return [
    ...(hunk !== null && remembered?.hunks[hunk] ? [{ key: 'r', name: 'resolve it as before' } as const] : []),
    ...(isMerged ? [{ key: 'm', name: 'take the merged text, as it is on disk' } as const] : []),
    { key: 'o', name: version('ours') },
    { key: 't', name: version('theirs') },
    ...(hunk === null ? [] : [{ key: 'u', name: 'take both, ours first' } as const]),
    { key: 'b', name: version('base') },
    ...(hunk === null ? [] : [{ key: 'e', name: 'edit the lines' } as const]),
    ...(isMerged ? [{ key: 'e', name: 'edit the merged text' } as const] : []),
    { key: 's', name: 'skip it for now' },
    ...(isFirst ? [] : [{ key: 'p', name: 'go back to the previous one' } as const]),
    { key: 'q', name: 'quit; what was answered is kept' },
  ];
}

/** What can be done when every conflict is settled. */
export function choicesAtTheEnd({ rebasing }: { readonly rebasing: boolean }): KeyChoice<Key>[] {
  return [
    { key: 'y', name: rebasing ? 'yes, replay the next commit' : 'yes, commit it' },
    { key: 'n', name: `no, I'll run 'agent sync ${rebasing ? 'rebase' : 'merge'} --continue' later` },
    { key: 'p', name: 'go back to the previous one' },
  ];
}
