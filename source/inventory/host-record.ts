import { isUnsupported } from '../libvirt/errors.js';
import type { HostStats } from '../libvirt/hypervisor.js';
import { hostCpuPercent } from './rates.js';
import { Ring } from './ring.js';
import type { HostLoad } from './types.js';

/** The mutable record behind HostLoad. */
export class HostRecord implements HostLoad {
  readonly cpu: Ring;
  readonly memoryUsed: Ring;
  memoryTotal: number | undefined;
  updatedAt = 0;
  #cpuCounters: { readonly busy: number; readonly total: number } | undefined;

  constructor(historyLength: number) {
    this.cpu = new Ring(historyLength);
    this.memoryUsed = new Ring(historyLength);
  }

  /** Takes over one tick's counters; `missed` ticks leave gaps in the charts. */
  apply({ cpu, memory }: HostStats, at: number, missed: number): void {
    for (const ring of [this.cpu, this.memoryUsed]) {
      if (ring.length > 0) for (let gap = 0; gap < missed; gap += 1) ring.push(Number.NaN);
    }
    if (!isUnsupported(cpu)) {
      const percent = this.#cpuCounters && hostCpuPercent(this.#cpuCounters, cpu);
      if (percent !== undefined || this.cpu.length > 0) this.cpu.push(percent ?? Number.NaN);
      this.#cpuCounters = cpu;
    }
    if (!isUnsupported(memory)) {
      this.memoryTotal = memory.total;
      // A host that tells more free than there is tells nothing.
      this.memoryUsed.push(memory.free <= memory.total ? memory.total - memory.free : Number.NaN);
    }
    this.updatedAt = at;
  }
}
