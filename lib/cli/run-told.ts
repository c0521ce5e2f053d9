import { AsyncResource } from 'node:async_hooks';
import { askedOf } from '../telemetry/asked.js';
import type { AgentContext } from './context.js';
import { printNote } from './output.js';

/**
 * Runs a command and tells whoever the environment names how it goes; nothing is loaded when it names nobody.
 *
 * @param name the words of the command
 * @returns the exit code
 */
export async function runTold(
  name: string,
  context: AgentContext,
  run: (context: AgentContext) => Promise<number>,
): Promise<number> {
  if (!askedOf(context.env)) return run(context);
  const { openTelemetry } = await import('../open.js');
  const { telemetry, notes } = await openTelemetry(context);
  for (const note of notes) printNote(context, `warning: ${note}\n`);
  const command = async () => {
    // Node prints what nobody caught and ends: only what is written at once gets out.
    const crashed = AsyncResource.bind(() => telemetry.log('error', 'crashed', { code: 'INTERNAL' }));
    process.once('uncaughtExceptionMonitor', crashed);
    try {
      const exit = await run({ ...context, telemetry });
      telemetry.add({ exit });
      return exit;
    } finally {
      process.off('uncaughtExceptionMonitor', crashed);
    }
  };
  try {
    return await telemetry.span('command', `agent ${name}`, {}, command);
  } finally {
    await telemetry.close();
  }
}
