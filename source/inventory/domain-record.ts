import { DomainState, isActive } from '../libvirt/domain-state.js';
import type { DomainListing, DomainRef, DomainStats, StatsGroup } from '../libvirt/hypervisor.js';
import { DomainMeter } from './domain-meter.js';
import type { Ring } from './ring.js';
import type { Domain, DomainDetails, DomainHistory } from './types.js';

/** One moment of the host that a domain's statistics are read against. */
export interface Tick {
  /** Clock milliseconds when the answer arrived. */
  readonly at: number;
  /** Ticks that did not take place since the last one: they leave gaps in the charts. */
  readonly missed: number;
  readonly hostCpus: number | undefined;
  /** What was asked for. */
  readonly groups: readonly StatsGroup[];
  /** Number of the newest event that was here when the statistics were asked for. */
  readonly asOf: number;
}

/** The mutable record behind Domain; only the inventory changes it. */
export class DomainRecord implements Domain {
  readonly uuid: string;
  readonly connectionId: string;
  name: string;
  id: number;
  state: DomainState;
  reason = 0;
  autostart = false;
  persistent = true;
  managedSave = false;
  vcpus: number | undefined;
  memoryCurrent: number | undefined;
  memoryMaximum: number | undefined;
  updatedAt = 0;
  startedAt: number | undefined;
  pending: string | undefined;
  details: DomainDetails | undefined;
  detailsError: string | undefined;
  revision = 0;
  /** Number of the event that last said something of its state. */
  lastEvent = 0;
  readonly #historyLength: number;
  /** Made when first needed: most of 10,000 domains never run while somebody looks. */
  #meter: DomainMeter | undefined;

  constructor(domain: DomainRef, connectionId: string, historyLength: number) {
    this.uuid = domain.uuid;
    this.name = domain.name;
    this.id = domain.id;
    // What the first statistics correct a moment later; a list tells nothing but the id.
    this.state = isActive(domain) ? DomainState.running : DomainState.shutOff;
    this.connectionId = connectionId;
    this.#historyLength = historyLength;
  }

  get history(): DomainHistory {
    return this.#metered().history;
  }

  get vcpuHistory(): readonly Ring[] {
    return this.#meter?.vcpuHistory ?? [];
  }

  /** From now on each vCPU has a history of its own. */
  keepVcpus(): void {
    this.#metered().keepVcpus(this.#historyLength);
  }

  get untold(): readonly StatsGroup[] {
    return this.#meter?.untold() ?? [];
  }

  get cpuGuest(): number | undefined {
    return known(this.#meter?.cpuGuest);
  }

  get cpuHost(): number | undefined {
    return known(this.#meter?.cpuHost);
  }

  get memoryUsed(): number | undefined {
    return known(this.#meter?.memoryUsed);
  }

  /**
   * Takes over what a list says. True when something visible changed.
   *
   * @param current no event newer than the list has told of it
   */
  applyListing(listing: DomainListing, current: boolean): boolean {
    let changed =
      this.autostart !== listing.autostart ||
      this.persistent !== listing.persistent ||
      this.managedSave !== listing.managedSave;
    this.autostart = listing.autostart;
    this.persistent = listing.persistent;
    this.managedSave = listing.managedSave;
    if (current) {
      if (this.rename(listing.name)) changed = true;
      if (this.id !== listing.id) {
        this.setState(isActive(listing) ? DomainState.running : DomainState.shutOff, 0, listing.id);
        changed = true;
      }
    }
    if (changed) this.revision += 1;
    return changed;
  }

  /** Takes over one tick's statistics. True when the name or the state is another one. */
  applyStats(stats: DomainStats, tick: Tick): boolean {
    let changed = false;
    const { state, reason, id, name } = stats;
    if (this.state !== state || this.reason !== reason || this.id !== id || this.name !== name) {
      // An event that came while the answer was under way knows better; the next answer will say the same.
      if (this.lastEvent > tick.asOf) return false;
      changed = this.rename(name);
      if (this.setState(state, reason, id)) changed = true;
    }
    this.updatedAt = tick.at;
    this.#applySizes(stats);
    if (stats.id < 0) return changed;
    this.#metered().sample(stats, tick, this.vcpus);
    this.revision += 1;
    return changed;
  }

  /** Takes over a new state and its reason. True when one is another. Another id is another run. */
  setState(state: DomainState, reason: number, id: number): boolean {
    if (this.state === state && this.reason === reason && this.id === id) return false;
    if (this.id !== id) {
      this.#meter?.interrupt();
      this.startedAt = undefined;
      // What the next run is given, its own statistics tell.
      this.memoryCurrent = undefined;
    }
    this.state = state;
    this.reason = reason;
    this.id = id;
    this.revision += 1;
    return true;
  }

  /** True when the name is another one. */
  rename(name: string): boolean {
    if (this.name === name) return false;
    this.name = name;
    this.revision += 1;
    return true;
  }

  /** The guest has rebooted: its counters may begin anew. */
  rebooted(): void {
    this.#meter?.rebase();
  }

  /** What a busy domain leaves out of its statistics keeps its last value. */
  #applySizes({ vcpuCurrent, balloonCurrent, balloonMaximum }: DomainStats): void {
    if (vcpuCurrent !== undefined && vcpuCurrent !== this.vcpus) {
      this.vcpus = vcpuCurrent;
      this.revision += 1;
    }
    if (balloonCurrent !== undefined && balloonCurrent !== this.memoryCurrent) {
      this.memoryCurrent = balloonCurrent;
      this.revision += 1;
    }
    if (balloonMaximum !== undefined && balloonMaximum !== this.memoryMaximum) {
      this.memoryMaximum = balloonMaximum;
      this.revision += 1;
    }
  }

  #metered(): DomainMeter {
    this.#meter ??= new DomainMeter(this.#historyLength);
    return this.#meter;
  }
}

function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value;
}
