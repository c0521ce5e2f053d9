import type { DetectorName, PrivacySettings } from '../core/privacy-settings.js';

/** A value that a detector found; it is named by its place only, and never repeated. */
export interface Match {
  readonly start: number;
  /** After its last character. */
  readonly end: number;
  /** What it is and how that is known, for a person: such as `e-mail address`. */
  readonly reason: string;
}

/** A telephone number in a text. */
export interface PhoneMatch {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly number: { readonly number: string };
}

/** Libraries that are large, loaded with the first text that may need them. */
export interface Libraries {
  /** `findPhoneNumbersInText` of libphonenumber-js. */
  phones(): (text: string, country: string | undefined) => readonly PhoneMatch[];
}

/** Looks for one kind of value. */
export interface Detector {
  readonly name: DetectorName;
  /**
   * What stands in place of a value. None of its characters means anything in Markdown, YAML, JSON, a URL or a shell, and no
   * detector takes it for a value.
   */
  readonly replacement: string;
  /**
   * Finds the values in a text, in time that grows with its length alone.
   *
   * @returns in order
   */
  find(text: string, settings: PrivacySettings, libraries: Libraries): readonly Match[];
}
