import { DomainState, isActive } from '../libvirt/domain-state.js';
import type { DomainListing, DomainRef, DomainStats } from '../libvirt/hypervisor.js';
import { type Counters, ratesBetween } from './rates.js';
import { Ring } from './ring.js';
import type { Domain, DomainDetails, DomainHistory } from './types.js';

/** One moment of the host that a domain's statistics are read against. */
export interface Tick {
  /** Clock milliseconds when the answer arrived. */
  readonly at: number;
  /** Ticks that did not take place since the last one: they leave gaps in the charts. */
  readonly missed: number;
  readonly hostCpus: number | undefined;
  /** Number of the newest event that was here when the statistics were asked for. */
  readonly asOf: number;
}

/** The mutable record behind Domain; only the inventory changes it. */
export class DomainRecord implements Domain {
  readonly uuid: string;
  readonly connectionId: string;
  readonly history: DomainHistory;
  name: string;
  id = -1;
  state: DomainState = DomainState.noState;
  autostart = false;
  persistent = true;
  managedSave = false;
  vcpus: number | undefined;
  memoryCurrent: number | undefined;
  memoryMaximum: number | undefined;
  cpuGuest: number | undefined;
  cpuHost: number | undefined;
  memoryUsed: number | undefined;
  updatedAt = 0;
  startedAt: number | undefined;
  pending: string | undefined;
  details: DomainDetails | undefined;
  /** Clock time when the details were read. */
  detailsAt = 0;
  revision = 0;
  /** Number of the event that last said something of its state. */
  lastEvent = 0;
  #counters: Counters | undefined;

  constructor(domain: DomainRef, connectionId: string, historyLength: number) {
    this.uuid = domain.uuid;
    this.name = domain.name;
    this.id = domain.id;
    this.connectionId = connectionId;
    const ring = () => new Ring(historyLength);
    this.history = {
      cpuGuest: ring(),
      cpuHost: ring(),
      memory: ring(),
      diskRead: ring(),
      diskWrite: ring(),
      netReceive: ring(),
      netSend: ring(),
    };
  }

  /** Takes over the flags of a list. True when something visible changed. */
  applyListing(listing: DomainListing): boolean {
    const changed =
      this.name !== listing.name ||
      this.autostart !== listing.autostart ||
      this.persistent !== listing.persistent ||
      this.managedSave !== listing.managedSave;
    this.name = listing.name;
    this.autostart = listing.autostart;
    this.persistent = listing.persistent;
    this.managedSave = listing.managedSave;
    if (changed) this.revision += 1;
    return changed;
  }

  /** Takes over a new state. True when it is another one. */
  setState(state: DomainState, id: number, at: number): boolean {
    if (this.state === state && this.id === id) return false;
    const wasKnown = this.state !== DomainState.noState || this.updatedAt > 0;
    if (!isActive(this) && id >= 0 && wasKnown) this.startedAt = at;
    if (id < 0) this.#stop();
    this.state = state;
    this.id = id;
    this.revision += 1;
    return true;
  }

  /** Takes over one tick's statistics. True when the state is another one. */
  applyStats(stats: DomainStats, tick: Tick): boolean {
    // An event that came while the answer was under way knows better.
    const current = this.lastEvent <= tick.asOf;
    const changed = current && this.setState(stats.state, stats.id, tick.at);
    if (current && this.name !== stats.name) this.name = stats.name;
    this.memoryCurrent = stats.balloonCurrent ?? this.memoryCurrent;
    this.memoryMaximum = stats.balloonMaximum ?? this.memoryMaximum;
    this.vcpus = stats.vcpuCurrent ?? this.vcpus;
    this.updatedAt = tick.at;
    if (isActive(this)) this.#sample(stats, tick);
    return changed;
  }

  #sample(stats: DomainStats, tick: Tick): void {
    const counters: Counters = {
      at: tick.at,
      id: stats.id,
      cpuTime: stats.cpuTime,
      blockRead: stats.blockRead,
      blockWritten: stats.blockWritten,
      netReceived: stats.netReceived,
      netSent: stats.netSent,
    };
    const rates = ratesBetween(this.#counters, counters, stats.vcpuCurrent, tick.hostCpus);
    this.#counters = counters;
    const used = memoryUsed(stats);
    const { history } = this;
    for (let gap = 0; gap < tick.missed; gap += 1) this.#gap();
    history.cpuGuest.push(rates.cpuGuest);
    history.cpuHost.push(rates.cpuHost);
    history.memory.push(used ?? Number.NaN);
    // Asked for only while somebody shows them: their rings stay empty else.
    if (stats.blockRead !== undefined) {
      history.diskRead.push(rates.diskRead);
      history.diskWrite.push(rates.diskWrite);
    }
    if (stats.netReceived !== undefined) {
      history.netReceive.push(rates.netReceive);
      history.netSend.push(rates.netSend);
    }
    this.cpuGuest = known(rates.cpuGuest);
    this.cpuHost = known(rates.cpuHost);
    this.memoryUsed = used;
    this.revision += 1;
  }

  #stop(): void {
    this.cpuGuest = undefined;
    this.cpuHost = undefined;
    this.memoryUsed = undefined;
    this.startedAt = undefined;
    this.#counters = undefined;
    // One gap between two runs in the charts, however long the domain was off.
    if (this.history.cpuGuest.last !== undefined) this.#gap();
  }

  #gap(): void {
    for (const ring of Object.values(this.history)) if (ring.length > 0) ring.push(Number.NaN);
  }
}

/**
 * KiB that the guest uses: what it sees less what it could still use where its balloon driver reports that,
 * else what the balloon leaves it, as virt-manager shows it.
 */
function memoryUsed(stats: DomainStats): number | undefined {
  const free = stats.balloonUsable ?? stats.balloonUnused;
  if (stats.balloonAvailable !== undefined && free !== undefined) return stats.balloonAvailable - free;
  return stats.balloonCurrent;
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
