import fs from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../core/errors.js';
import { listFiles } from '../core/object/find-path.js';
import type { Oid } from '../core/object/oid.js';
import { parsePath } from '../core/object/path.js';
import { readCommit } from '../core/object/read.js';
import type { GitExport, GitExportReport, ObjectReader, RefName } from '../core/ports.js';
import { atomicFiles } from './atomic-files.js';
import { formatMailmap } from './mailmap.js';
import { writePack } from './write-pack.js';

/** isomorphic-git, and what each of its calls wants to know about the repository. */
interface Target {
  readonly git: typeof import('isomorphic-git');
  readonly repository: { readonly fs: typeof fs; readonly dir: string; readonly gitdir: string };
}

/** Marks the configuration of every repository that an export made. */
const MARKER = 'agent-sync.export';

/** A folder below `.git` for what is on its way; there while an export runs, or after it was killed. */
const UNFINISHED = 'agent-sync-unfinished';

const SETTINGS: readonly (readonly [path: string, value: string])[] = [
  [MARKER, 'true'],
  // Relative to the top of the working tree, so that the repository can be moved.
  ['mailmap.file', '.git/mailmap'],
  ['log.mailmap', 'true'],
  // The files are the store's, byte for byte.
  ['core.autocrlf', 'false'],
];

/**
 * Writes a git repository with the store's own object ids, that plain git reads: objects, refs, `HEAD`, checked-out
 * files, and a mailmap that shows the actors' names. An earlier export is brought up to date; refs move last.
 *
 * @throws {SyncError} `LOCAL_CHANGES` when something else is there or the export was worked in, `FILE_UNWRITABLE`, `PATH_UNSAFE`
 */
export async function exportGitRepository(request: GitExport): Promise<GitExportReport> {
  const { directory: dir, refs, head } = request;
  const gitdir = join(dir, '.git');
  // For Node it is CommonJS, of which a bundle has the default export only.
  const { default: git } = await import('isomorphic-git');
  const target: Target = { git, repository: { fs: atomicFiles(join(gitdir, UNFINISHED)), dir, gitdir } };
  const commit = refs.get(head);
  if (commit) refuseUnsafe(request.objects, commit);
  try {
    const created = await prepare(target, head);
    const moved = await movedRefs(target, request);
    fs.writeFileSync(join(gitdir, 'mailmap'), formatMailmap(request.actors));
    const objects = writePack(gitdir, request.objects, request.oids);
    if (commit) await checkOut(target, commit);
    await writeRefs(target, request, moved);
    fs.rmSync(join(gitdir, UNFINISHED), { recursive: true, force: true });
    return { created, objects, refs: moved };
  } catch (cause) {
    if (cause instanceof SyncError || !isFailedWrite(cause)) throw cause;
    throw new SyncError('FILE_UNWRITABLE', `cannot export to '${dir}': ${cause.message}`, {
      hint: 'The refs there are as they were. Export to a new folder if it stays.',
      cause,
    });
  }
}

/** A store may come from anywhere, and what stands in its trees becomes files. */
function refuseUnsafe(objects: ObjectReader, commit: Oid): void {
  for (const { path } of listFiles(objects, readCommit(objects, commit).tree)) parsePath(path);
}

/** Makes the repository, or sees that it is one of ours; answers whether it was made. */
async function prepare({ git, repository }: Target, head: RefName): Promise<boolean> {
  const { dir, gitdir } = repository;
  const begun = join(gitdir, UNFINISHED, 'new');
  const created = isUnmade(dir, gitdir) || fs.existsSync(begun);
  const has = async (path: string, value: string) => (await git.getConfig({ ...repository, path })) === value;
  if (!created && !(fs.existsSync(join(gitdir, 'config')) && (await has(MARKER, 'true')))) {
    throw new SyncError('LOCAL_CHANGES', `'${dir}' is not empty and not an export of agent-sync`, {
      hint: 'Name a new or empty folder, or one that an earlier export made.',
    });
  }
  if (created) {
    fs.mkdirSync(join(gitdir, UNFINISHED), { recursive: true });
    fs.writeFileSync(begun, '');
    // Where there is a configuration, isomorphic-git takes the rest for granted.
    fs.rmSync(join(gitdir, 'config'), { force: true });
    await git.init({ ...repository, defaultBranch: head.replace(/^refs\/heads\//, '') });
  }
  for (const [path, value] of SETTINGS) {
    if (!(await has(path, value))) await git.setConfig({ ...repository, path, value });
  }
  return created;
}

/** Whether there is nothing yet, or what an export has that was killed at its first steps. */
function isUnmade(dir: string, gitdir: string): boolean {
  const names = (folder: string) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
  const others = names(dir).filter((name) => name !== '.git');
  return others.length === 0 && names(gitdir).every((name) => name === UNFINISHED);
}

/** The refs to move; none of them may leave a commit behind that only this repository has. */
async function movedRefs({ git, repository }: Target, { refs, objects }: GitExport): Promise<RefName[]> {
  const moved: RefName[] = [];
  for (const [ref, wanted] of refs) {
    const current: Oid | undefined = await git.resolveRef({ ...repository, ref }).catch(() => undefined);
    if (current === wanted) continue;
    if (current && !objects.has(current)) {
      throw new SyncError('LOCAL_CHANGES', `${ref} in '${repository.dir}' has commits that are not in the store`, {
        hint: 'An export is for reading. Keep them on a branch of another name, or export to another folder.',
      });
    }
    moved.push(ref);
  }
  return moved;
}

async function checkOut({ git, repository }: Target, commit: Oid): Promise<void> {
  try {
    await git.checkout({ ...repository, ref: commit, noUpdateHead: true });
  } catch (cause) {
    if (!(cause instanceof git.Errors.CheckoutConflictError)) throw cause;
    const files = cause.data.filepaths.join(', ');
    throw new SyncError('LOCAL_CHANGES', `files in '${repository.dir}' were changed since the last export: ${files}`, {
      hint: 'An export is for reading. Put the files back as they were, or export to another folder.',
      cause,
    });
  }
}

async function writeRefs({ git, repository }: Target, { refs, head }: GitExport, moved: RefName[]): Promise<void> {
  for (const ref of moved) await git.writeRef({ ...repository, ref, value: refs.get(ref)!, force: true });
  await git.writeRef({ ...repository, ref: 'HEAD', value: head, symbolic: true, force: true });
}

/** A failure of the file system, or isomorphic-git's refusal to write through a link. */
function isFailedWrite(cause: unknown): cause is Error {
  return cause instanceof Error && ('syscall' in cause || cause.name === 'MultipleGitError');
}
