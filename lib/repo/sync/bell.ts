/** Wakes who waits; a ring that nobody waits for is not lost, and several are one. */
export class Bell {
  readonly #signal: AbortSignal | undefined;
  #rung = false;
  #wake = () => {};

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#rung = signal?.aborted ?? false;
    signal?.addEventListener('abort', this.ring);
  }

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake();
  };

  /** Waits until it rings, or has rung since the last time, or the signal is aborted; `milliseconds` at most. */
  async wait(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, milliseconds);
      });
    }
    clearTimeout(timer);
    this.#rung = false;
    this.#wake = () => {};
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.ring);
  }
}
