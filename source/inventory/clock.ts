/** Time as the inventory sees it; tests bring one that they move by hand. */
export interface Clock {
  /** Milliseconds, never going backwards. */
  now(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

const origin = Date.now() - performance.now();

/** Wall-clock milliseconds that follow the monotonic clock: a changed system time makes no spike. */
export const systemClock: Clock = {
  now: () => origin + performance.now(),
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
