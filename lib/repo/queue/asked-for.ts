import type { Intent, Store } from '../../core/ports.js';

/**
 * Notes what the queue asks for before it is done, however it came to be done.
 *
 * @returns what to call once it is: it takes those intents off the queue, but none that is asked for again meanwhile
 */
export function askedFor({ queue }: Store, what: Intent['do']): () => void {
  const asked = queue.list().filter(({ intent }) => intent.do === what);
  return () => {
    for (const item of asked) queue.finish(item);
  };
}

/** Whether the queue asks for something. */
export function isAskedFor({ queue }: Store, what: Intent['do']): boolean {
  return queue.list().some(({ intent }) => intent.do === what);
}
