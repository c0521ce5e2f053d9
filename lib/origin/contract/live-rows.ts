import type { LiveNews } from '../../core/ports.js';
import type { Row } from './row.js';
import { commitOf, pushOf } from './specimens.js';
import { registered } from './steps.js';

/** What an origin tells as it happens; one that has no way to tell has nothing to show. */
export const LIVE_ROWS: readonly Row[] = [
  {
    sentence: 'whoever subscribed is told when a ref moves, unless the origin has no way to tell',
    async show(origin) {
      const owner = await registered(origin);
      const another = await origin.remote('owner');
      if (!another.subscribe) return;
      const heard: Record<string, () => void> = {};
      const [joined, moved] = ['joined', 'moved'].map(
        (news) => new Promise<void>((resolve) => (heard[news] = resolve)),
      );
      const subscription = another.subscribe((news: LiveNews) => heard[news]?.());
      await joined;
      await owner.push(pushOf(commitOf({ 'INFRA-001-first.md': 'one\n' }), null));
      await moved;
      await subscription.close();
    },
  },
];
