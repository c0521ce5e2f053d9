import { SyncError } from '../../core/errors.js';
import { decodeUtf8, encodeUtf8 } from '../../core/object/text.js';
import {
  type DetectorName,
  PRIVACY_DEFAULTS,
  type PrivacyAction,
  type PrivacySettings,
} from '../../core/privacy-settings.js';
import type { Libraries } from '../../privacy/detector.js';
import { type Finding, scrub } from '../../privacy/scrub.js';
import { scrubBytes } from '../../privacy/scrub-bytes.js';

/** A finding, and the file that it is in. */
export interface PlacedFinding extends Finding {
  /** Below `.agent/cache`. */
  readonly path: string;
}

/**
 * What everything passes that comes from outside and is to be hashed, stored or sent: git's clean filter.
 *
 * @see gitattributes(5), "filter"
 */
export class Gate {
  readonly #settings: () => PrivacySettings;
  readonly #libraries: Libraries;
  readonly #seen = new Map<string, readonly PlacedFinding[]>();

  /** @param settings is asked when there is something to be looked at; throws `CONFIG_INVALID` */
  constructor(settings: () => PrivacySettings, libraries: Libraries) {
    this.#settings = settings;
    this.#libraries = libraries;
  }

  /**
   * What may be stored of a file. Values that are blocked are replaced as well: to look at a file must not fail.
   *
   * @throws {SyncError} `CONFIG_INVALID`
   */
  clean(path: string, bytes: Uint8Array): Uint8Array {
    const scrubbed = this.#scrub(path, bytes);
    this.#seen.set(path, scrubbed.findings);
    return scrubbed.bytes;
  }

  /** What was found in a file when it was last looked at. */
  findingsIn(path: string): readonly PlacedFinding[] {
    return this.#seen.get(path) ?? [];
  }

  /**
   * What may be stored of a text that somebody hands over.
   *
   * @throws {SyncError} `CONTENT_BLOCKED`, `CONFIG_INVALID`
   */
  admit(path: string, bytes: Uint8Array): Uint8Array {
    const cleaned = this.clean(path, bytes);
    this.refuseBlocked([path]);
    return cleaned;
  }

  /**
   * What may be stored of a title or a message, on one line or several, or of a part of a file.
   *
   * @param path the file's; left out for what is in none
   * @throws {SyncError} `CONTENT_BLOCKED`, `CONFIG_INVALID`
   */
  admitText(text: string, path = ''): string {
    const { bytes, findings } = this.#scrub(path, encodeUtf8(text));
    refuse(findings.filter(({ action }) => action === 'block'));
    return findings.length === 0 ? text : decodeUtf8(bytes);
  }

  /** A command line as a log may keep it: nothing keeps a command from being run. */
  redactForLog(text: string): string {
    if (!WORTH_A_LOOK.test(text)) return text;
    let settings = PRIVACY_DEFAULTS;
    try {
      settings = this.#settings();
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
    }
    return scrub(text, '', settings, this.#libraries).text;
  }

  /** All that is to be found in a text, whatever becomes of it. */
  look(path: string, bytes: Uint8Array): readonly PlacedFinding[] {
    return this.#scrub(path, bytes).findings;
  }

  /**
   * Refuses files that hold what is blocked, and names that say what no text may: a name cannot be replaced without moving the file.
   *
   * @throws {SyncError} `CONTENT_BLOCKED`, naming each place and never a value
   */
  refuseBlocked(paths: readonly string[]): void {
    refuse(paths.flatMap((path) => this.findingsIn(path)).filter(({ action }) => action === 'block'));
    const isNamed = (text: string) => this.#scrub('', encodeUtf8(text)).findings.some(isReplaced);
    // There may be thousands: they are looked at together, and one by one only to say which.
    const named = isNamed(paths.join('\n')) ? paths.filter(isNamed) : [];
    if (named.length === 0) return;
    throw new SyncError(
      'CONTENT_BLOCKED',
      `${named.length} of the files to be stored have names that may not be; the first is in '${folderOf(named[0]!)}'`,
      {
        hint: "Give them other names, or allow the value below 'privacy:' in .agent/etc/sync.yaml. Nothing was stored.",
      },
    );
  }

  #scrub(path: string, bytes: Uint8Array) {
    const scrubbed = scrubBytes(bytes, path, this.#settings(), this.#libraries);
    return { bytes: scrubbed.bytes, findings: scrubbed.findings.map((finding) => ({ path, ...finding })) };
  }
}

/** What every value has that is ever found; most command lines are without, and need not be looked at. */
const WORTH_A_LOOK = /[@+:=]|\d(?:.?\d){3}|[\w.-]{20}|[\\/](?:home|Users)[\\/]/;

/** Whether a finding may not be stored as it is. */
export function isReplaced({ action }: Finding): boolean {
  return action !== 'warn';
}

/** What may be told of a path whose last name may not. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

const SHOWN = 20;

/** A finding as a person reads it: where, what, why. */
export function formatFinding({ path, line, column, detector, reason }: PlacedFinding): string {
  return `${path === '' ? 'text' : path}:${line}:${column}: ${reason} (${detector})`;
}

/** @throws {SyncError} `CONTENT_BLOCKED` unless there are none */
function refuse(findings: readonly PlacedFinding[]): void {
  if (findings.length === 0) return;
  throw new SyncError(
    'CONTENT_BLOCKED',
    `what is to be stored holds what sync.yaml blocks:${listFindings(findings.map(formatFinding))}`,
    {
      hint: `Take it out, or allow it: '<!-- agent-sync: allow ${findings[0]!.detector} -->' on the line before, or below 'privacy:' in .agent/etc/sync.yaml. Nothing was stored.`,
    },
  );
}

/** The first of some findings, a line each. */
export function listFindings(lines: readonly string[]): string {
  const shown = lines.slice(0, SHOWN).map((line) => `\n  ${line}`);
  return shown.join('') + (lines.length > SHOWN ? `\n  and ${lines.length - SHOWN} more` : '');
}

/**
 * What became of a finding, for one who has just stored the text.
 *
 * @param isOnDisk whether a file has it that stays as it is
 */
export function describeAction(action: PrivacyAction, detector: DetectorName, isOnDisk: boolean): string {
  if (action === 'warn') return `left as it is (${detector})`;
  const where = isOnDisk ? " in the store; the file on disk still has it, until 'agent sync scrub'" : '';
  return `redacted (${detector})${where}`;
}
