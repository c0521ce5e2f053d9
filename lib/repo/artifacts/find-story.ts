import type { Repository } from '../repository.js';
import { findArtifact, type ListedArtifact } from './list.js';

/**
 * Finds the Story that a person names by its id alone.
 *
 * @throws {SyncError} `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`
 */
export function findStory(repo: Repository, asked: string): ListedArtifact {
  return findArtifact(repo, asked.includes('/') ? asked : `story/${asked}`);
}
