import { DomainState } from '../libvirt/domain-state.js';
import type { HypervisorEvent, LifecycleEvent } from '../libvirt/events.js';
import type { DomainListing, DomainRef, DomainStats } from '../libvirt/hypervisor.js';
import { DomainRecord, type Tick } from './domain-record.js';

/** The state that each lifecycle event leaves; the others say nothing of the state. */
const stateAfter: Readonly<Partial<Record<LifecycleEvent, DomainState>>> = {
  started: DomainState.running,
  suspended: DomainState.paused,
  resumed: DomainState.running,
  stopped: DomainState.shutOff,
  shutdown: DomainState.shutdown,
  pmsuspended: DomainState.pmSuspended,
  crashed: DomainState.crashed,
};

/**
 * The domains of one connection, kept right by three sources: lists, events, statistics. Answers are older
 * than the events that came while they were under way, so each is told by `asOf` up to which event it can
 * know.
 */
export class DomainTable {
  readonly records = new Map<string, DomainRecord>();
  /** Number of the newest event. */
  newestEvent = 0;
  /** Grows when the set, a name or a state changes. */
  listRevision = 0;
  readonly #connectionId: string;
  readonly #historyLength: number;
  /** When an event removed a domain: an older answer must not bring it back. */
  readonly #removed = new Map<string, number>();

  constructor(connectionId: string, historyLength: number) {
    this.#connectionId = connectionId;
    this.#historyLength = historyLength;
  }

  /** Makes the table hold what a list says, save what newer events know better. */
  applyList(listing: readonly DomainListing[], asOf: number): void {
    const listed = new Set<string>();
    for (const domain of listing) {
      listed.add(domain.uuid);
      if ((this.#removed.get(domain.uuid) ?? 0) > asOf) continue;
      if (this.#record(domain).applyListing(domain)) this.listRevision += 1;
    }
    for (const [uuid, record] of this.records) {
      if (!listed.has(uuid) && record.lastEvent <= asOf) this.#remove(uuid);
    }
    for (const [uuid, event] of this.#removed) if (event <= asOf) this.#removed.delete(uuid);
  }

  /** Takes over one tick's statistics; a domain that is only in there is new. */
  applyStats(stats: readonly DomainStats[], tick: Tick): void {
    for (const one of stats) {
      if ((this.#removed.get(one.uuid) ?? 0) > tick.asOf) continue;
      const record = this.records.get(one.uuid) ?? this.#record(one);
      if (record.applyStats(one, tick)) this.listRevision += 1;
    }
  }

  /** Takes over an event. Costs no call, for a domain never seen before either. */
  applyEvent(event: HypervisorEvent, at: number): void {
    this.newestEvent += 1;
    if (event.type !== 'lifecycle') return;
    const { domain } = event;
    this.#removed.delete(domain.uuid);
    if (event.event === 'undefined' && event.detail !== 'renamed') {
      this.#undefine(domain.uuid);
      return;
    }
    const record = this.#record(domain);
    record.lastEvent = this.newestEvent;
    this.#rename(record, domain.name);
    const state = stateAfter[event.event];
    if (event.event === 'defined' && !record.persistent) this.#setPersistent(record, true);
    // A domain that an event defines is shut off until something else is said.
    const known =
      state ?? (record.state === DomainState.noState && domain.id < 0 ? DomainState.shutOff : undefined);
    if (known === undefined) return;
    const id = known === DomainState.shutOff ? -1 : domain.id;
    if (record.setState(known, id, at)) this.listRevision += 1;
    if (event.event === 'stopped') this.#stopped(record, event.detail);
    if (event.event === 'started') record.managedSave = false;
  }

  #stopped(record: DomainRecord, detail: string): void {
    if (detail === 'saved') record.managedSave = true;
    // A transient domain ends with its run, and no "undefined" event tells.
    if (!record.persistent) this.#remove(record.uuid);
  }

  #undefine(uuid: string): void {
    const record = this.records.get(uuid);
    if (record === undefined) return;
    record.lastEvent = this.newestEvent;
    // Undefined while it runs: it lives on as a transient domain.
    if (record.id >= 0) this.#setPersistent(record, false);
    else this.#remove(uuid);
  }

  #setPersistent(record: DomainRecord, persistent: boolean): void {
    record.persistent = persistent;
    record.revision += 1;
  }

  #rename(record: DomainRecord, name: string): void {
    if (record.name === name) return;
    record.name = name;
    record.revision += 1;
    this.listRevision += 1;
  }

  #remove(uuid: string): void {
    if (!this.records.delete(uuid)) return;
    this.#removed.set(uuid, this.newestEvent);
    this.listRevision += 1;
  }

  #record(domain: DomainRef): DomainRecord {
    const known = this.records.get(domain.uuid);
    if (known !== undefined) return known;
    const record = new DomainRecord(domain, this.#connectionId, this.#historyLength);
    this.records.set(domain.uuid, record);
    this.listRevision += 1;
    return record;
  }
}
