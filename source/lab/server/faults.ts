import type { Clock } from '../world/clock.js';
import type { ProcedureName } from './handler.js';

/** When a fault strikes. */
interface When {
  /** Only calls of this procedure; absent: of any. */
  readonly procedure?: ProcedureName | undefined;
  /** Only calls that name this domain, network, pool or volume, by its handle or in a definition. */
  readonly domain?: string | undefined;
  /** Every Nth of those calls; 1 unless told. */
  readonly every?: number | undefined;
  /** This often at most. */
  readonly times?: number | undefined;
  /** Seconds from now on that nothing happens, and then for how long it does. */
  readonly after?: number | undefined;
  readonly lasting?: number | undefined;
}

/** What becomes of a reply on its way. */
export type Damage = 'drop' | 'truncate' | 'oversize' | 'garbage';

/**
 * What goes wrong. A packet of a stream counts as one more call of the procedure that opened it, so that a
 * fault of every third one strikes in the middle of an upload, a download or a console:
 * - `drop`: the connection ends in the middle of the reply
 * - `silent`: everything is accepted and nothing answered, pings included
 * - `slow`: the host works on the call for `milliseconds`, in one of the client's five places
 * - `error`: the call is refused with this virError
 * - `truncate`: the reply's payload ends half way, in a frame of that length
 * - `oversize`: a frame says that it is longer than any may be
 * - `garbage`: bytes that are no frame
 */
export type Fault = When &
  (
    | { readonly fault: Damage }
    | { readonly fault: 'silent' }
    | { readonly fault: 'slow'; readonly milliseconds: number }
    | {
        readonly fault: 'error';
        readonly code: number;
        /** virErrorDomain; QEMU's unless told. */
        readonly from?: number | undefined;
        readonly message?: string | undefined;
      }
  );

export type FaultName = Fault['fault'];

/** How far away the host is. */
export interface Link {
  /** Milliseconds added to every reply and event: one round trip takes so much longer. */
  readonly latency: number;
  /** Milliseconds, drawn anew for each message, on top of that; the order is kept. */
  readonly jitter: number;
}

interface Armed {
  readonly rule: Fault;
  readonly since: number;
  seen: number;
  struck: number;
}

/** What goes wrong in the lab at the moment; may be changed at any time. */
export class Faults {
  link: Link = { latency: 0, jitter: 0 };
  readonly #clock: Clock;
  #armed: Armed[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Replaces every fault by these. */
  set(rules: readonly Fault[]): void {
    this.#armed = rules.map((rule) => this.#arm(rule));
  }

  /** Adds a fault; the returned function mends it. */
  add(rule: Fault): () => void {
    const armed = this.#arm(rule);
    this.#armed.push(armed);
    return () => {
      this.#armed = this.#armed.filter((other) => other !== armed);
    };
  }

  clear(): void {
    this.#armed = [];
  }

  /** How often faults of this name have struck, of those that are still set. */
  struck(name: FaultName): number {
    return this.#armed.reduce((sum, { rule, struck }) => sum + (rule.fault === name ? struck : 0), 0);
  }

  /** True when a `silent` fault is on; asked for pings, which are no calls. */
  get isSilent(): boolean {
    return this.#armed.some((armed) => armed.rule.fault === 'silent' && this.#isOn(armed));
  }

  /**
   * The fault of one of these names that strikes this call, if there is one. Counts the call.
   *
   * @param objects names of what the call is about
   */
  strike<N extends FaultName>(
    names: readonly N[],
    procedure: string,
    objects: readonly string[],
  ): Extract<Fault, { fault: N }> | undefined {
    for (const armed of this.#armed) {
      const { rule } = armed;
      if (!(names as readonly string[]).includes(rule.fault) || !this.#isOn(armed)) continue;
      if (rule.procedure !== undefined && rule.procedure !== procedure) continue;
      if (rule.domain !== undefined && !objects.includes(rule.domain)) continue;
      armed.seen += 1;
      if (armed.seen % (rule.every ?? 1) !== 0) continue;
      armed.struck += 1;
      return rule as Extract<Fault, { fault: N }>;
    }
    return undefined;
  }

  #arm(rule: Fault): Armed {
    return { rule, since: this.#clock.now(), seen: 0, struck: 0 };
  }

  #isOn({ rule, since, struck }: Armed): boolean {
    const seconds = (this.#clock.now() - since) / 1000;
    const { after = 0, lasting = Number.POSITIVE_INFINITY, times = Number.POSITIVE_INFINITY } = rule;
    return seconds >= after && seconds < after + lasting && struck < times;
  }
}
