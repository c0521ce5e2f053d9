/** A process to be killed: runs an origin within itself and reports that it is ready. */
import { writeSync } from 'node:fs';
import { startEmbeddedOrigin } from '../../../lib/origin/embedded/start.js';

await startEmbeddedOrigin({ directory: process.argv[2]!, durable: false });
writeSync(1, 'ready');
