import type { Connection } from '../../../inventory/types.js';
import { DomainState } from '../../../libvirt/domain-state.js';
import { isUnsupported } from '../../../libvirt/errors.js';
import type { HostInfo } from '../../../libvirt/hypervisor.js';
import type { ConnectionSetting } from '../../../settings/settings.js';
import { count, duration, kib, kibOf } from '../../../text/units.js';
import { clockText } from '../../kit/clock.js';
import type { Fact } from '../../kit/facts.js';
import { milliseconds, summarize } from '../../services/latency.js';

/** What the connection leads to; undefined values are not known (yet). */
export function hostFacts({ uri, info, load, domains }: Connection): Fact[] {
  return known([
    ['URI', uri],
    ['Host', info?.hostname],
    ['Versions', info && versionsText(info)],
    ['CPU', info && cpuText(info)],
    ['Topology', info && topologyText(info)],
    ['Memory', memoryText(info, load)],
    ['Domains', info === undefined && domains.size === 0 ? undefined : domainsText(domains)],
  ]);
}

/** How the connection itself is doing. */
export function connectionFacts(
  { status, metrics }: Connection,
  saved: ConnectionSetting | undefined,
  now: number,
): Fact[] {
  const latency = metrics && summarize(metrics.latencies);
  return known([
    ['Connected', status.state === 'connected' ? sinceText(status.since, now) : undefined],
    ['Autoconnect', autoconnectText(saved)],
    [
      'Latency',
      latency &&
        `last ${milliseconds(latency.last)}, median ${milliseconds(latency.median)}, p95 ${milliseconds(latency.p95)}`,
    ],
    [
      'Traffic',
      metrics &&
        `${metrics.calls} calls, ${bytes(metrics.bytesReceived)} received, ${bytes(metrics.bytesSent)} sent`,
    ],
  ]);
}

function versionsText({ libvirtVersion, type, hypervisorVersion }: HostInfo): string {
  const version = isUnsupported(hypervisorVersion) ? '' : ` ${hypervisorVersion}`;
  return `libvirt ${libvirtVersion}, ${type}${version}`;
}

function cpuText({ cpus, cpuModel, mhz }: HostInfo): string {
  return [count(cpus, 'CPU'), cpuModel, ...(mhz > 0 ? [`${mhz} MHz`] : [])].join(', ');
}

/** libvirt counts the sockets of each NUMA node, the cores of each socket, the threads of each core. */
function topologyText({ numaNodes, sockets, cores, threads }: HostInfo): string {
  return `NUMA nodes ${numaNodes}, sockets ${sockets}, cores ${cores}, threads ${threads}`;
}

function memoryText(info: HostInfo | undefined, load: Connection['load']): string | undefined {
  const total = load.memoryTotal ?? info?.memory;
  if (info === undefined || total === undefined) return undefined;
  const used = load.memoryUsed.last;
  return used === undefined ? kib(total) : `${kibOf(used, total).trim().replace(/ +/g, ' ')} used`;
}

function domainsText(domains: Connection['domains']): string {
  let running = 0;
  for (const { state } of domains.values())
    if (state === DomainState.running || state === DomainState.blocked) running += 1;
  return `${domains.size}, ${running} running`;
}

const day = 24 * 3600 * 1000;

function sinceText(since: number, now: number): string {
  const at = now - since < day ? `since ${clockText(since)}` : `since ${new Date(since).toDateString()}`;
  return `${at}, for ${duration(now - since)}`;
}

function autoconnectText(saved: ConnectionSetting | undefined): string {
  if (saved === undefined) return 'off (not in the settings)';
  return saved.autoconnect ? 'on: connected when the program starts' : 'off';
}

function bytes(value: number): string {
  return value < 1024 ? `${value} B` : kib(value / 1024);
}

function known(facts: readonly (readonly [label: string, value: string | undefined])[]): Fact[] {
  return facts.flatMap(([label, value]): Fact[] => (value === undefined ? [] : [[label, [value]]]));
}
