import type { Clock } from '../../source/inventory/clock.js';

interface FakeTimer {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test lets time pass. */
export class FakeClock implements Clock {
  #now = Date.UTC(2025, 0, 1);
  #order = 0;
  readonly #timers = new Map<number, FakeTimer>();

  now(): number {
    return this.#now;
  }

  setTimeout(run: () => void, milliseconds: number): number {
    this.#order += 1;
    this.#timers.set(this.#order, { due: this.#now + Math.max(0, milliseconds), order: this.#order, run });
    return this.#order;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass; what falls due happens in order, and so does all that follows at once from it. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settled();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer.order);
      this.#now = Math.max(this.#now, timer.due);
      timer.run();
      await settled();
    }
    this.#now = end;
  }

  /** As after a correction of the system time: timers go on as before. */
  step(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [order, timer] of this.#timers) {
      this.#timers.set(order, { ...timer, due: timer.due + milliseconds });
    }
  }

  #next(end: number): FakeTimer | undefined {
    return [...this.#timers.values()]
      .filter(({ due }) => due <= end)
      .sort((a, b) => a.due - b.due || a.order - b.order)[0];
  }
}

/** Resolves when all promises that can go on have done so. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
