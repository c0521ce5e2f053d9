import type { RefName } from '../ports.js';

/** The branch that every store starts with, and the only one that is pushed. */
export const MAIN: RefName = 'refs/heads/main';

/** What the origin's `main` was when it was last seen. */
export const ORIGIN_MAIN: RefName = 'refs/remotes/origin/main';

/** The remote-tracking ref of one of the origin's branches. */
export function trackingRef(branch: RefName): RefName {
  return branch.replace(/^refs\/heads\//, 'refs/remotes/origin/');
}

/** The reason in the log of `origin/main` when a push of ours moved the origin's own ref. */
export const PUSHED = 'push';
