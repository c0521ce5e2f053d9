import { SyncError } from '../../core/errors.js';
import type { CallOptions } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Repository } from '../repository.js';
import { examine, type OriginOnThisMachine } from './examine.js';
import { type Finding, planRepairs, type RepairName } from './plan-repairs.js';
import { repair } from './repair.js';

/** How to look, and whether to repair. */
export interface DoctorOptions extends CallOptions {
  readonly fix?: boolean;
  readonly origin?: OriginOnThisMachine | undefined;
}

/** What doctor found, and what became of it. */
export interface DoctorResult {
  readonly findings: readonly (Finding & { readonly fixed: boolean })[];
  /** Repairs that were tried and did not go through. */
  readonly failures: readonly { readonly repair: RepairName; readonly message: string }[];
}

/**
 * Looks for what is wrong in a project, and on demand repairs what can be repaired without losing anything.
 *
 * What counts as repaired is what a second look does not find any more.
 */
export function doctor(repo: Repository, options: DoctorOptions = {}): Promise<DoctorResult> {
  if (!options.fix) return look(repo, options);
  return asSyncOperation(
    repo,
    'doctor --fix',
    () => look(repo, options),
    ({ findings, failures }) => {
      // Nothing is written into a database whose structure is damaged.
      if (findings.some(({ check }) => check === 'store')) return null;
      const fixed = findings.filter((finding) => finding.fixed).length;
      return { result: failures.length > 0 ? 'incomplete' : 'done', detail: { found: findings.length, fixed } };
    },
  );
}

async function look(repo: Repository, { fix = false, origin, ...options }: DoctorOptions): Promise<DoctorResult> {
  const findings = await examine(repo, origin);
  const failures: { repair: RepairName; message: string }[] = [];
  for (const name of fix ? planRepairs(findings) : []) {
    try {
      await repair(repo, name, findings, origin, options);
    } catch (error) {
      if (!(error instanceof SyncError) || error.code === 'ABORTED') throw error;
      failures.push({ repair: name, message: error.message });
    }
  }
  // An origin that could be stopped is not stale any more.
  const stopped = fix && !failures.some(({ repair }) => repair === 'stop-origin');
  const left = fix ? await examine(repo, stopped ? undefined : origin) : findings;
  const isLeft = ({ check, subject }: Finding) =>
    left.some((other) => other.check === check && other.subject === subject);
  const known = findings.map((finding) => ({ ...finding, fixed: !isLeft(finding) }));
  const isNew = ({ check, subject }: Finding) =>
    !findings.some((other) => other.check === check && other.subject === subject);
  return { findings: [...known, ...left.filter(isNew).map((finding) => ({ ...finding, fixed: false }))], failures };
}
