import { isActive } from '../libvirt/domain-state.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { DomainEvent, LifecycleEvent } from '../libvirt/events.js';
import type { AddressSource, Hypervisor } from '../libvirt/hypervisor.js';
import { type DomainDescription, describeDomain } from '../libvirt/xml/domain-description-xml.js';
import type { Clock, Timer } from './clock.js';
import { type Address, mergeAddresses, readAddresses, sourcesFor } from './domain-addresses.js';
import { reachOf } from './domain-reach.js';
import type { DomainRecord } from './domain-record.js';

/** Addresses of a running domain change without an event (leases), so they are asked for again. */
const addressesStayFor = 30_000;
/** While a guest boots its address is what everybody waits for: so soon, and so many times. */
const retryWithoutAddress = 5000;
const hopefulTries = 24;
/** What could not be read is asked for again. */
const retryAfterFailure = 30_000;
const background = { priority: 'background' } as const;
/** Details of domains that nobody looks at any more, each with its XML, kept for when somebody comes back. */
const keptUnwatched = 200;

export interface WatcherContext {
  readonly clock: Clock;
  /** The open connection, while there is one. */
  readonly hypervisor: Hypervisor | undefined;
  record(uuid: string): DomainRecord | undefined;
  changed(): void;
}

/** A domain's XML, and what it says. */
type Description = DomainDescription & { readonly xml: string };

/** What is known of one domain by calls of its own. It stays when nobody looks, until an event says otherwise. */
interface Watched {
  count: number;
  /** Grows with every event that makes answers under way worthless. */
  version: number;
  description: Description | undefined;
  readonly addresses: Map<AddressSource, readonly Address[]>;
  /** Clock time; undefined when they must be asked for. */
  addressesAt: number | undefined;
  /** How many times in a row nobody knew an address. */
  tries: number;
  loading: boolean;
  timer: Timer | undefined;
}

/** Which events change what the XML says, and which the addresses. */
const changesAddresses: readonly LifecycleEvent[] = ['started', 'stopped', 'crashed'];
const changesXml: readonly LifecycleEvent[] = [...changesAddresses, 'defined'];

/**
 * Keeps the details of those domains up to date that somebody looks at. They cost calls of their own, so
 * nothing is asked for any other domain.
 */
export class Watcher {
  readonly #context: WatcherContext;
  readonly #watched = new Map<string, Watched>();

  constructor(context: WatcherContext) {
    this.#context = context;
  }

  /** Begins to look at a domain; the returned function ends it. */
  watch(uuid: string): () => void {
    const watched = this.#watched.get(uuid) ?? newWatched();
    this.#watched.set(uuid, watched);
    watched.count += 1;
    if (watched.count === 1) this.#update(uuid, watched);
    let looking = true;
    return () => {
      if (!looking) return;
      looking = false;
      watched.count -= 1;
      if (watched.count > 0) return;
      this.#context.clock.clearTimeout(watched.timer);
      this.#forgetOldest(uuid, watched);
    };
  }

  /** Those that somebody looks at now. */
  watched(): string[] {
    return [...this.#watched].flatMap(([uuid, { count }]) => (count > 0 ? [uuid] : []));
  }

  /** The connection is (again) there: what was known may have changed meanwhile. */
  reload(): void {
    for (const [uuid, watched] of this.#watched) {
      if (watched.count === 0 || this.#context.record(uuid) === undefined) this.#watched.delete(uuid);
      this.#expire(watched, true, true);
      this.#update(uuid, watched);
    }
  }

  /** Nothing more can be asked. */
  pause(): void {
    for (const { timer } of this.#watched.values()) this.#context.clock.clearTimeout(timer);
  }

  /** An event, after it was applied. */
  onEvent(event: DomainEvent): void {
    const { uuid } = event.domain;
    const watched = this.#watched.get(uuid);
    if (watched === undefined) return;
    if (this.#context.record(uuid) === undefined) {
      // The domain is gone; who still looks at it may see it come back under the same uuid.
      if (watched.count === 0) this.#watched.delete(uuid);
      this.#expire(watched, true, true);
      return;
    }
    if (event.type === 'lifecycle') {
      this.#expire(watched, changesXml.includes(event.event), changesAddresses.includes(event.event));
    } else if (event.type === 'agent') {
      this.#expire(watched, true, true);
    } else if (event.type === 'metadata') {
      this.#expire(watched, true, false);
    }
    this.#update(uuid, watched);
  }

  /** The newest that was looked at stays; the oldest of too many goes. */
  #forgetOldest(uuid: string, watched: Watched): void {
    // Put last: a map keeps the order in which its keys came.
    this.#watched.delete(uuid);
    this.#watched.set(uuid, watched);
    const unwatched = [...this.#watched].filter(([, { count }]) => count === 0);
    for (const [old] of unwatched.slice(0, -keptUnwatched)) {
      this.#watched.delete(old);
      const record = this.#context.record(old);
      if (record !== undefined) record.details = undefined;
    }
  }

  #expire(watched: Watched, xml: boolean, addresses: boolean): void {
    if (xml || addresses) watched.version += 1;
    if (xml) watched.description = undefined;
    if (addresses) {
      watched.addressesAt = undefined;
      watched.tries = 0;
    }
  }

  /** Reads what is missing or too old, when somebody looks. */
  #update(uuid: string, watched: Watched): void {
    const { clock, hypervisor } = this.#context;
    const record = this.#context.record(uuid);
    clock.clearTimeout(watched.timer);
    if (watched.count === 0 || watched.loading || hypervisor === undefined || record === undefined) return;
    if (watched.description !== undefined && !this.#needsAddresses(watched, record)) {
      this.#wait(uuid, watched, record);
      return;
    }
    watched.loading = true;
    const { version } = watched;
    void this.#load(hypervisor, record, watched).then((complete) => {
      watched.loading = false;
      if (watched.version !== version) this.#update(uuid, watched);
      else if (complete) this.#wait(uuid, watched, record);
      else this.#waitFor(uuid, watched, retryAfterFailure);
    });
  }

  /** True when everything that was asked for is here. */
  async #load(hypervisor: Hypervisor, record: DomainRecord, watched: Watched): Promise<boolean> {
    const { version } = watched;
    try {
      const description = watched.description ?? describe(await hypervisor.domainXml(record));
      // A domain that was started meanwhile has another XML by now: this one is shown until that is here.
      this.#publish(record, watched, description);
      if (watched.version !== version) return true;
      watched.description = description;
      if (!isActive(record)) watched.addresses.clear();
      else if (this.#needsAddresses(watched, record)) {
        await this.#loadAddresses(hypervisor, record, watched, description);
        watched.tries += 1;
      }
      if (watched.version === version) watched.addressesAt = this.#context.clock.now();
      this.#publish(record, watched, description);
      return true;
    } catch (error) {
      // Details are an extra: what cannot be read is said where it would stand.
      if ((error as LibvirtError).kind !== 'closed') this.#fail(record, (error as Error).message);
      return false;
    }
  }

  #fail(record: DomainRecord, reason: string | undefined): void {
    if (record.detailsError === reason) return;
    record.detailsError = reason;
    record.revision += 1;
    this.#context.changed();
  }

  /** Each answer is shown when it is here: the lease long before a slow guest agent's. */
  async #loadAddresses(
    hypervisor: Hypervisor,
    record: DomainRecord,
    watched: Watched,
    description: Description,
  ): Promise<void> {
    const sources = sourcesFor(description);
    for (const known of [...watched.addresses.keys()])
      if (!sources.includes(known)) watched.addresses.delete(known);
    await Promise.all(
      sources.map(async (source) => {
        watched.addresses.set(
          source,
          await readAddresses(hypervisor, record, source, description, background),
        );
        this.#publish(record, watched, description);
      }),
    );
  }

  #publish(record: DomainRecord, watched: Watched, { agent: _, ...description }: Description): void {
    this.#fail(record, undefined);
    const addresses = isActive(record) ? mergeAddresses(watched.addresses, description) : [];
    const details = { ...description, addresses };
    if (JSON.stringify(details) === JSON.stringify(record.details)) return;
    record.details = details;
    record.revision += 1;
    this.#context.changed();
  }

  #needsAddresses(watched: Watched, record: DomainRecord): boolean {
    if (!isActive(record)) return false;
    return (
      watched.addressesAt === undefined ||
      this.#context.clock.now() >= watched.addressesAt + stayFor(record, watched)
    );
  }

  #wait(uuid: string, watched: Watched, record: DomainRecord): void {
    if (!isActive(record)) return;
    const due = (watched.addressesAt ?? 0) + stayFor(record, watched);
    this.#waitFor(uuid, watched, Math.max(0, due - this.#context.clock.now()));
  }

  #waitFor(uuid: string, watched: Watched, milliseconds: number): void {
    const { clock, hypervisor } = this.#context;
    clock.clearTimeout(watched.timer);
    if (watched.count === 0 || hypervisor === undefined) return;
    watched.timer = clock.setTimeout(() => this.#update(uuid, watched), milliseconds);
  }
}

function describe(xml: string): Description {
  return { ...describeDomain(xml), xml };
}

function newWatched(): Watched {
  return {
    count: 0,
    version: 0,
    description: undefined,
    addresses: new Map(),
    addressesAt: undefined,
    tries: 0,
    loading: false,
    timer: undefined,
  };
}

/** A guest that had two minutes for its address and has none is one without, as far as can be known. */
function stayFor({ details }: DomainRecord, { tries }: Watched): number {
  const has = details !== undefined && reachOf(details) !== undefined;
  return has || tries >= hopefulTries ? addressesStayFor : retryWithoutAddress;
}
