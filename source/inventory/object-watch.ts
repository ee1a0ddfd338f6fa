import { isUnsupported, type LibvirtError, type Unsupported } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { Clock, Timer } from './clock.js';
import { coalesced } from './coalesced.js';
import { Joined } from './joined.js';
import { type Listing, unread } from './object-types.js';

/** What the watches of a connection's networks and pools need of it. */
export interface ObjectContext {
  readonly id: string;
  readonly clock: Clock;
  /** The open connection, while there is one. */
  readonly hypervisor: Hypervisor | undefined;
  changed(): void;
}

/**
 * Keeps one list of a connection's objects up to date while somebody looks at it: read at first, after events,
 * and at intervals for what no event tells (leases, how full a pool is).
 */
export abstract class ObjectWatch<T extends { readonly uuid: string; readonly name: string }> {
  protected readonly context: ObjectContext;
  #listing: Listing<T> = unread;
  readonly #pending = new Map<string, string>();
  readonly #every: number;
  #count = 0;
  #timer: Timer | undefined;
  readonly #read = coalesced(() => this.#round());
  readonly #events: Joined;

  /** @param every milliseconds between two looks */
  constructor(context: ObjectContext, every: number) {
    this.context = context;
    this.#every = every;
    this.#events = new Joined(() => this.#refreshList(), context);
  }

  get listing(): Listing<T> {
    return this.#listing;
  }

  /** Begins to look; the returned function ends it. */
  watch(): () => void {
    this.#count += 1;
    if (this.#count === 1) void this.refresh();
    let looking = true;
    return () => {
      if (!looking) return;
      looking = false;
      this.#count -= 1;
      if (this.#count === 0) this.context.clock.clearTimeout(this.#timer);
    };
  }

  /** Reads everything anew, when somebody looks. Never rejects: what went wrong is in the listing. */
  async refresh(): Promise<void> {
    await this.#refreshList();
  }

  /** An event says that something of the list has changed; many at once cost a few rounds of calls. */
  onChange(): void {
    if (this.#count > 0) this.#events.tell();
  }

  /** Nothing more can be asked. */
  pause(): void {
    this.#events.stop();
    this.context.clock.clearTimeout(this.#timer);
  }

  /** Says what is being done to an object, until the returned function. */
  begin(uuid: string, pending: string): () => void {
    this.#pending.set(uuid, pending);
    this.#remake(uuid);
    return () => {
      this.#pending.delete(uuid);
      this.#remake(uuid);
    };
  }

  protected pendingOf(uuid: string): string | undefined {
    return this.#pending.get(uuid);
  }

  /** Puts a changed object in the place of the one with its UUID. */
  protected replace(uuid: string, change: (old: T) => T): void {
    const { items } = this.#listing;
    if (!items.some((item) => item.uuid === uuid)) return;
    this.#listing = {
      ...this.#listing,
      items: items.map((item) => (item.uuid === uuid ? change(item) : item)),
    };
    this.context.changed();
  }

  protected find(uuid: string): T | undefined {
    return this.#listing.items.find((item) => item.uuid === uuid);
  }

  /** The objects there are now; `publish` shows what is known of them so far. */
  protected abstract read(
    hypervisor: Hypervisor,
    publish: (items: readonly T[]) => void,
  ): Promise<Unsupported | undefined>;

  protected abstract withPending(item: T, pending: string | undefined): T;

  async #refreshList(): Promise<void> {
    if (this.#count > 0) await this.#read();
  }

  #remake(uuid: string): void {
    this.replace(uuid, (item) => this.withPending(item, this.#pending.get(uuid)));
  }

  async #round(): Promise<void> {
    const { hypervisor, clock } = this.context;
    clock.clearTimeout(this.#timer);
    if (hypervisor === undefined) return;
    const publish = (items: readonly T[]): void => {
      if (this.context.hypervisor !== hypervisor) return;
      this.#show({ state: 'ready', items: items.toSorted(byName), error: undefined });
    };
    try {
      const none = await this.read(hypervisor, publish);
      if (none !== undefined) this.#show({ state: 'unsupported', items: [], error: undefined });
    } catch (reason) {
      // Nothing else leaves the libvirt room.
      const error = reason as LibvirtError;
      if (error.kind !== 'closed') this.#show({ ...this.#listing, state: 'failed', error });
    }
    if (this.#count > 0 && this.context.hypervisor === hypervisor)
      this.#timer = clock.setTimeout(() => void this.#read(), this.#every);
  }

  #show(listing: Listing<T>): void {
    this.#listing = listing;
    this.context.changed();
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}

type Calls<T> = { readonly [K in keyof T]: Promise<T[K] | Unsupported> | undefined };

/**
 * What each call gives, and undefined where the driver has none or the call failed: what else is known is shown all the
 * same. `error` is why the first one failed.
 */
export async function extras<T extends object>(
  calls: Calls<T>,
): Promise<{ [K in keyof T]: T[K] | undefined } & { error: LibvirtError | undefined }> {
  let error: LibvirtError | undefined;
  const found = Object.entries<Promise<unknown> | undefined>(calls).map(async ([name, call]) => {
    const value = await call?.catch((reason: LibvirtError) => {
      error ??= reason;
    });
    return [name, isUnsupported(value) ? undefined : value] as const;
  });
  const values = Object.fromEntries(await Promise.all(found));
  return { ...(values as { [K in keyof T]: T[K] | undefined }), error };
}
