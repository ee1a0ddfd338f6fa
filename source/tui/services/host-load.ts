import type { Connection } from '../../inventory/types.js';

/** Intervals after which a driver that has told no load will tell none. */
const patience = 3;

/**
 * True where the driver (libvirt's test driver, for one) cannot tell what the host does.
 *
 * @param interval milliseconds between two looks
 */
export function tellsNoLoad({ status, load }: Connection, now: number, interval: number): boolean {
  const silent = load.cpu.length === 0 && load.memoryUsed.length === 0;
  return silent && status.state === 'connected' && now - status.since > patience * interval;
}
