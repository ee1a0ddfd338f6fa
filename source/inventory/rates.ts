/**
 * The arithmetic of the live values, after virt-manager's statsmanager.py. `undefined` stands for "cannot be
 * told": never a negative number, never a spike.
 */

/** What memory figures a stats record may hold, KiB each. */
export interface MemoryStats {
  readonly balloonCurrent: number | undefined;
  readonly balloonAvailable: number | undefined;
  readonly balloonUsable: number | undefined;
  readonly balloonUnused: number | undefined;
}

/**
 * How much a counter grew per millisecond. Undefined where a value is missing (NaN or undefined), where no
 * time went by, and where the counter went backwards: it was reset, and nothing is known of the time between.
 *
 * @param milliseconds the true time between the two values
 */
export function growth(
  before: number | undefined,
  after: number | undefined,
  milliseconds: number,
): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  const delta = after - before;
  return delta >= 0 && milliseconds > 0 ? delta / milliseconds : undefined;
}

/** Percent of `cpus` CPUs, 0 to 100, from nanoseconds of CPU time per millisecond. */
export function cpuPercent(
  nanosecondsPerMs: number | undefined,
  cpus: number | undefined,
): number | undefined {
  if (nanosecondsPerMs === undefined || cpus === undefined || cpus <= 0) return undefined;
  // Above 100 % lie the emulator's own threads and the daemon's sampling; virt-manager cuts there as well.
  return Math.min(100, nanosecondsPerMs / 1e4 / cpus);
}

/** Bytes per second from bytes per millisecond. */
export function bytesPerSecond(bytesPerMs: number | undefined): number | undefined {
  return bytesPerMs === undefined ? undefined : bytesPerMs * 1000;
}

/**
 * KiB in use: as the guest sees it where its balloon driver tells, else what it was given. "Usable" counts
 * the guest's page cache as free, as free(1) does; older guests tell only "unused".
 */
export function memoryUsed(stats: MemoryStats): number | undefined {
  const free = stats.balloonUsable ?? stats.balloonUnused;
  if (stats.balloonAvailable === undefined || free === undefined) return stats.balloonCurrent;
  const used = stats.balloonAvailable - free;
  return used >= 0 ? used : stats.balloonCurrent;
}

/** Percent of all CPUs of a host, 0 to 100, from two readings of its counters. */
export function hostCpuPercent(
  before: { readonly busy: number; readonly total: number },
  after: { readonly busy: number; readonly total: number },
): number | undefined {
  // The kernel's idle counter may step back by a tick: then the rest of the sum still says enough.
  const busy = after.busy - before.busy;
  const total = after.total - before.total;
  return busy >= 0 && total > 0 ? Math.min(100, (busy / total) * 100) : undefined;
}
