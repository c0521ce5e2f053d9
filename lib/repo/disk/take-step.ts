import type { Oid } from '../../core/object/oid.js';
import { followMerge } from '../merge/merge-state.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { recordMove, runMove, type WorktreeMove } from './base.js';

/** A step that the store has taken, and the disk has still to follow. */
export interface Step<Result> {
  readonly result: Result;
  /** Undefined where nothing changed. */
  readonly move?: WorktreeMove;
  /** The commit that the files come from then; undefined where a merge has stopped. */
  readonly commit?: Oid | null;
}

/**
 * Takes a step in one transaction, recorded as an operation; the disk follows once the store has committed: a crash in between
 * leaves the old files with their old base.
 *
 * @param command as the log of operations is to call it, unless a greater one is under way
 */
export function takeStep<Result>(repo: Repository, command: string, step: () => Step<Result>): Result {
  return recordOperation(repo, command, () => {
    const { store, telemetry } = repo;
    const take = () => {
      const taken = step();
      if (taken.move && taken.commit) recordMove(repo, taken.move, taken.commit);
      return taken;
    };
    const { result, move, commit } = telemetry.span('step', 'decide and commit', {}, () => store.transact(take));
    telemetry.span('step', 'write files', {}, () => {
      if (move && commit) runMove(repo, move, commit);
      else followMerge(repo);
    });
    return result;
  });
}
