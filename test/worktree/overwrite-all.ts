/** A process to be killed: replaces each artifact file by `argv[3]` repeated, and says so after every tenth. */
import { writeSync } from 'node:fs';
import { openWorktree } from '../../lib/worktree/open-worktree.js';

const [, , root, letter] = process.argv;
const worktree = openWorktree(root!);
for (const [i, file] of worktree.scan().files.entries()) {
  worktree.write(file.path, Buffer.alloc(file.size, letter));
  if (i % 10 === 9) writeSync(1, '.');
}
