import fs from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../core/errors.js';
import type { Oid } from '../core/object/oid.js';
import type { GitExport, GitExportReport, RefName } from '../core/ports.js';
import { formatMailmap } from './mailmap.js';
import { writePack } from './write-pack.js';

/** Set in the configuration of every repository that an export made. */
const MARKER = 'agent-sync.export';

/**
 * Writes a git repository with the store's own object ids, that plain git reads: objects, refs, `HEAD`, checked-out
 * files, and a mailmap that shows the actors' names. An earlier export is brought up to date; refs come last.
 *
 * @throws {SyncError} `LOCAL_CHANGES` when something else is there, or when the export was worked in since
 */
export async function exportGitRepository(request: GitExport): Promise<GitExportReport> {
  const { default: git } = await import('isomorphic-git');
  const { directory: dir, objects, refs, head } = request;
  const gitdir = join(dir, '.git');
  const repository = { fs, dir, gitdir };

  const created = isEmptyFolder(dir);
  if (!created && !(await isExport(repository))) {
    throw new SyncError('LOCAL_CHANGES', `'${dir}' is not empty and not an export of agent-sync`, {
      hint: 'Name a new or empty folder, or one that an earlier export made.',
    });
  }
  await git.init({ ...repository, defaultBranch: head.replace(/^refs\/heads\//, '') });
  const moved = await movedRefs();
  for (const [path, value] of settings()) await git.setConfig({ ...repository, path, value });
  fs.writeFileSync(join(gitdir, 'mailmap'), formatMailmap(request.actors));
  const added = writePack(gitdir, objects, request.oids);
  const commit = refs.get(head);
  if (commit) await checkOut(commit);
  for (const ref of moved) await git.writeRef({ ...repository, ref, value: refs.get(ref)!, force: true });
  await git.writeRef({ ...repository, ref: 'HEAD', value: head, symbolic: true, force: true });
  return { created, objects: added, refs: moved };

  async function isExport(repository: { fs: typeof fs; gitdir: string }): Promise<boolean> {
    return fs.existsSync(join(gitdir, 'config')) && (await git.getConfig({ ...repository, path: MARKER })) === 'true';
  }

  async function movedRefs(): Promise<RefName[]> {
    const moved: RefName[] = [];
    for (const [ref, target] of refs) {
      const current: Oid | undefined = await git.resolveRef({ ...repository, ref }).catch(() => undefined);
      if (current === target) continue;
      if (current && !objects.has(current)) {
        throw new SyncError('LOCAL_CHANGES', `${ref} in '${dir}' has commits that are not in the store`, {
          hint: 'An export is for reading. Keep them on a branch of another name, or export to another folder.',
        });
      }
      moved.push(ref);
    }
    return moved;
  }

  async function checkOut(commit: Oid): Promise<void> {
    try {
      await git.checkout({ ...repository, ref: commit, noUpdateHead: true });
    } catch (cause) {
      if (!(cause instanceof git.Errors.CheckoutConflictError)) throw cause;
      throw new SyncError(
        'LOCAL_CHANGES',
        `files in '${dir}' were changed since the last export: ${cause.data.filepaths.join(', ')}`,
        {
          hint: 'An export is for reading. Put the files back as they were, or export to another folder.',
          cause,
        },
      );
    }
  }
}

function settings(): [path: string, value: string][] {
  return [
    [MARKER, 'true'],
    // Relative to the top of the working tree, so that the repository can be moved.
    ['mailmap.file', '.git/mailmap'],
    ['log.mailmap', 'true'],
    // The files are the store's, byte for byte.
    ['core.autocrlf', 'false'],
  ];
}

function isEmptyFolder(folder: string): boolean {
  return !fs.existsSync(folder) || fs.readdirSync(folder).length === 0;
}
