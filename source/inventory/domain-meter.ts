import type { DomainStats, StatsGroup } from '../libvirt/hypervisor.js';
import type { Tick } from './domain-record.js';
import { bytesPerSecond, cpuPercent, growth, memoryUsed } from './rates.js';
import { Ring } from './ring.js';
import type { DomainHistory } from './types.js';

/** Samples in one mean, and means kept: an hour at the usual 2 s, in a thirtieth of the room. */
export const hour = { over: 15, capacity: 120 } as const;

/** The last known value of a counter. A tick that does not tell it leaves it, and the next spans both. */
class Counter {
  #value = Number.NaN;
  #at = Number.NaN;

  /** Growth per millisecond since the last known value. */
  advance(value: number | undefined, at: number): number | undefined {
    if (value === undefined) return undefined;
    const rate = growth(this.#value, value, at - this.#at);
    this.#value = value;
    this.#at = at;
    return rate;
  }

  forget(): void {
    this.#value = Number.NaN;
  }
}

const fieldOf = {
  cpu: 'cpuTime',
  balloon: 'balloonCurrent',
  block: 'blockRead',
  interface: 'netReceived',
} as const satisfies Partial<Record<StatsGroup, keyof DomainStats>>;

const heard = Object.entries(fieldOf) as [keyof typeof fieldOf, keyof DomainStats][];

/** A first answer may lack what a domain that has just started does not know yet. */
const patience = 2;

/** What a driver is asked for and does not tell. */
class Silence {
  /** Answers without it; below nothing once it was told. */
  readonly #missed = { cpu: 0, balloon: 0, block: 0, interface: 0 };

  hear(stats: DomainStats, groups: readonly StatsGroup[]): void {
    for (const [group, field] of heard) {
      if (stats[field] !== undefined) this.#missed[group] = Number.NEGATIVE_INFINITY;
      else if (groups.includes(group)) this.#missed[group] += 1;
    }
  }

  groups(): readonly StatsGroup[] {
    return heard.flatMap(([group]) => (this.#missed[group] >= patience ? [group] : []));
  }

  end(): void {
    for (const [group] of heard) this.#missed[group] = 0;
  }
}

/** Values and histories of one domain that runs or ran. Its numbers are NaN where not known. */
export class DomainMeter {
  readonly history: DomainHistory;
  cpuGuest = Number.NaN;
  cpuHost = Number.NaN;
  memoryUsed = Number.NaN;
  readonly #cpu = new Counter();
  readonly #diskRead = new Counter();
  readonly #diskWrite = new Counter();
  readonly #netReceive = new Counter();
  readonly #netSend = new Counter();
  readonly #vcpus: { readonly counter: Counter; readonly ring: Ring }[] = [];
  readonly #silence = new Silence();
  #vcpuLength = 0;
  /** The newest sample is the gap after a run, or there is none: nothing needs to be marked as missing. */
  #inGap = true;

  constructor(historyLength: number) {
    const ring = () => new Ring(historyLength, hour);
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

  /** Takes over one tick's statistics of an active domain. */
  sample(stats: DomainStats, { at, missed, hostCpus, groups }: Tick, vcpus: number | undefined): void {
    const { history } = this;
    this.#silence.hear(stats, groups);
    if (missed > 0 && !this.#inGap) this.#mark(missed);
    const cpu = this.#cpu.advance(stats.cpuTime, at);
    this.cpuGuest = cpuPercent(cpu, vcpus) ?? Number.NaN;
    this.cpuHost = cpuPercent(cpu, hostCpus) ?? Number.NaN;
    this.memoryUsed = memoryUsed(stats) ?? Number.NaN;
    this.#push(history.cpuGuest, this.cpuGuest);
    this.#push(history.cpuHost, this.cpuHost);
    this.#push(history.memory, this.memoryUsed);
    this.#push(history.diskRead, bytesPerSecond(this.#diskRead.advance(stats.blockRead, at)) ?? Number.NaN);
    this.#push(
      history.diskWrite,
      bytesPerSecond(this.#diskWrite.advance(stats.blockWritten, at)) ?? Number.NaN,
    );
    this.#push(
      history.netReceive,
      bytesPerSecond(this.#netReceive.advance(stats.netReceived, at)) ?? Number.NaN,
    );
    this.#push(history.netSend, bytesPerSecond(this.#netSend.advance(stats.netSent, at)) ?? Number.NaN);
    this.#sampleVcpus(stats.vcpuTimes, at);
    this.#inGap = false;
  }

  /** From now on each vCPU has a history of its own: kept only for domains that somebody looks at closely. */
  keepVcpus(length: number): void {
    this.#vcpuLength = length;
  }

  /** Percent of each vCPU, by number; empty until somebody has asked for it. */
  get vcpuHistory(): readonly Ring[] {
    return this.#vcpus.map(({ ring }) => ring);
  }

  #sampleVcpus(times: readonly number[] | undefined, at: number): void {
    if (this.#vcpuLength === 0 || times === undefined) return;
    for (let number = 0; number < times.length; number += 1) {
      const vcpu = this.#vcpus[number] ?? { counter: new Counter(), ring: new Ring(this.#vcpuLength) };
      this.#vcpus[number] = vcpu;
      vcpu.ring.push(cpuPercent(vcpu.counter.advance(times[number], at), 1) ?? Number.NaN);
    }
  }

  /** What was asked for in this run more than once, and never told. */
  untold(): readonly StatsGroup[] {
    return this.#silence.groups();
  }

  /** The run is over or another one has begun: one gap in the charts, however long it lasts. */
  interrupt(): void {
    this.rebase();
    this.#silence.end();
    this.cpuGuest = Number.NaN;
    this.cpuHost = Number.NaN;
    this.memoryUsed = Number.NaN;
    if (this.#inGap) return;
    this.#mark(1);
    this.#inGap = true;
  }

  /** The counters may begin anew (a reboot): the next tick tells no rates. */
  rebase(): void {
    this.#cpu.forget();
    this.#diskRead.forget();
    this.#diskWrite.forget();
    this.#netReceive.forget();
    this.#netSend.forget();
    for (const { counter } of this.#vcpus) counter.forget();
  }

  /** Rings are read from their newest end, so a leading "not known" needs no sample (and no array). */
  #push(ring: Ring, value: number): void {
    if (Number.isNaN(value) && (this.#inGap || ring.length === 0)) return;
    ring.push(value);
  }

  #mark(count: number): void {
    for (const ring of Object.values(this.history) as Ring[]) {
      if (ring.length > 0) for (let i = 0; i < count; i += 1) ring.push(Number.NaN);
    }
    for (const { ring } of this.#vcpus) for (let i = 0; i < count; i += 1) ring.push(Number.NaN);
  }
}
