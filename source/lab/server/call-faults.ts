import { From, LabError } from '../errors.js';
import type { Clock } from '../world/clock.js';
import type { Damage, Faults } from './faults.js';

const damages = ['drop', 'truncate', 'oversize', 'garbage'] as const;
/** What can become of an answer that is empty. */
const damagesOfNothing = ['drop', 'oversize', 'garbage'] as const;

/** What goes wrong with one call, and with the packets of the stream that it may open. */
export class CallFaults {
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #procedure: string;
  readonly #objects: readonly string[];

  /** @param objects names of what the call is about */
  constructor(faults: Faults, clock: Clock, procedure: string, objects: readonly string[]) {
    this.#faults = faults;
    this.#clock = clock;
    this.#procedure = procedure;
    this.#objects = objects;
  }

  /** The time that the host works on it. */
  delay(): Promise<void> | undefined {
    const slow = this.#faults.strike(['slow'], this.#procedure, this.#objects);
    if (slow === undefined) return undefined;
    return new Promise((resolve) => {
      this.#clock.after(slow.milliseconds, resolve);
    });
  }

  /** Throws the refusal that was asked for. */
  refuse(): void {
    const failure = this.#faults.strike(['error'], this.#procedure, this.#objects);
    if (failure === undefined) return;
    throw new LabError(failure.code, failure.from ?? From.qemu, failure.message ?? 'a fault of the lab');
  }

  /** @param empty the answer has nothing that could be cut off */
  damage(empty = false): Damage | undefined {
    if (this.#faults.isSilent) return undefined;
    const names: readonly Damage[] = empty ? damagesOfNothing : damages;
    return this.#faults.strike(names, this.#procedure, this.#objects)?.fault;
  }
}
