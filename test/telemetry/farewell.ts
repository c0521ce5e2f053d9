/** Tells something to a collector that is dead, and says what about the end was not as promised. */
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { askedOf } from '../../lib/telemetry/asked.js';
import { startTelemetry } from '../../lib/telemetry/start.js';

/** What is promised, in milliseconds. */
const LONGEST_DELAY = 200;

const options = { cwd: process.cwd(), env: {}, version: '1.0.0', secret: /secret/g };
const { telemetry } = await startTelemetry(askedOf(process.env)!, options);
await telemetry.span('operation', 'push', {}, async () => telemetry.measure('conflicts', 1));
// Timers of one process fire in order, however busy the machine is.
const late = delay(LONGEST_DELAY, 'late', { ref: false });
if ((await Promise.race([telemetry.close(), late])) === 'late') console.log('waited');
// What was closed is gone a turn later.
await nextTurn();
await nextTurn();
const left = process.getActiveResourcesInfo().filter((resource) => !/^(Pipe|TTY)/.test(resource));
if (left.length > 0) console.log(`left ${left.join(', ')}`);
