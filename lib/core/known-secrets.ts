/** Shorter values stand in ordinary text by chance; no key, token or password that an origin takes is as short. */
const SHORTEST = 8;

const SHOWN_INSTEAD = '(secret)';

/**
 * The keys, tokens and passwords that this process came to know: what must not be printed, logged, recorded, stored in clear or
 * pushed. Ask for the values only to look for them elsewhere.
 */
export class KnownSecrets {
  readonly #values = new Set<string>();

  /** Takes note of a secret; undefined and what is shorter than eight characters is left out. */
  add(...values: readonly (string | undefined)[]): void {
    for (const value of values) if (value !== undefined && value.length >= SHORTEST) this.#values.add(value);
  }

  /** All of them, the longest first, so that one that is a part of another does not hide it. Never to be printed. */
  values(): readonly string[] {
    return [...this.#values].sort((a, b) => b.length - a.length);
  }

  /** A text with `(secret)` in place of each of them, as it is or as it stands in a URL or in JSON. */
  redact(text: string): string {
    let clean = text;
    for (const value of this.values()) {
      for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) {
        clean = clean.replaceAll(form, SHOWN_INSTEAD);
      }
    }
    return clean;
  }
}
