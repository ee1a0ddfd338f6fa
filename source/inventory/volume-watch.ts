import { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { VolumeRef } from '../libvirt/storage.js';
import { coalesced } from './coalesced.js';
import { Joined } from './joined.js';
import { type Listing, type Pool, unread, type Volume } from './object-types.js';
import type { ObjectContext } from './object-watch.js';

/** Descriptions asked for at once; the connection itself keeps at most three background calls in flight. */
const asked = 16;

/** The volumes of one pool: names by one call, what else there is to know for those on the screen. */
export class VolumeWatch {
  readonly #context: ObjectContext;
  readonly #pool: () => Pool | undefined;
  readonly #publish: (volumes: Listing<Volume>) => void;
  readonly #read = coalesced(() => this.#round());
  readonly #fill = coalesced(() => this.#fillRound());
  readonly #events: Joined;
  #known = new Map<string, Volume>();
  /** Volumes whose description is missing or may be old. */
  #stale = new Set<string>();
  #wanted: readonly string[] = [];
  /** How many wait for all there is to know of every volume. */
  #readingAll = 0;
  #count = 0;
  /** Grows when everything known may be old. */
  #version = 0;
  listing: Listing<Volume> = unread;

  constructor(
    context: ObjectContext,
    pool: () => Pool | undefined,
    publish: (volumes: Listing<Volume>) => void,
  ) {
    this.#context = context;
    this.#pool = pool;
    this.#publish = publish;
    this.#events = new Joined(() => this.refresh(), context);
  }

  watch(): () => void {
    this.#count += 1;
    if (this.#count === 1) void this.refresh();
    let looking = true;
    return () => {
      if (looking) this.#count -= 1;
      looking = false;
    };
  }

  /** Reads the names anew, and forgets what was known of each. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#count > 0) await this.#read();
  }

  /** An event says that the volumes may be others; many at once cost a few rounds of calls. */
  onChange(): void {
    if (this.#count > 0) this.#events.tell();
  }

  /** Nothing more can be asked. */
  pause(): void {
    this.#events.stop();
  }

  want(names: readonly string[]): void {
    this.#wanted = names;
    if (names.some((name) => this.#isUnread(name))) void this.#fill();
  }

  async readAll(): Promise<readonly Volume[]> {
    // What is on the screen meanwhile goes first and does not end it.
    this.#readingAll += 1;
    try {
      await this.#fill();
    } finally {
      this.#readingAll -= 1;
    }
    return this.listing.items;
  }

  async #round(): Promise<void> {
    const { hypervisor } = this.#context;
    const pool = this.#pool();
    if (hypervisor === undefined || pool === undefined) return;
    try {
      const refs = pool.active ? await hypervisor.volumes.list(pool) : [];
      const old = this.#known;
      this.#version += 1;
      // Old values stay on the screen until the new ones are here.
      this.#known = new Map(refs.map((ref) => [ref.name, { ...blank(ref), ...old.get(ref.name), ...ref }]));
      this.#stale = new Set(this.#known.keys());
      this.#show({ state: 'ready', items: this.#items(), error: undefined });
      void this.#fill();
    } catch (reason) {
      if (!(reason instanceof LibvirtError)) throw reason;
      if (reason.kind !== 'closed') this.#show({ ...this.listing, state: 'failed', error: reason });
    }
  }

  #isUnread(name: string): boolean {
    return this.#known.has(name) && this.#stale.has(name);
  }

  async #fillRound(): Promise<void> {
    const { hypervisor } = this.#context;
    if (hypervisor === undefined) return;
    for (;;) {
      const version = this.#version;
      const shown = this.#wanted.filter((name) => this.#isUnread(name)).slice(0, asked);
      const names = shown.length === 0 && this.#readingAll > 0 ? firstOf(this.#stale, asked) : shown;
      if (names.length === 0) return;
      const found = await Promise.all(names.map((name) => this.#describe(hypervisor, name)));
      if (this.#context.hypervisor !== hypervisor) return;
      // Read anew meanwhile: these answers may be older.
      if (version !== this.#version) continue;
      for (const volume of found) {
        if (volume === undefined) continue;
        this.#known.set(volume.name, volume);
        this.#stale.delete(volume.name);
      }
      this.#show({ ...this.listing, items: this.#items() });
    }
  }

  async #describe(hypervisor: Hypervisor, name: string): Promise<Volume | undefined> {
    const volume = this.#known.get(name);
    if (volume === undefined) return undefined;
    try {
      const xml = await hypervisor.volumes.xml(volume, { priority: 'background' });
      return { ...volume, xml, error: undefined };
    } catch (error) {
      return { ...volume, error: error as LibvirtError };
    }
  }

  #items(): readonly Volume[] {
    return [...this.#known.values()];
  }

  #show(listing: Listing<Volume>): void {
    this.listing = listing;
    this.#publish(listing);
    this.#context.changed();
  }
}

function blank(ref: VolumeRef): Volume {
  return { ...ref, xml: undefined, error: undefined };
}

function firstOf(names: ReadonlySet<string>, count: number): string[] {
  const first: string[] = [];
  for (const name of names) {
    if (first.length === count) break;
    first.push(name);
  }
  return first;
}
