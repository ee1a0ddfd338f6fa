import { LibvirtError } from '../libvirt/errors.js';
import type { HypervisorEvent } from '../libvirt/events.js';
import type { HostInfo, Hypervisor, StatsGroup } from '../libvirt/hypervisor.js';
import type { Clock } from './clock.js';
import type { DomainTable } from './domain-table.js';
import type { HostRecord } from './host-record.js';

/** What a session keeps up to date, and how it tells of it. */
export interface SessionContext {
  readonly clock: Clock;
  readonly table: DomainTable;
  readonly load: HostRecord;
  /** Milliseconds between two looks, asked before each. */
  interval(): number;
  groups(): readonly StatsGroup[];
  /** Something visible has changed. */
  changed(): void;
  onEvent(event: HypervisorEvent): void;
}

/** How often the flags that no event reports (autostart, managed save) are read again, in milliseconds. */
const reconcileEvery = 30_000;
/** Events come in bursts (a host that shuts down, `virsh define` in a loop): one list after the last. */
const reconcileAfterEvents = 1000;
/** A gap in a chart says enough after this many ticks. */
const mostMissed = 60;

/**
 * One open connection at work: events are applied as they come, statistics are asked for at each interval,
 * and the list is compared now and then. It ends with the connection or by `end`.
 */
export class Session {
  readonly hypervisor: Hypervisor;
  info: HostInfo | undefined;
  readonly #context: SessionContext;
  readonly #stopListening: () => void;
  #tickTimer: unknown;
  #reconcileTimer: unknown;
  #reconcileAt = Number.POSITIVE_INFINITY;
  #lastTick: number | undefined;
  #ticking: Promise<void> | undefined;
  #over = false;

  constructor(hypervisor: Hypervisor, context: SessionContext) {
    this.hypervisor = hypervisor;
    this.#context = context;
    this.#stopListening = hypervisor.onEvent((event) => this.#onEvent(event));
  }

  /** The first full picture; then the session keeps itself going. Rejects when the connection is no good. */
  async begin(): Promise<void> {
    const [info] = await Promise.all([this.hypervisor.hostInfo(), this.#reconcile()]);
    this.info = info;
    this.#context.load.restart();
    await this.#tick();
    this.#scheduleTick();
    this.#scheduleReconcile(reconcileEvery);
  }

  /** Looks at everything now. */
  async refresh(): Promise<void> {
    await Promise.all([this.#reconcile(), this.#tickNow()]).catch(() => {});
    this.#scheduleTick();
    this.#context.changed();
  }

  /** Takes a changed interval into account. */
  reschedule(): void {
    this.#scheduleTick();
  }

  end(): void {
    this.#over = true;
    this.#stopListening();
    this.#context.clock.clearTimeout(this.#tickTimer);
    this.#context.clock.clearTimeout(this.#reconcileTimer);
  }

  #onEvent(event: HypervisorEvent): void {
    const { table, clock } = this.#context;
    table.applyEvent(event, clock.now());
    this.#context.onEvent(event);
    this.#scheduleReconcile(reconcileAfterEvents);
    this.#context.changed();
  }

  async #reconcile(): Promise<void> {
    const { table } = this.#context;
    const asOf = table.newestEvent;
    table.applyList(await this.hypervisor.listDomains({ priority: 'background' }), asOf);
  }

  #scheduleReconcile(delay: number): void {
    const { clock, changed } = this.#context;
    const at = clock.now() + delay;
    // The earlier plan stands, or a stream of events would put it off for ever.
    if (this.#over || at >= this.#reconcileAt) return;
    clock.clearTimeout(this.#reconcileTimer);
    this.#reconcileAt = at;
    this.#reconcileTimer = clock.setTimeout(() => {
      this.#reconcileAt = Number.POSITIVE_INFINITY;
      // A list that fails leaves the old one; the connection's end is noticed elsewhere.
      void this.#reconcile()
        .then(changed, () => {})
        .finally(() => this.#scheduleReconcile(reconcileEvery));
    }, delay);
  }

  /** Counted from the last tick's start: a slow answer does not make the interval longer. */
  #scheduleTick(): void {
    const { clock } = this.#context;
    clock.clearTimeout(this.#tickTimer);
    if (this.#over) return;
    const due = (this.#lastTick ?? clock.now()) + this.#context.interval();
    this.#tickTimer = clock.setTimeout(
      () => {
        void this.#tickNow()
          .catch(() => {})
          .finally(() => this.#scheduleTick());
      },
      Math.max(0, due - clock.now()),
    );
  }

  /** Never two at once: a second wish joins the one under way. */
  #tickNow(): Promise<void> {
    this.#ticking ??= this.#tick().finally(() => {
      this.#ticking = undefined;
    });
    return this.#ticking;
  }

  async #tick(): Promise<void> {
    const { clock, table, load, groups, changed } = this.#context;
    const started = clock.now();
    const missed = this.#missed(started);
    this.#lastTick = started;
    const asOf = table.newestEvent;
    const options = { priority: 'background' } as const;
    const [stats, host] = await Promise.all([
      this.hypervisor.domainStats(groups(), options),
      this.hypervisor.hostStats(options).catch(orThrow),
    ]);
    if (this.#over) return;
    const at = clock.now();
    if (host) load.apply(host, at, missed);
    table.applyStats(stats, { at, missed, hostCpus: this.info?.cpus, asOf });
    changed();
  }

  #missed(now: number): number {
    if (this.#lastTick === undefined) return 0;
    const intervals = Math.round((now - this.#lastTick) / this.#context.interval());
    return Math.min(mostMissed, Math.max(0, intervals - 1));
  }
}

/** A host that cannot tell its own load still tells its domains'; a lost connection is another matter. */
function orThrow(error: unknown): undefined {
  if (error instanceof LibvirtError && error.kind === 'closed') throw error;
  return undefined;
}
