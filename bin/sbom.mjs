/**
 * Writes `dist/sbom.cdx.json`, the bill of materials of what ships: npm's own, without what is only for development.
 *
 * `npm sbom --omit dev` would also leave out what both we and a tool of ours depend on, such as `ws`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const output = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], { cwd: ROOT, maxBuffer: 2 ** 26 });
const { components, dependencies, ...bill } = JSON.parse(output);
const shipped = components.filter(
  ({ properties }) => !properties?.some(({ name }) => name === 'cdx:npm:package:development'),
);
const refs = new Set([bill.metadata.component['bom-ref'], ...shipped.map((component) => component['bom-ref'])]);
const arrows = dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
const document = { ...bill, components: shipped, dependencies: arrows };
writeFileSync(join(ROOT, 'dist/sbom.cdx.json'), `${JSON.stringify(document, null, 2)}\n`);
