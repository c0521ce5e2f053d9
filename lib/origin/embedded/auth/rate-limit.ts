/** More than any origin on one machine has users; what an attacker makes up beyond that empties the table. */
const MOST_KEYS = 10_000;

/** Lets each key have a number of goes at once, and as many again over a period. */
export class RateLimit {
  readonly #taken = new Map<string, { goes: number; at: number }>();
  readonly #burst: number;
  readonly #msPerGo: number;

  constructor(burst: number, periodSeconds: number) {
    this.#burst = burst;
    this.#msPerGo = (1000 * periodSeconds) / burst;
  }

  /**
   * Takes a go, if there is one.
   *
   * @returns seconds to wait for the next; 0 when it was given
   */
  take(key: string): number {
    const now = performance.now();
    const known = this.#taken.get(key);
    const goes = known ? Math.max(0, known.goes - (now - known.at) / this.#msPerGo) : 0;
    if (goes > this.#burst - 1) return Math.ceil(((goes - this.#burst + 1) * this.#msPerGo) / 1000);
    if (!known && this.#taken.size >= MOST_KEYS) this.#taken.clear();
    this.#taken.set(key, { goes: goes + 1, at: now });
    return 0;
  }
}
