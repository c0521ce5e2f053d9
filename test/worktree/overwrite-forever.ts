/** A process to be killed: fills each artifact file with one letter, then with the next, and reports each tenth write. */
import { writeSync } from 'node:fs';
import { openWorktree } from '../../lib/worktree/open-worktree.js';

const worktree = openWorktree(process.argv[2]!);
const { files } = worktree.scan();
for (let writes = 0; ; writes++) {
  const file = files[writes % files.length]!;
  const letter = 'abcdefghijklmnopqrstuvwxyz'[Math.floor(writes / files.length) % 26]!;
  worktree.write(file.path, Buffer.alloc(file.size, letter));
  if (writes % 10 === 9) writeSync(1, '.');
}
