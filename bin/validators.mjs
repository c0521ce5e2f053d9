/**
 * Compiles the JSON schemas into `validators.js` beside them: ajv at run time would cost each command 45 ms.
 *
 * It reads what tsc wrote to `dist/`.
 */
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Per room: the function to make, the module that exports the schema, and the schema's name there. */
const VALIDATORS = {
  'lib/artifact': {
    validatePlan: ['schema.js', 'planSchema'],
    validateStory: ['schema.js', 'storySchema'],
    validateRunbook: ['schema.js', 'runbookSchema'],
  },
  'lib/config': { validateSyncConfig: ['sync-config-schema.js', 'syncConfigSchema'] },
  'lib/repo/conflicts': { validateAnswers: ['answer-schema.js', 'answersSchema'] },
};

for (const [room, validators] of Object.entries(VALIDATORS)) await compile(room, validators);

async function compile(room, validators) {
  const folder = join(ROOT, 'dist', room);
  const ajv = new Ajv.default({ allErrors: true, code: { source: true, esm: true, lines: true } });
  for (const [name, [module, schema]] of Object.entries(validators)) {
    const exported = await import(pathToFileURL(join(folder, module)).href);
    ajv.addSchema(exported[schema], name);
  }
  const names = Object.fromEntries(Object.keys(validators).map((name) => [name, name]));
  await build({
    stdin: { contents: standaloneCode.default(ajv, names), resolveDir: ROOT },
    outfile: join(folder, 'validators.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  copyFileSync(join(ROOT, room, 'validators.d.ts'), join(folder, 'validators.d.ts'));
}
