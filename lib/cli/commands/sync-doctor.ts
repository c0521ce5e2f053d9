import { Command, Option } from 'clipanion';
import type { DoctorResult } from '../../repo/maintenance/doctor.js';
import { AgentCommand } from '../command.js';
import { type Answer, count, plain } from '../output.js';

export class SyncDoctorCommand extends AgentCommand {
  static override paths = [['sync', 'doctor']];
  static override usage = Command.Usage({
    category: 'Maintenance',
    description: 'find out what is wrong, and repair what can be',
    details: `
      Looks at the configuration, the store and all its objects, refs, derived tables, the merge in progress and the files on
      disk, and explains what is not as it should be. With '--fix' it repairs what can be repaired without losing anything;
      objects that are damaged or missing are taken from the files on disk or from the origin. Exit code 1 tells that something
      is wrong still.
    `,
    examples: [
      ['See what is wrong', 'agent sync doctor'],
      ['Repair what can be repaired', 'agent sync doctor --fix'],
    ],
  });

  fix = Option.Boolean('--fix', false, { description: 'Repair what can be repaired without losing anything' });

  protected override async answer(): Promise<Answer> {
    const { doctorRepository } = await import('../../open.js');
    const { cwd, env, signal, telemetry } = this.context;
    const result = await doctorRepository(cwd, { env, telemetry, fix: this.fix, signal });
    return { text: format(result, this.fix), document: result, code: result.findings.some(isOpen) ? 1 : 0 };
  }
}

type Found = DoctorResult['findings'][number];

function isOpen({ fixed }: Found): boolean {
  return !fixed;
}

function format({ findings, failures }: DoctorResult, fix: boolean): string {
  if (findings.length === 0) return 'All is well.';
  const open = findings.filter(isOpen);
  const repairable = fix ? 0 : open.filter(({ repair }) => repair !== null).length;
  return [
    ...findings.map(formatFinding),
    ...failures.map(({ repair, message }) => `Could not ${repair.replace('-', ' ')}: ${plain(message)}`),
    `Found ${count(findings.length, 'problem')}${fix ? `, repaired ${findings.length - open.length}` : ''}.`,
    ...(repairable > 0 ? [`'agent sync doctor --fix' sets about ${repairable} of them.`] : []),
  ].join('\n');
}

function formatFinding({ check, subject, message, hint, fixed }: Found): string {
  const lines = [`${check} ${plain(subject)}: ${plain(message)}`];
  if (fixed) lines.push('  repaired');
  else if (hint) lines.push(`  ${plain(hint)}`);
  return lines.join('\n');
}
