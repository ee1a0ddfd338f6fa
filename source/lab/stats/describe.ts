import { StatsType } from '../../libvirt/constants.js';
import {
  cpuTime,
  diskAllocation,
  diskTraffic,
  guestMemory,
  hasHostInterface,
  hostInterface,
  reportsMemory,
  residentMemory,
  traffic,
  vcpuSeconds,
  vcpuTime,
} from '../world/counters.js';
import type { Definition, LabDisk, LabNic } from '../world/definition.js';
import type { LabDomain } from '../world/domain.js';
import { blockFields, netFields, vcpuFields } from './field-names.js';
import type { ParamSink } from './sink.js';

/** Everything that this host can tell; what a call with 0 asks for. */
export const allGroups = Object.values(StatsType).reduce((bits, bit) => bits | bit, 0);

const none = new Float64Array();

/** One moment of one domain, worked out once for all groups. */
interface Moment {
  readonly domain: LabDomain;
  readonly seconds: number;
  /** Seconds of each vCPU; without a meaning while the domain is inactive. */
  readonly used: Float64Array;
  readonly work: number;
  /** Nothing that QEMU itself would have to be asked. */
  readonly monitor: boolean;
}

type Group = (moment: Moment, sink: ParamSink) => void;

/** The groups in libvirt's order, with the fields of QEMU's driver in version 9.0 in their order. */
const groups: readonly (readonly [number, Group])[] = [
  [StatsType.state, state],
  [StatsType.cpu, cpu],
  [StatsType.balloon, balloon],
  [StatsType.vcpu, vcpu],
  [StatsType.interface, net],
  [StatsType.block, block],
];

/**
 * Tells `sink` one record of the bulk statistics. Which fields there are and their order depend only on what
 * `momentKey` and `layoutOf` hold.
 *
 * @param wanted bits of virDomainStatsTypes
 * @param monitor false: the domain is busy and the caller does not want to wait
 */
export function describeStats(
  domain: LabDomain,
  wanted: number,
  monitor: boolean,
  now: number,
  sink: ParamSink,
): void {
  const seconds = domain.guestSeconds(now);
  const used = domain.active ? vcpuSeconds(domain, seconds) : none;
  const moment = { domain, seconds, used, work: used[0] ?? 0, monitor };
  for (const [bit, group] of groups) if (wanted & bit) group(moment, sink);
}

/** What of a domain's moment decides which fields its record has, beside `layoutOf` its definition. */
export function momentKey(domain: LabDomain, wanted: number, monitor: boolean, now: number): number {
  const reports = reportsMemory(domain, domain.guestSeconds(now));
  return wanted * 8 + (monitor ? 4 : 0) + (domain.active ? 2 : 0) + (reports ? 1 : 0);
}

/** What of a definition decides which fields a record has. */
export function layoutOf({ vcpus, nics, disks }: Definition): string {
  const interfaces = nics.map((nic) => (hasHostInterface(nic) ? 'n' : '-')).join('');
  const drives = disks.map((disk) => (disk.source === undefined ? '-' : 'd')).join('');
  return `${vcpus} ${interfaces} ${drives}`;
}

function state({ domain }: Moment, sink: ParamSink): void {
  sink.int('state.state', domain.state);
  sink.int('state.reason', domain.reason);
}

function cpu({ domain, used }: Moment, sink: ParamSink): void {
  if (!domain.active) return;
  const time = cpuTime(domain, used);
  sink.ullong('cpu.time', time);
  sink.ullong('cpu.user', Math.floor(0.7 * time));
  sink.ullong('cpu.system', Math.floor(0.3 * time));
  sink.uint('cpu.cache.monitor.count', 0);
}

function balloon({ domain, seconds, monitor }: Moment, sink: ParamSink): void {
  sink.ullong('balloon.current', domain.balloon);
  sink.ullong('balloon.maximum', domain.definition.memory);
  if (!domain.active || !monitor) return;
  if (reportsMemory(domain, seconds)) {
    const { available, unused, usable, caches } = guestMemory(domain, seconds);
    sink.ullong('balloon.swap_in', 0);
    sink.ullong('balloon.swap_out', 0);
    sink.ullong('balloon.major_fault', Math.floor(800 + seconds / 60));
    sink.ullong('balloon.minor_fault', Math.floor(200_000 + 400 * seconds));
    sink.ullong('balloon.unused', unused);
    sink.ullong('balloon.available', available);
    sink.ullong('balloon.usable', usable);
    sink.ullong('balloon.disk_caches', caches);
  }
  sink.ullong('balloon.last-update', 0);
  sink.ullong('balloon.rss', residentMemory(domain, seconds));
}

function vcpu({ domain, used, monitor }: Moment, sink: ParamSink): void {
  const { vcpus, maxVcpus } = domain.definition;
  sink.uint('vcpu.current', vcpus);
  sink.uint('vcpu.maximum', maxVcpus);
  if (!domain.active || !monitor) return;
  for (let index = 0; index < vcpus; index += 1) {
    const fields = vcpuFields(index);
    const time = vcpuTime(used, index);
    sink.int(fields.state, 1);
    sink.ullong(fields.time, time);
    sink.ullong(fields.wait, 0);
    sink.ullong(fields.delay, Math.floor(time / 500));
  }
}

function net({ domain, seconds, work }: Moment, sink: ParamSink): void {
  if (!domain.active) return;
  const { nics } = domain.definition;
  sink.uint('net.count', nics.length);
  for (let index = 0; index < nics.length; index += 1) {
    const nic = nics[index] as LabNic;
    if (!hasHostInterface(nic)) continue;
    const fields = netFields(index);
    const counters = traffic(domain, index, seconds, work);
    sink.text(fields.name, hostInterface(domain, index));
    sink.ullong(fields['rx.bytes'], counters.received);
    sink.ullong(fields['rx.pkts'], counters.receivedPackets);
    sink.ullong(fields['rx.errs'], 0);
    sink.ullong(fields['rx.drop'], 0);
    sink.ullong(fields['tx.bytes'], counters.sent);
    sink.ullong(fields['tx.pkts'], counters.sentPackets);
    sink.ullong(fields['tx.errs'], 0);
    sink.ullong(fields['tx.drop'], 0);
  }
}

function block({ domain, seconds, work, monitor }: Moment, sink: ParamSink): void {
  const { disks } = domain.definition;
  sink.uint('block.count', disks.length);
  for (let index = 0; index < disks.length; index += 1) {
    const disk = disks[index] as LabDisk;
    const fields = blockFields(index);
    sink.text(fields.name, disk.target);
    if (disk.source === undefined) continue;
    sink.text(fields.path, disk.source);
    if (domain.active && monitor) {
      const counters = diskTraffic(domain, index, seconds, work);
      sink.uint(fields.backingIndex, index + 1);
      sink.ullong(fields['rd.reqs'], counters.readRequests);
      sink.ullong(fields['rd.bytes'], counters.read);
      sink.ullong(fields['rd.times'], counters.readRequests * 180_000);
      sink.ullong(fields['wr.reqs'], counters.writeRequests);
      sink.ullong(fields['wr.bytes'], counters.written);
      sink.ullong(fields['wr.times'], counters.writeRequests * 420_000);
      sink.ullong(fields['fl.reqs'], counters.flushes);
      sink.ullong(fields['fl.times'], counters.flushes * 900_000);
    }
    const allocation = diskAllocation(domain, disk);
    sink.ullong(fields.allocation, allocation);
    sink.ullong(fields.capacity, disk.capacity);
    sink.ullong(fields.physical, allocation);
  }
}
