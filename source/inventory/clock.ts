export type Timer = NodeJS.Timeout | number;

/** Where the inventory's time comes from; tests bring one that stands still until told to go on. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(run: () => void, milliseconds: number): Timer;
  clearTimeout(timer: Timer | undefined): void;
}

/**
 * The computer's time. The wall clock and not the monotonic one: Linux stops the latter while a laptop
 * sleeps, and the first rates after that would be taken over two seconds instead of a night.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
};
