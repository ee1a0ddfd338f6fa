import type { LabDisk, LabNic } from './definition.js';
import type { LabDomain } from './domain.js';

/** Nanoseconds. */
const second = 1e9;
const bytesPerPacket = 900;
const bytesPerRequest = 24_576;

/** What a domain's vCPUs have used at a moment, in seconds; one for all callers, valid until the next call. */
const scratch = new Float64Array(4096);

export function vcpuSeconds({ load, definition }: LabDomain, seconds: number): Float64Array {
  load.vcpuSeconds(Math.min(definition.vcpus, scratch.length), seconds, scratch);
  return scratch;
}

/** Nanoseconds of one vCPU. */
export function vcpuTime(used: Float64Array, index: number): number {
  return Math.floor(second * (used[index] ?? 0));
}

/** What a domain has used in all, in nanoseconds: its vCPUs and QEMU's own threads. */
export function cpuTime({ definition }: LabDomain, used: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < definition.vcpus; index += 1) sum += used[index] ?? 0;
  return Math.floor(second * 1.02 * sum);
}

export interface TrafficCounters {
  readonly received: number;
  readonly receivedPackets: number;
  readonly sent: number;
  readonly sentPackets: number;
}

/** Bytes and packets of an interface; the first carries most. */
export function traffic({ load }: LabDomain, nic: number, seconds: number, work: number): TrafficCounters {
  const share = 1 / (1 + 3 * nic);
  const received = Math.floor(share * load.bytesReceived(seconds, work));
  const sent = Math.floor(share * load.bytesSent(seconds, work));
  return {
    received,
    receivedPackets: Math.floor(received / bytesPerPacket),
    sent,
    sentPackets: Math.floor(sent / bytesPerPacket),
  };
}

export interface DiskCounters {
  readonly readRequests: number;
  readonly read: number;
  readonly writeRequests: number;
  readonly written: number;
  readonly flushes: number;
}

/** Bytes and requests of a disk; the data disk of a guest that has one carries most. */
export function diskTraffic(
  { load, definition }: LabDomain,
  disk: number,
  seconds: number,
  work: number,
): DiskCounters {
  const share = definition.disks.length === 1 ? 1 : disk === 1 ? 0.8 : 0.2;
  const read = 512 * Math.floor((share * load.bytesRead(seconds, work)) / 512);
  const written = 512 * Math.floor((share * load.bytesWritten(seconds, work)) / 512);
  return {
    readRequests: Math.floor(read / bytesPerRequest),
    read,
    writeRequests: Math.floor(written / bytesPerRequest),
    written,
    flushes: Math.floor(written / (20 * bytesPerRequest)),
  };
}

/** Bytes that a disk's image takes on the host: the whole of a raw one, a part of a qcow2. */
export function diskAllocation(domain: LabDomain, disk: LabDisk): number {
  if (disk.format === 'raw') return disk.capacity;
  return 4096 * Math.floor((disk.capacity * (0.1 + 0.3 * domain.load.mean)) / 4096);
}

/** Name of an interface on the host; unlike libvirt's it does not depend on the order of starts. */
export function hostInterface(domain: LabDomain, nic: number): string {
  return `vnet${domain.ordinal + nic * 100_000}`;
}

/** True for interfaces that exist on the host and have counters there. */
export function hasHostInterface({ kind }: LabNic): boolean {
  return kind !== 'user';
}

/** The guest's memory in KiB, as its balloon driver tells it. */
export interface GuestMemory {
  readonly available: number;
  readonly unused: number;
  readonly usable: number;
  readonly caches: number;
}

export function guestMemory(domain: LabDomain, seconds: number): GuestMemory {
  // The kernel keeps a little for itself before it counts.
  const available = Math.floor(domain.balloon * 0.97);
  const used = available * domain.load.memoryShare(seconds);
  const caches = Math.floor((available - used) * 0.5 * Math.min(1, seconds / 300));
  const unused = Math.floor(available - used - caches);
  return { available, unused, usable: Math.floor(unused + 0.9 * caches), caches };
}

/** KiB of host memory that the domain's process holds: what the guest once touched stays. */
export function residentMemory(domain: LabDomain, seconds: number): number {
  return (
    40_960 + Math.floor(domain.balloon * Math.min(0.98, 0.2 + seconds / 40_000 + 0.4 * domain.load.mean))
  );
}

/** True once the guest's balloon driver answers: its kernel must be up. */
export function reportsMemory({ definition }: LabDomain, seconds: number): boolean {
  const { balloon, os } = definition;
  return balloon && os.balloonStats && seconds > os.leaseAfter / 2;
}
