import { isActive } from '../libvirt/domain-state.js';
import { LibvirtError } from '../libvirt/errors.js';
import {
  type DomainEvent,
  type HypervisorEvent,
  isDomainEvent,
  type NetworkEvent,
  type PoolEvent,
} from '../libvirt/events.js';
import type { HostInfo, Hypervisor, StatsGroup } from '../libvirt/hypervisor.js';
import type { Clock, Timer } from './clock.js';
import type { DomainTable } from './domain-table.js';
import type { HostRecord } from './host-record.js';
import { Reconciler } from './reconciler.js';
import { missedBetween, TickLoop } from './tick-loop.js';

/** What a session keeps up to date, and how it tells of it. */
export interface SessionContext {
  readonly clock: Clock;
  readonly table: DomainTable;
  readonly load: HostRecord;
  /** Milliseconds between two looks, asked before each. */
  interval(): number;
  groups(): readonly StatsGroup[];
  /** Domains on the screen: of a driver without statistics these are asked for one by one. */
  watched(): readonly string[];
  /** Something visible has changed. */
  changed(): void;
  onEvent(event: DomainEvent): void;
  /** Something happened to a network or a pool. */
  onObjectEvent(event: NetworkEvent | PoolEvent): void;
  /** Statistics asked for at or after `asked` are here. */
  onStats(asked: number): void;
  /** The statistics do not come, for a reason; or they do again. */
  onTrouble(error: LibvirtError | undefined): void;
}

/** After a timeout the daemon may still be at work on the call: it is not given more of them at once. */
const restAfterTimeout = 10_000;
/**
 * How many vCPUs there are seldom changes, and what comes with that answer for each of them is half of all
 * the statistics: asked for so often, and after every event that may change it.
 */
const vcpusStayFor = 30_000;
const changesVcpus: readonly string[] = ['started', 'stopped', 'defined'];

/**
 * One open connection at work: events are applied as they come, statistics are asked for at each interval,
 * and the list is compared now and then. It ends with the connection or by `end`.
 */
export class Session {
  readonly hypervisor: Hypervisor;
  info: HostInfo | undefined;
  /** The statistics do not come: the values are the last known ones. */
  stale = false;
  readonly #context: SessionContext;
  readonly #stopListening: () => void;
  readonly #loop: TickLoop;
  readonly #reconciler: Reconciler;
  #listed: Promise<void> | undefined;
  #described: Promise<void> | undefined;
  /** Says that the values have become old. */
  #late: Timer | undefined;
  #restUntil = 0;
  /** When the vCPUs must be asked for again. */
  #vcpusDue = Number.NEGATIVE_INFINITY;
  #over = false;

  constructor(hypervisor: Hypervisor, context: SessionContext) {
    this.hypervisor = hypervisor;
    this.#context = context;
    const { clock, load } = context;
    const interval = () => context.interval();
    const missed = load.updatedAt === 0 ? 0 : missedBetween(load.updatedAt, clock.now(), interval());
    this.#loop = new TickLoop({ clock, interval, tick: (gaps) => this.#tick(gaps) }, missed);
    this.#reconciler = new Reconciler(clock, (options) => this.#readList(options));
    // From here on nothing is missed: what the list does not know yet comes as an event.
    this.#stopListening = hypervisor.onEvent((event) => this.#onEvent(event));
  }

  /** The first full picture; then the session keeps itself going. Rejects when the connection is no good. */
  async begin(): Promise<void> {
    this.#described = this.hypervisor.hostInfo().then((info) => {
      this.info = info;
    }, unlessClosed);
    this.#listed = this.#reconciler.now();
    // The loads come when they come: a list that is to be seen is a list to work on.
    void this.#loop.now();
    await Promise.all([this.#described, this.#listed]);
  }

  /** Looks at everything now. */
  async refresh(): Promise<void> {
    await Promise.all([this.readList(), this.#loop.now()]);
  }

  /** Reads the list anew. Never rejects: a list that fails leaves the old one. */
  readList(): Promise<void> {
    return this.#reconciler.now().catch(() => {});
  }

  /** Takes a changed interval into account. */
  reschedule(): void {
    this.#loop.reschedule();
  }

  end(): void {
    this.#over = true;
    this.#stopListening();
    this.#context.clock.clearTimeout(this.#late);
    this.#loop.stop();
    this.#reconciler.stop();
  }

  #onEvent(event: HypervisorEvent): void {
    if (!isDomainEvent(event)) {
      this.#context.onObjectEvent(event);
      return;
    }
    const { table, clock } = this.#context;
    table.applyEvent(event, clock.now());
    this.#context.onEvent(event);
    if (event.type === 'lifecycle') {
      this.#reconciler.soon();
      if (changesVcpus.includes(event.event)) this.#vcpusDue = Number.NEGATIVE_INFINITY;
    }
    this.#context.changed();
  }

  async #readList(options: { readonly priority?: 'interactive' | 'background' | undefined }): Promise<void> {
    const { table } = this.#context;
    const asOf = table.newestEvent;
    // Not before the host is known: domains of a host that is still being connected could not be acted on.
    const [listing] = await Promise.all([this.hypervisor.listDomains(options), this.#described]);
    if (this.#over) return;
    table.applyList(listing, asOf);
    this.#context.changed();
  }

  async #tick(missed: number): Promise<boolean> {
    const { clock } = this.#context;
    if (clock.now() < this.#restUntil) return false;
    this.#late = clock.setTimeout(() => {
      this.stale = true;
      this.#context.changed();
    }, 2 * this.#context.interval());
    try {
      // Each is taken over when it is here: a host slow to tell its own load delays no domain's.
      const [domains] = await Promise.all([this.#readStats(missed), this.#readLoad(missed)]);
      return domains;
    } finally {
      clock.clearTimeout(this.#late);
    }
  }

  async #readStats(missed: number): Promise<boolean> {
    const { clock, table } = this.#context;
    const asOf = table.newestEvent;
    const asked = clock.now();
    try {
      const closely = new Set(this.#context.watched().filter((uuid) => this.#changes(uuid)));
      const groups = this.#groups(asked);
      const stats = await this.hypervisor.domainStats(groups, { priority: 'background', closely });
      // Statistics of a domain that the first list has yet to name would count it twice.
      await this.#listed;
      if (this.#over) return false;
      table.applyStats(stats, { at: clock.now(), missed, hostCpus: this.info?.cpus, asOf, groups });
      this.#trouble(undefined);
      this.#context.onStats(asked);
      this.#context.changed();
      return true;
    } catch (error) {
      this.#vcpusDue = Number.NEGATIVE_INFINITY;
      if (!this.#over) this.#trouble(error as LibvirtError);
      return false;
    }
  }

  /** What is off stays as it is, once it is known. */
  #changes(uuid: string): boolean {
    const record = this.#context.table.records.get(uuid);
    return record !== undefined && (isActive(record) || record.vcpus === undefined);
  }

  #groups(now: number): readonly StatsGroup[] {
    const groups = this.#context.groups();
    if (now < this.#vcpusDue || groups.includes('vcpu')) return groups;
    this.#vcpusDue = now + vcpusStayFor;
    return [...groups, 'vcpu'];
  }

  async #readLoad(missed: number): Promise<void> {
    const { clock, load } = this.#context;
    try {
      const stats = await this.hypervisor.hostStats({ priority: 'background' });
      if (this.#over) return;
      load.apply(stats, clock.now(), missed);
      this.#context.changed();
    } catch {
      // A host that cannot tell its own load still tells its domains'.
    }
  }

  #trouble(error: LibvirtError | undefined): void {
    const { clock } = this.#context;
    const isTimeout = error instanceof LibvirtError && error.kind === 'timeout';
    this.#restUntil = isTimeout ? clock.now() + restAfterTimeout : 0;
    // A driver without statistics has none that could be old.
    this.stale = error !== undefined && error.kind !== 'unsupported';
    this.#context.onTrouble(error);
    if (error) this.#context.changed();
  }
}

/** A host that does not say what it is (a driver without such a call) still has domains. */
function unlessClosed(error: unknown): void {
  if (error instanceof LibvirtError && error.kind === 'closed') throw error;
}
