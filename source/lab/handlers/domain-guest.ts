import { AddressSourceNumber } from '../../libvirt/constants.js';
import { ParamType } from '../../wire/typed-params.js';
import { refuse } from '../errors.js';
import type { HandlerTable } from '../server/handler.js';
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
import type { LabDomain } from '../world/domain.js';
import { type GuestAddress, guestAddresses, linkLocalAddress } from '../world/networks/leases.js';
import { checkActive, checkAgent } from '../world/power.js';
import type { World } from '../world/world.js';

/** virIPAddrType */
const ipv4 = 0;
const ipv6 = 1;
/** virDomainMemoryStatTags */
const MemoryTag = { unused: 4, available: 5, actual: 6, rss: 7, usable: 8, diskCaches: 10 } as const;

/** What a guest or its agent says, and counters of single devices. */
export const domainGuest: HandlerTable = {
  DOMAIN_INTERFACE_ADDRESSES({ dom, source }, { world }) {
    const domain = world.domain(dom);
    checkActive(domain);
    if (source === AddressSourceNumber.agent) return { ifaces: fromAgent(world, domain) };
    if (source === AddressSourceNumber.lease) return { ifaces: fromHost(world, domain, ['network']) };
    if (source === AddressSourceNumber.arp) return { ifaces: fromHost(world, domain, ['network', 'bridge']) };
    throw refuse.invalidArg(`Unknown IP address data source ${source}`);
  },
  DOMAIN_MEMORY_STATS({ dom, maxStats }, { world }) {
    const domain = world.domain(dom);
    checkActive(domain);
    const seconds = domain.guestSeconds(world.now());
    const stats: { tag: number; val: number }[] = [{ tag: MemoryTag.actual, val: domain.balloon }];
    if (reportsMemory(domain, seconds)) {
      const { available, unused, usable, caches } = guestMemory(domain, seconds);
      stats.push({ tag: MemoryTag.unused, val: unused }, { tag: MemoryTag.available, val: available });
      stats.push({ tag: MemoryTag.usable, val: usable }, { tag: MemoryTag.diskCaches, val: caches });
    }
    stats.push({ tag: MemoryTag.rss, val: residentMemory(domain, seconds) });
    return { stats: stats.slice(0, maxStats) };
  },
  DOMAIN_INTERFACE_STATS({ dom, device }, { world }) {
    const domain = world.domain(dom);
    checkActive(domain);
    const nic = domain.definition.nics.findIndex(
      ({ mac }, index) => hostInterface(domain, index) === device || mac === device,
    );
    if (nic < 0) throw refuse.invalidArg(`invalid path, '${device}' is not a known interface`);
    const seconds = domain.guestSeconds(world.now());
    const counters = traffic(domain, nic, seconds, domain.load.firstVcpuSeconds(seconds));
    return {
      rx_bytes: counters.received,
      rx_packets: counters.receivedPackets,
      rx_errs: 0,
      rx_drop: 0,
      tx_bytes: counters.sent,
      tx_packets: counters.sentPackets,
      tx_errs: 0,
      tx_drop: 0,
    };
  },
  DOMAIN_BLOCK_STATS({ dom, path }, { world }) {
    const { counters } = diskCounters(world, world.domain(dom), path);
    return {
      rd_req: counters.readRequests,
      rd_bytes: counters.read,
      wr_req: counters.writeRequests,
      wr_bytes: counters.written,
      errs: -1,
    };
  },
  DOMAIN_BLOCK_STATS_FLAGS({ dom, path, nparams }, { world }) {
    const { counters } = diskCounters(world, world.domain(dom), path);
    const values: readonly (readonly [string, number])[] = [
      ['wr_bytes', counters.written],
      ['wr_operations', counters.writeRequests],
      ['rd_bytes', counters.read],
      ['rd_operations', counters.readRequests],
      ['flush_operations', counters.flushes],
    ];
    if (nparams === 0) return { params: [], nparams: values.length };
    const params = values.map(([field, value]) => ({ field, type: ParamType.llong, value }));
    return { params, nparams: 0 };
  },
  DOMAIN_GET_BLOCK_INFO({ dom, path }, { world }) {
    const domain = world.domain(dom);
    const disk = domain.definition.disks[diskIndex(domain, path)];
    if (disk?.source === undefined)
      throw refuse.invalidArg(`disk '${path}' does not currently have a source assigned`);
    const allocation = diskAllocation(domain, disk);
    return { allocation, capacity: disk.capacity, physical: allocation };
  },
  DOMAIN_GET_CPU_STATS({ dom, nparams, start_cpu }, { world }) {
    const domain = world.domain(dom);
    checkActive(domain);
    const seconds = domain.guestSeconds(world.now());
    const used = vcpuSeconds(domain, seconds);
    const time = start_cpu < 0 ? cpuTime(domain, used) : vcpuTime(used, 0);
    const values: readonly (readonly [string, number])[] = [
      ['cpu_time', time],
      ['user_time', Math.floor(0.7 * time)],
      ['system_time', Math.floor(0.3 * time)],
    ];
    if (nparams === 0) return { params: [], nparams: values.length };
    return { params: values.map(([field, value]) => ({ field, type: ParamType.ullong, value })), nparams: 0 };
  },
  DOMAIN_GET_HOSTNAME({ dom }, { world }) {
    const domain = world.domain(dom);
    checkAgent(domain);
    return { hostname: domain.name };
  },
  DOMAIN_GET_TIME({ dom }, { world }) {
    checkAgent(world.domain(dom));
    const now = world.now();
    return { seconds: Math.floor(now / 1000), nseconds: (Math.floor(now) % 1000) * 1e6 };
  },
};

/** What libvirt can see of a guest's addresses from outside. */
function fromHost(world: World, domain: LabDomain, kinds: readonly string[]) {
  if (!domain.hasLease) return [];
  return domain.definition.nics.flatMap((nic, index) => {
    if (!kinds.includes(nic.kind) || !hasHostInterface(nic)) return [];
    const addresses = guestAddresses(world.networks, domain, index);
    if (addresses.length === 0) return [];
    // The host's ARP table knows no prefixes.
    const addrs = addresses.map(addressOf).map((addr) => (kinds.length > 1 ? { ...addr, prefix: 0 } : addr));
    return [{ name: hostInterface(domain, index), hwaddr: nic.mac, addrs }];
  });
}

/** What the agent inside sees, the loopback interface first. */
function fromAgent(world: World, domain: LabDomain) {
  checkAgent(domain);
  if (domain.agentAnswer !== undefined)
    return domain.agentAnswer.map((one) => ({ ...one, addrs: [...one.addrs] }));
  const { os, nics } = domain.definition;
  const loopback = {
    name: 'lo',
    hwaddr: '00:00:00:00:00:00',
    addrs: [
      { type: ipv4, addr: '127.0.0.1', prefix: 8 },
      { type: ipv6, addr: '::1', prefix: 128 },
    ],
  };
  const cards = nics.map((nic, index) => {
    const linkLocal = { type: ipv6, addr: linkLocalAddress(nic.mac), prefix: 64 };
    return {
      name: index === 0 ? os.nic : `${os.nic}-${index}`,
      hwaddr: nic.mac,
      addrs: [...guestAddresses(world.networks, domain, index).map(addressOf), linkLocal],
    };
  });
  return [loopback, ...cards];
}

function addressOf({ family, address, prefix }: GuestAddress) {
  return { type: family === 'ipv4' ? ipv4 : ipv6, addr: address, prefix };
}

function diskCounters(world: World, domain: LabDomain, path: string) {
  checkActive(domain);
  const seconds = domain.guestSeconds(world.now());
  const index = diskIndex(domain, path);
  return { counters: diskTraffic(domain, index, seconds, domain.load.firstVcpuSeconds(seconds)) };
}

function diskIndex(domain: LabDomain, path: string): number {
  const index = domain.definition.disks.findIndex(({ target, source }) => target === path || source === path);
  // The empty path means all disks together; the first stands for them.
  if (path === '') return 0;
  if (index < 0) throw refuse.invalidArg(`invalid path ${path} not assigned to domain`);
  return index;
}
