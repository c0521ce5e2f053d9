import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import { encodeUtf8 } from '../../core/object/text.js';
import type { AuditFilter, AuditLog } from '../../repo/audit/read-audit.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { valueOption, wholeNumber } from '../options.js';
import type { Answer } from '../output.js';

export class SyncAuditCommand extends RepositoryCommand {
  static override paths = [['sync', 'audit']];
  static override usage = Command.Usage({
    category: 'Audit and statistics',
    description: 'list who did what, here or at the origin, and check that nothing was taken out',
    details: `
      Newest first: every sync operation of this store, also what failed; with --origin what all members did at the origin. An entry
      tells who, when, what came of it and which refs moved. Names are those that are known here; entries hold only ids.

      Entries are a chain of hashes. --verify computes it anew, over all entries; exit code 1 tells that it is broken, and where.
    `,
    examples: [
      ['What was done here today', 'agent sync audit --since 1d'],
      ['What Ada did at the origin', "agent sync audit --origin --actor 'Ada Lovelace'"],
      ["Check the origin's log", 'agent sync audit --origin --verify'],
    ],
  });

  origin = Option.Boolean('--origin', false, { description: "The origin's log in place of this store's" });
  since = valueOption('--since', 'WHEN', 'From a date (2026-11-30) or a time ago (90m, 12h, 7d, 2w) on');
  actor = valueOption('--actor', 'WHO', 'Only what somebody did, by name, e-mail address or id');
  limit = valueOption('-n,--max-count', 'N', 'List at most so many entries');
  verify = Option.Boolean('--verify', false, { description: 'Check all of the log instead of listing it' });
  csv = Option.Boolean('--csv', false, { description: 'Print comma-separated values instead of text' });

  protected override run(repo: Repository): Promise<Answer> {
    if (this.csv && this.json) throw new SyncError('USAGE', 'give one of --json and --csv');
    const log = this.origin ? 'origin' : 'store';
    return this.verify ? this.#check(repo, log) : this.#list(repo, log);
  }

  async #list(repo: Repository, log: AuditLog): Promise<Answer> {
    const { readAudit } = await import('../../repo/audit/read-audit.js');
    const { formatEntriesCsv, formatEntry } = await import('../audit-text.js');
    const entries = await readAudit(repo, log, await this.#filter(), { signal: this.context.signal });
    // As bytes: its lines end as RFC 4180 has it, which is nothing to show on a terminal.
    const text = this.csv ? encodeUtf8(formatEntriesCsv(entries)) : entries.map(formatEntry).join('\n');
    return { text, document: { log, entries } };
  }

  async #check(repo: Repository, log: AuditLog): Promise<Answer> {
    if (this.csv || this.since !== undefined || this.actor !== undefined || this.limit !== undefined) {
      throw new SyncError('USAGE', '--verify checks all of the log, and lists nothing', {
        hint: 'Leave out --since, --actor, --max-count and --csv.',
      });
    }
    const { verifyAudit } = await import('../../repo/audit/verify-audit.js');
    const { formatVerdict } = await import('../audit-text.js');
    const verdict = await verifyAudit(repo, log, { signal: this.context.signal });
    return { text: formatVerdict(log, verdict), document: { log, ...verdict }, code: verdict.problem ? 1 : 0 };
  }

  async #filter(): Promise<AuditFilter> {
    const { parseSince } = await import('../since.js');
    const to = Number.MAX_SAFE_INTEGER;
    return {
      ...(this.since === undefined ? {} : { since: parseSince(this.since, Date.now()) }),
      ...(this.actor === undefined ? {} : { actor: this.actor }),
      ...(this.limit === undefined ? {} : { limit: wholeNumber('--max-count', this.limit, { from: 0, to }) }),
    };
  }
}
