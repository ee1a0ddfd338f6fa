import { DomainState } from '../libvirt/domain-state.js';
import type { HypervisorEvent } from '../libvirt/events.js';
import type { Clock } from './clock.js';
import { readDetails } from './domain-details.js';
import type { HostConnection } from './host-connection.js';

/** Addresses of a running domain change without an event (leases), so they are asked for again. */
const addressesStayFor = 30_000;
/** While a guest boots its address is what everybody waits for. */
const retryWithoutAddress = 5000;

interface Watched {
  /** How many look at it. */
  count: number;
  timer: unknown;
  loading: boolean;
  again: boolean;
}

/**
 * Keeps the details of those domains up to date that somebody looks at. They cost calls of their own, so
 * nothing is asked for any other domain, and once known they stay until an event says otherwise.
 */
export class Watcher {
  readonly #connection: HostConnection;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();

  constructor(connection: HostConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    connection.onEvent((event) => this.#onEvent(event));
  }

  /** Begins to look at a domain; the returned function ends it. */
  look(uuid: string): () => void {
    const watched = this.#watched.get(uuid) ?? { count: 0, timer: undefined, loading: false, again: false };
    this.#watched.set(uuid, watched);
    watched.count += 1;
    if (watched.count === 1) this.#loadIfOld(uuid, watched);
    let looking = true;
    return () => {
      if (!looking) return;
      looking = false;
      watched.count -= 1;
      if (watched.count > 0) return;
      this.#clock.clearTimeout(watched.timer);
      this.#watched.delete(uuid);
    };
  }

  /** The connection is (again) there: what is looked at is read anew. */
  reload(): void {
    for (const [uuid, watched] of this.#watched) void this.#load(uuid, watched);
  }

  #loadIfOld(uuid: string, watched: Watched): void {
    const record = this.#connection.domains.get(uuid);
    if (record?.details === undefined) return void this.#load(uuid, watched);
    if (record.state !== DomainState.running) return;
    const age = this.#clock.now() - record.detailsAt;
    watched.timer = this.#clock.setTimeout(
      () => void this.#load(uuid, watched),
      Math.max(0, addressesStayFor - age),
    );
  }

  #onEvent(event: HypervisorEvent): void {
    const watched = this.#watched.get(event.domain.uuid);
    if (watched) void this.#load(event.domain.uuid, watched);
    else {
      const record = this.#connection.domains.get(event.domain.uuid);
      if (record && event.type !== 'balloon') record.details = undefined;
    }
  }

  async #load(uuid: string, watched: Watched): Promise<void> {
    if (watched.loading) {
      watched.again = true;
      return;
    }
    const { hypervisor } = this.#connection;
    const record = this.#connection.domains.get(uuid);
    if (hypervisor === undefined || record === undefined) return;
    watched.loading = true;
    const running = record.state === DomainState.running;
    try {
      record.details = await readDetails(hypervisor, record, running);
      record.detailsAt = this.#clock.now();
      record.revision += 1;
      this.#connection.touch();
    } catch {
      // Details are an extra: what cannot be read is not shown, and asked for again with the next event.
    } finally {
      watched.loading = false;
    }
    if (watched.count === 0) return;
    if (watched.again) {
      watched.again = false;
      void this.#load(uuid, watched);
      return;
    }
    this.#clock.clearTimeout(watched.timer);
    if (!running) return;
    const wait = record.details?.addresses.length ? addressesStayFor : retryWithoutAddress;
    watched.timer = this.#clock.setTimeout(() => void this.#load(uuid, watched), wait);
  }
}
