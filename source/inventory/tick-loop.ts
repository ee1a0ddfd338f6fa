import type { Clock, Timer } from './clock.js';

/** More missed ticks than this look the same in a chart. */
const mostMissed = 60;

export interface TickLoopOptions {
  readonly clock: Clock;
  /** Milliseconds between two ticks, asked before each. */
  interval(): number;
  /** One look at the host; false when it brought no values. */
  tick(missed: number): Promise<boolean>;
}

/**
 * Ticks on a fixed grid of time: neither a slow answer nor a late timer shifts the next one, and two never
 * run at once. Grid points that went by meanwhile, or brought nothing, are counted as missed.
 */
export class TickLoop {
  readonly #options: TickLoopOptions;
  /** Grid point of the last tick. */
  #last = 0;
  #missed: number;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #over = false;

  /** @param missed ticks missed before the first one */
  constructor(options: TickLoopOptions, missed = 0) {
    this.#options = options;
    this.#missed = missed;
  }

  /** Ticks now and from now on; resolves with the end of this tick. One under way counts as this one. */
  now(): Promise<void> {
    if (this.#over) return Promise.resolve();
    if (this.#running === undefined) this.#last = this.#options.clock.now();
    return this.#run();
  }

  /** The interval is another one: the next tick comes when the new one asks for it. */
  reschedule(): void {
    if (this.#over || this.#running !== undefined) return;
    this.#last = Math.max(this.#last, this.#options.clock.now() - this.#options.interval());
    this.#wait();
  }

  stop(): void {
    this.#over = true;
    this.#options.clock.clearTimeout(this.#timer);
  }

  #run(): Promise<void> {
    this.#options.clock.clearTimeout(this.#timer);
    this.#running ??= this.#tick().finally(() => {
      this.#running = undefined;
      // Grid points that went by while the answer was awaited.
      const elapsed = this.#options.clock.now() - this.#last;
      this.#skip(Math.ceil(elapsed / this.#options.interval()) - 1);
      this.#wait();
    });
    return this.#running;
  }

  async #tick(): Promise<void> {
    const hadValues = await this.#options.tick(this.#missed).catch(() => false);
    this.#missed = hadValues ? 0 : Math.min(mostMissed, this.#missed + 1);
  }

  #wait(): void {
    if (this.#over) return;
    const { clock } = this.#options;
    const interval = this.#options.interval();
    clock.clearTimeout(this.#timer);
    // A system time set back must not stop the ticks until it has caught up.
    this.#last = Math.min(this.#last, clock.now());
    this.#timer = clock.setTimeout(
      () => {
        // A timer can be late by hours: the computer slept.
        this.#skip(Math.floor((clock.now() - this.#last) / interval) - 1);
        this.#last += interval;
        void this.#run();
      },
      Math.max(0, this.#last + interval - clock.now()),
    );
  }

  #skip(gridPoints: number): void {
    if (gridPoints <= 0) return;
    this.#last += gridPoints * this.#options.interval();
    this.#missed = Math.min(mostMissed, this.#missed + gridPoints);
  }
}

/** Ticks that went by without a value between two moments. */
export function missedBetween(last: number, now: number, interval: number): number {
  return Math.min(mostMissed, Math.max(0, Math.round((now - last) / interval) - 1));
}
