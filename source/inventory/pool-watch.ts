import { isUnsupported, type Unsupported } from '../libvirt/errors.js';
import type { PoolEvent } from '../libvirt/events.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolListing } from '../libvirt/storage.js';
import type { Listing, Pool, Volume } from './object-types.js';
import { unread } from './object-types.js';
import { extras, type ObjectContext, ObjectWatch } from './object-watch.js';
import { VolumeWatch } from './volume-watch.js';

/** How full a pool is changes without an event. */
const sizesStayFor = 10_000;

/** The storage pools of one connection, and the volumes of those that somebody looks into. */
export class PoolWatch extends ObjectWatch<Pool> {
  readonly #volumes = new Map<string, VolumeWatch>();

  constructor(context: ObjectContext) {
    super(context, sizesStayFor);
  }

  /** Begins to look into a pool; the returned function ends it. */
  lookInto(uuid: string): () => void {
    return this.#watchOf(uuid).watch();
  }

  /** Volumes that are on the screen now: what there is to know of them is read. */
  want(uuid: string, names: readonly string[]): void {
    this.#volumes.get(uuid)?.want(names);
  }

  /** Reads what there is to know of every volume; resolves when it is here. */
  async readAll(uuid: string): Promise<readonly Volume[]> {
    const watch = this.#watchOf(uuid);
    const stop = watch.watch();
    try {
      await watch.refresh();
      return await watch.readAll();
    } finally {
      stop();
    }
  }

  /** An event of a pool: its list, and its volumes where somebody looks into it. */
  onEvent({ pool, event }: PoolEvent): void {
    this.onChange();
    if (event === 'refreshed') this.#volumes.get(pool.uuid)?.onChange();
  }

  override pause(): void {
    super.pause();
    for (const watch of this.#volumes.values()) watch.pause();
  }

  override async refresh(): Promise<void> {
    await Promise.all([super.refresh(), ...[...this.#volumes.values()].map((watch) => watch.refresh())]);
  }

  protected async read(
    hypervisor: Hypervisor,
    publish: (items: readonly Pool[]) => void,
  ): Promise<Unsupported | undefined> {
    const listed = await hypervisor.pools.list();
    if (isUnsupported(listed)) return listed;
    const turned = listed.filter(({ uuid, active }) => this.find(uuid)?.active !== active);
    publish(listed.map((listing) => this.#known(listing)));
    // Only now it is known whether there are volumes to ask for.
    for (const { uuid } of turned) void this.#volumes.get(uuid)?.refresh();
    publish(await Promise.all(listed.map((listing) => this.#whole(hypervisor, listing))));
    return undefined;
  }

  protected withPending(item: Pool, pending: string | undefined): Pool {
    return { ...item, pending };
  }

  #watchOf(uuid: string): VolumeWatch {
    const known = this.#volumes.get(uuid);
    if (known !== undefined) return known;
    const watch = new VolumeWatch(
      this.context,
      () => this.find(uuid),
      (volumes) => this.replace(uuid, (pool) => ({ ...pool, volumes })),
    );
    this.#volumes.set(uuid, watch);
    return watch;
  }

  #known(listing: PoolListing): Pool {
    const { xml, info } = this.find(listing.uuid) ?? {};
    const volumes: Listing<Volume> = this.#volumes.get(listing.uuid)?.listing ?? unread;
    const pending = this.pendingOf(listing.uuid);
    return { ...listing, connectionId: this.context.id, xml, info, pending, volumes };
  }

  async #whole(hypervisor: Hypervisor, listing: PoolListing): Promise<Pool> {
    const options = { priority: 'background' } as const;
    const found = await extras({
      xml: hypervisor.pools.xml(listing, options),
      info: hypervisor.pools.info(listing, options),
    });
    return { ...this.#known(listing), ...found };
  }
}
