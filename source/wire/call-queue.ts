export type Priority = 'interactive' | 'background';

/** How many interactive calls may pass while a background call waits. */
const fairness = 8;

/**
 * Decides which waiting call goes next. A daemon works on 5 requests of a client at once and counts pings
 * among them (max_client_requests), so 4 calls are in flight at most; background polling never takes the
 * last place, so that a key press is sent at once; and under a flood of interactive calls a background one
 * still gets every ninth turn.
 */
export class CallQueue<T> {
  readonly #limit: number;
  readonly #waiting: Record<Priority, T[]> = { interactive: [], background: [] };
  readonly #inFlight: Record<Priority, number> = { interactive: 0, background: 0 };
  #passed = 0;

  constructor(limit = 4) {
    this.#limit = limit;
  }

  add(call: T, priority: Priority): void {
    this.#waiting[priority].push(call);
  }

  /** Takes a call out that has not been sent; false when it is not waiting. */
  remove(call: T, priority: Priority): boolean {
    const index = this.#waiting[priority].indexOf(call);
    if (index >= 0) this.#waiting[priority].splice(index, 1);
    return index >= 0;
  }

  /** The next call to send, or undefined while nothing waits or every place is taken. */
  next(): T | undefined {
    const priority = this.#choose();
    if (priority === undefined) return undefined;
    this.#inFlight[priority] += 1;
    this.#passed = priority === 'interactive' && this.#waiting.background.length > 0 ? this.#passed + 1 : 0;
    return this.#waiting[priority].shift();
  }

  /** A call that `next` gave is answered: its place is free. */
  release(priority: Priority): void {
    this.#inFlight[priority] -= 1;
  }

  /** What has not been sent yet. */
  waiting(): readonly T[] {
    return [...this.#waiting.interactive, ...this.#waiting.background];
  }

  /** Everything that waits, taken out. */
  drain(): T[] {
    return [...this.#waiting.interactive.splice(0), ...this.#waiting.background.splice(0)];
  }

  #choose(): Priority | undefined {
    const { interactive, background } = this.#waiting;
    if (this.#inFlight.interactive + this.#inFlight.background >= this.#limit) return undefined;
    const mayPoll = background.length > 0 && this.#inFlight.background < Math.max(1, this.#limit - 1);
    if (interactive.length > 0 && !(mayPoll && this.#passed >= fairness)) return 'interactive';
    return mayPoll ? 'background' : undefined;
  }
}
