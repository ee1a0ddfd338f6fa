/** Cumulative counters of one moment; undefined where the driver does not tell. */
export interface Counters {
  /** Clock milliseconds when they arrived. */
  readonly at: number;
  /** The domain's id: another one means that it was started anew. */
  readonly id: number;
  /** Nanoseconds */
  readonly cpuTime: number | undefined;
  /** Bytes */
  readonly blockRead: number | undefined;
  readonly blockWritten: number | undefined;
  readonly netReceived: number | undefined;
  readonly netSent: number | undefined;
}

/** Rates between two moments; NaN where they cannot be told. */
export interface Rates {
  /** Percent of the domain's own vCPUs. */
  readonly cpuGuest: number;
  /** Percent of all CPUs of the host. */
  readonly cpuHost: number;
  /** Bytes per second */
  readonly diskRead: number;
  readonly diskWrite: number;
  readonly netReceive: number;
  readonly netSend: number;
}

const nothing: Rates = {
  cpuGuest: Number.NaN,
  cpuHost: Number.NaN,
  diskRead: Number.NaN,
  diskWrite: Number.NaN,
  netReceive: Number.NaN,
  netSend: Number.NaN,
};

/**
 * What happened between two looks, as virt-manager computes it: CPU time used, of the wall time that the
 * vCPUs (or the host's CPUs) had. A domain that was started anew or a counter that went backwards gives no
 * value for that tick, never a spike. Missed ticks make the span longer and the value no less right.
 */
export function ratesBetween(
  before: Counters | undefined,
  now: Counters,
  vcpus: number | undefined,
  hostCpus: number | undefined,
): Rates {
  if (before === undefined || before.id !== now.id || now.at <= before.at) return nothing;
  const milliseconds = now.at - before.at;
  // 1 % of one CPU is 10,000 ns in each millisecond.
  const cpu = delta(before.cpuTime, now.cpuTime) / (milliseconds * 10_000);
  const perSecond = (from: number | undefined, to: number | undefined) =>
    (delta(from, to) * 1000) / milliseconds;
  return {
    cpuGuest: percent(cpu, vcpus),
    cpuHost: percent(cpu, hostCpus),
    diskRead: perSecond(before.blockRead, now.blockRead),
    diskWrite: perSecond(before.blockWritten, now.blockWritten),
    netReceive: perSecond(before.netReceived, now.netReceived),
    netSend: perSecond(before.netSent, now.netSent),
  };
}

/** Percent busy between two looks at a host's CPU counters (nanoseconds); NaN where they went backwards. */
export function hostCpuBetween(
  before: { readonly busy: number; readonly total: number } | undefined,
  now: { readonly busy: number; readonly total: number },
): number {
  if (before === undefined) return Number.NaN;
  const total = delta(before.total, now.total);
  return total > 0 ? Math.min(100, (delta(before.busy, now.busy) / total) * 100) : Number.NaN;
}

/** The growth of a counter, NaN when it is not known or went backwards. */
function delta(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined || to < from ? Number.NaN : to - from;
}

/** Rounding of the two clocks can bring a busy guest a little above its vCPUs. */
function percent(cpu: number, cpus: number | undefined): number {
  return cpus === undefined || cpus <= 0 ? Number.NaN : Math.min(100, cpu / cpus);
}
