import type { Worktree } from '../../lib/index.js';

/** A worktree in which something happens once, right after the first call of one of its methods: what another process might do. */
export function withEvent(worktree: Worktree, after: 'scan' | 'write', event: () => void): Worktree {
  let happened = false;
  return new Proxy(worktree, {
    get(target, name: keyof Worktree) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...args: never[]) => {
        const answer = (value as (...args: never[]) => unknown).apply(target, args);
        if (name === after && !happened) {
          happened = true;
          event();
        }
        return answer;
      };
    },
  });
}
