/** Where the lab's time comes from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once, `milliseconds` from now; the returned function calls it off. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The computer's time. Its timers do not keep a program from ending. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/** `clock`, `factor` times as fast from now on. */
export function fasterClock(clock: Clock, factor: number): Clock {
  if (factor === 1) return clock;
  const start = clock.now();
  return {
    now: () => start + (clock.now() - start) * factor,
    after: (milliseconds, run) => clock.after(milliseconds / factor, run),
  };
}

/** A clock that stands still until it is told to go on: for tests. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<{ readonly due: number; readonly order: number; readonly run: () => void }>();

  constructor(start = Date.UTC(2025, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, milliseconds), order: this.#order++, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass, and what falls due in it happen, in order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = timer.due;
      timer.run();
    }
    this.#now = end;
  }

  #next(end: number) {
    return [...this.#timers]
      .filter(({ due }) => due <= end)
      .sort((a, b) => a.due - b.due || a.order - b.order)[0];
  }
}
