import type { Worktree } from '../../../lib/index.js';

/** A worktree in which something happens once, right after the first call of one of its methods: what another process might do. */
export function withEvent(worktree: Worktree, after: 'scan' | 'write', event: () => void): Worktree {
  let happened = false;
  return around(worktree, (name, call) => {
    const answer = call();
    if (name === after && !happened) {
      happened = true;
      event();
    }
    return answer;
  });
}

/** A worktree of a process that is killed, as far as the disk can tell, before it changes anything there. */
export function killedBeforeWriting(worktree: Worktree): Worktree {
  return killedAfter(worktree, 0);
}

/** A worktree of a process that is killed, as far as the disk can tell, after so many changes there. */
export function killedAfter(worktree: Worktree, changes: number): Worktree {
  let left = changes;
  return around(worktree, (name, call) => {
    if ((name === 'write' || name === 'remove' || name === 'writeBase') && left-- === 0) throw new Error('killed');
    return call();
  });
}

function around(worktree: Worktree, wrap: (name: keyof Worktree, call: () => unknown) => unknown): Worktree {
  return new Proxy(worktree, {
    get(target, name: keyof Worktree) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...args: never[]) => wrap(name, () => (value as (...args: never[]) => unknown).apply(target, args));
    },
  });
}
