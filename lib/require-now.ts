import { createRequire } from 'node:module';

/** Loads a package in the middle of something synchronous; `bin/bundle.mjs` puts what stands apart from the bundle in its place. */
export const requireNow: (name: string) => unknown = createRequire(import.meta.url);
