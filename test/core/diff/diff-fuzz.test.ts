import { detectRenames } from '../../../lib/core/diff/detect-renames.js';
import { diffFile, splitTypeChange } from '../../../lib/core/diff/diff-file.js';
import { diffTrees } from '../../../lib/core/diff/diff-trees.js';
import { isBinary } from '../../../lib/core/diff/lines.js';
import { formatNameStatus, formatStat } from '../../../lib/core/diff/stat.js';
import { formatUnified } from '../../../lib/core/diff/unified.js';
import { readBlob } from '../../../lib/core/object/read.js';
import { fuzz, random } from '../../fuzz.js';
import { MemoryObjects } from '../memory-objects.js';
import { randomTrees, type TreeFiles } from './random-trees.js';

/** All that `agent sync diff` can print about two trees. */
function describe(objects: MemoryObjects, [before, after]: readonly [string, string]) {
  const read = ({ oid }: { oid: string }) => readBlob(objects, oid);
  const changes = detectRenames(diffTrees(objects, before, after), read, 50);
  const patches = changes
    .flatMap(splitTypeChange)
    .map((change) => formatUnified(diffFile(change, read), { abbrev: (oid) => oid }));
  return {
    patch: Buffer.concat(patches).toString('latin1'),
    nameStatus: formatNameStatus(changes),
    stat: formatStat(changes.map((change) => diffFile(change, read))),
  };
}

fuzz('random trees differ as git says, and `git apply` makes one of the other', 1, async (t, seed) => {
  const next = random(seed);
  const objects = new MemoryObjects();
  const cases = Array.from({ length: 250 }, () => randomTrees(next));
  const trees = cases.map(({ before, after }) => [objects.tree(before), objects.tree(after)] as const);
  // All cases again as folders of one tree, so that git applies one patch.
  const [old, now] = [cases.map(({ before }) => before), cases.map(({ after }) => after)].map((sides) =>
    objects.tree(Object.assign({}, ...sides.map((files, i) => textsBelow(`${i}`, files)))),
  ) as [string, string];

  const git = objects.repository(t.testdir());
  const ask = (...format: string[]) => {
    const input = trees.map((pair) => `${pair.join(' ')}\n`).join('');
    const { stdout } = git(['diff-tree', '--stdin', '-r', '-M', '--full-index', ...format], input);
    return stdout
      .toString('latin1')
      .split(/^[0-9a-f]{40} [0-9a-f]{40}\n/m)
      .slice(1);
  };
  const [patches, nameStatus, stats] = [ask('-p'), ask('--name-status'), ask('--stat')];
  for (const [i, pair] of trees.entries()) {
    const ours = describe(objects, pair);
    // Git names the function around a hunk behind the second '@@'.
    const theirs = patches[i]!.replace(/^\n/, '').replace(/^(@@ [^@]* @@).*$/gm, '$1');
    if (ours.patch !== theirs) t.equal(ours.patch, theirs, `case ${i}`);
    if (ours.nameStatus !== nameStatus[i]) t.equal(ours.nameStatus, nameStatus[i], `case ${i}`);
    if (ours.stat !== stats[i]) t.equal(ours.stat, stats[i], `case ${i}`);
  }
  t.equal(patches.length, cases.length);

  const { patch } = describe(objects, [old, now]);
  t.match(patch, /^rename from /m, 'there are renames');
  git(['read-tree', old]);
  const applied = git(['apply', '--cached', '--whitespace=nowarn', '-'], Buffer.from(patch, 'latin1'));
  t.same({ ...applied, stdout: '' }, { status: 0, stdout: '', stderr: '' });
  t.equal(git(['write-tree']).stdout.toString().trim(), now);
});

/** Binary files aside, since patches have no text for them. */
function textsBelow(folder: string, files: TreeFiles): TreeFiles {
  const texts = Object.entries(files).filter(([, [, contents]]) => !isBinary(Buffer.from(contents)));
  return Object.fromEntries(texts.map(([path, file]) => [`${folder}/${path}`, file]));
}
