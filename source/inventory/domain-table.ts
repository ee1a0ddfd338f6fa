import { DomainState, isActive } from '../libvirt/domain-state.js';
import { type DomainEvent, type LifecycleEvent, stateOfEvent } from '../libvirt/events.js';
import type { DomainListing, DomainRef, DomainStats } from '../libvirt/hypervisor.js';
import { DomainRecord, type Tick } from './domain-record.js';

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
  /** Records in the order of the last statistics, which hardly changes: saves 10,000 look-ups a tick. */
  #order: (DomainRecord | undefined)[] = [];

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
      const record = this.#record(domain);
      if (record.applyListing(domain, record.lastEvent <= asOf)) this.listRevision += 1;
    }
    for (const [uuid, record] of this.records) {
      if (!listed.has(uuid) && record.lastEvent <= asOf) this.#remove(uuid);
    }
    for (const [uuid, event] of this.#removed) if (event <= asOf) this.#removed.delete(uuid);
  }

  /** Takes over one tick's statistics; a domain that is only in there is new. */
  applyStats(stats: readonly DomainStats[], tick: Tick): void {
    const order = this.#order;
    for (let i = 0; i < stats.length; i += 1) {
      const one = stats[i] as DomainStats;
      let record = order[i];
      if (record?.uuid !== one.uuid) {
        if ((this.#removed.get(one.uuid) ?? 0) > tick.asOf) continue;
        record = this.#record(one);
        order[i] = record;
      }
      if (record.applyStats(one, tick)) this.listRevision += 1;
    }
    order.length = stats.length;
  }

  /** Takes over an event. Costs no call, for a domain never seen before either. */
  applyEvent(event: DomainEvent, at: number): void {
    this.newestEvent += 1;
    if (event.type === 'lifecycle') this.#lifecycle(event.domain, event.event, event.detail, at);
    const record = this.records.get(event.domain.uuid);
    if (record === undefined) return;
    if (event.type === 'reboot') record.rebooted();
    if (event.type === 'balloon' && isActive(record) && record.memoryCurrent !== event.actual) {
      record.memoryCurrent = event.actual;
      record.revision += 1;
    }
  }

  #lifecycle(domain: DomainRef, event: LifecycleEvent, detail: string, at: number): void {
    if (event === 'undefined') {
      // A renamed domain is undefined under its old name and defined under the new one, with one uuid.
      if (detail !== 'renamed') this.#undefine(domain.uuid);
      return;
    }
    const known = this.records.has(domain.uuid);
    this.#removed.delete(domain.uuid);
    const record = this.#record(domain);
    record.lastEvent = this.newestEvent;
    if (record.rename(domain.name)) this.listRevision += 1;
    const after = stateOfEvent(event, detail);
    const id = after?.state === DomainState.shutOff ? -1 : domain.id;
    if (after !== undefined && record.setState(after.state, after.reason, id)) this.listRevision += 1;
    if (event === 'defined') this.#setPersistent(record, true);
    if (event === 'stopped' && detail === 'saved' && record.persistent) record.managedSave = true;
    if (event === 'started') {
      // Started without having been defined: transient, as far as anybody knows.
      if (!known) this.#setPersistent(record, false);
      // A start uses the saved memory up, and a guest that wakes was there before.
      record.managedSave = false;
      if (detail !== 'wakeup') record.startedAt = at;
    }
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
    if (record.persistent === persistent) return;
    record.persistent = persistent;
    record.revision += 1;
  }

  #remove(uuid: string): void {
    if (!this.records.delete(uuid)) return;
    this.#removed.set(uuid, this.newestEvent);
    this.#order = [];
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
