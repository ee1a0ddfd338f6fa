import type { Clock, Timer } from './clock.js';

/** Between two rounds of work, in milliseconds: at first, and at most while there is no end of what asks for it. */
const firstGap = 300;
const longestGap = 2000;

/**
 * Events as work: the first one is worked on at once, those that follow are joined into one more round after a
 * gap. In a storm the gap grows to two seconds. Nothing is lost: a round begins after the last event.
 */
export class Joined {
  readonly #work: () => Promise<void>;
  readonly #context: { readonly clock: Clock };
  #timer: Timer | undefined;
  #running = false;
  #asked = false;
  #stopped = false;
  #gap = firstGap;

  /** @param work does not reject */
  constructor(work: () => Promise<void>, context: { readonly clock: Clock }) {
    this.#work = work;
    this.#context = context;
  }

  /** Something has happened. */
  tell(): void {
    if (this.#running || this.#timer !== undefined) this.#asked = true;
    else void this.#round();
  }

  /** Forgets what was told: everything is read anew later. */
  stop(): void {
    this.#context.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked = false;
    this.#stopped = true;
    this.#gap = firstGap;
  }

  async #round(): Promise<void> {
    this.#running = true;
    this.#asked = false;
    this.#stopped = false;
    try {
      await this.#work();
    } finally {
      this.#running = false;
      if (this.#asked || !this.#stopped)
        this.#timer = this.#context.clock.setTimeout(() => this.#afterGap(), this.#gap);
    }
  }

  #afterGap(): void {
    this.#timer = undefined;
    this.#gap = this.#asked ? Math.min(this.#gap * 2, longestGap) : firstGap;
    if (this.#asked) void this.#round();
  }
}
