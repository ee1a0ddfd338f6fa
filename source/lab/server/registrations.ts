import type { EventFamily, RaisedEvent } from '../world/events.js';

interface Registration {
  readonly family: EventFamily;
  readonly id: number;
  /** Absent: of every object. */
  readonly key: string | undefined;
}

/** What one client asked to hear of. */
export class Registrations {
  readonly #byCallback = new Map<number, Registration>();
  #last = 0;

  /** Returns the callback's number, which every message repeats. */
  add(family: EventFamily, id: number, key: string | undefined): number {
    this.#last += 1;
    this.#byCallback.set(this.#last, { family, id, key });
    return this.#last;
  }

  /** False when there is none of this number. */
  remove(family: EventFamily, callback: number): boolean {
    if (this.#byCallback.get(callback)?.family !== family) return false;
    return this.#byCallback.delete(callback);
  }

  /** The callbacks that an event is for. */
  *matching({ family, id, key }: RaisedEvent): Generator<number> {
    for (const [callback, wanted] of this.#byCallback) {
      if (wanted.family !== family || wanted.id !== id) continue;
      if (wanted.key === undefined || wanted.key === key) yield callback;
    }
  }
}
