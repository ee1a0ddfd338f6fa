import type { CallOptions } from '../libvirt/hypervisor.js';
import type { Clock, Timer } from './clock.js';

/** How often the flags that no event reports (autostart, managed save) are read again, in milliseconds. */
const every = 30_000;
/** Events come in bursts (a host that shuts down, `virsh define` in a loop): one list after them. */
const afterEvents = 1000;
/** A list of 10,000 domains takes its time: the pause after it is this many times as long. */
const restFactor = 50;

/** When the list is read: slowly all the time, soon after events, at once where somebody waits for it. */
export class Reconciler {
  readonly #clock: Clock;
  readonly #read: (options: CallOptions) => Promise<void>;
  #timer: Timer | undefined;
  #plannedAt = Number.POSITIVE_INFINITY;
  #restUntil = 0;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #over = false;

  /** @param read reads the list and takes it over */
  constructor(clock: Clock, read: (options: CallOptions) => Promise<void>) {
    this.#clock = clock;
    this.#read = read;
  }

  /**
   * Reads the list by a call that begins no earlier than now. Never two at once: who comes while one is
   * under way waits for the next, together with everybody else who does.
   */
  now(priority: CallOptions['priority'] = 'interactive'): Promise<void> {
    if (this.#running === undefined) return this.#start(priority);
    this.#queued ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#queued = undefined;
        return this.now(priority);
      });
    return this.#queued;
  }

  /** Events have come: the list is worth reading once they are over. */
  soon(): void {
    this.#plan(Math.max(afterEvents, this.#restUntil - this.#clock.now()));
  }

  stop(): void {
    this.#over = true;
    this.#clock.clearTimeout(this.#timer);
  }

  #start(priority: CallOptions['priority']): Promise<void> {
    const began = this.#clock.now();
    this.#running = this.#read({ priority }).finally(() => {
      this.#running = undefined;
      const now = this.#clock.now();
      this.#restUntil = now + Math.min(every, (now - began) * restFactor);
      this.#plan(every);
    });
    return this.#running;
  }

  /** The earlier plan stands, or a stream of events would put it off for ever. */
  #plan(delay: number): void {
    const at = this.#clock.now() + delay;
    if (this.#over || at >= this.#plannedAt) return;
    this.#clock.clearTimeout(this.#timer);
    this.#plannedAt = at;
    this.#timer = this.#clock.setTimeout(() => {
      this.#plannedAt = Number.POSITIVE_INFINITY;
      // A list that fails leaves the old one; the connection's end is noticed elsewhere.
      void this.now('background').catch(() => {});
    }, delay);
  }
}
