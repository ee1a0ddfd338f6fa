import type { LabNic } from '../definition.js';
import type { LabDomain } from '../domain.js';
import { type Family, formatAddress } from './address.js';
import type { IpBlock, NetworkDefinition } from './definition.js';
import type { Networks } from './networks.js';

/** Seconds for which a lease is given. */
const leaseTime = 3600;

export interface GuestAddress {
  readonly family: Family;
  readonly address: string;
  readonly prefix: number;
}

/**
 * The addresses that a domain's interface has, IPv4 first: from the DHCP server of a virtual network, else
 * from one that the host knows nothing of. None on a network that is not running, or gives none.
 */
export function guestAddresses(networks: Networks, domain: LabDomain, nic: number): readonly GuestAddress[] {
  const card = domain.definition.nics[nic] as LabNic;
  const found = card.kind === 'network' ? networks.byName(card.source) : undefined;
  if (found !== undefined && !found.active) return [];
  if (found?.live !== undefined && found.live.ips.length > 0) return leasedAddresses(found.live, domain, nic);
  const { ordinal } = domain;
  const address = `10.${70 + nic}.${Math.floor(ordinal / 240)}.${10 + (ordinal % 240)}`;
  return [{ family: 'ipv4', address, prefix: 16 }];
}

/** What the DHCP servers of a running network have given to a domain's interface. */
function leasedAddresses({ ips }: NetworkDefinition, domain: LabDomain, nic: number): GuestAddress[] {
  const { mac } = domain.definition.nics[nic] as LabNic;
  return ips.flatMap((ip) => {
    const pinned = ip.hosts.find((host) => (host.mac ? host.mac === mac : host.name === domain.name));
    const value = pinned?.address?.value ?? dynamicAddress(ip, domain.ordinal, nic);
    if (value === undefined) return [];
    const { family, prefix } = ip;
    return [{ family, address: formatAddress({ family, value }), prefix }];
  });
}

/** Out of the first range, beginning with the ninth address, and never .0 or .255 of a network from .2 on. */
function dynamicAddress({ ranges, hosts }: IpBlock, ordinal: number, nic: number): bigint | undefined {
  const range = ranges[0];
  if (range === undefined) return undefined;
  const size = range.end.value - range.start.value + 1n;
  const taken = new Set(hosts.map(({ address }) => address?.value));
  // A domain's second interface on a network lies half the range away.
  let offset = BigInt(256 * Math.floor(ordinal / 240) + 8 + (ordinal % 240)) + BigInt(nic) * (size / 2n);
  for (let tries = 0n; tries < size; tries += 1n, offset += 1n) {
    const value = range.start.value + (offset % size);
    if (!taken.has(value)) return value;
  }
  return undefined;
}

/** A lease as the protocol has it. */
export interface Lease {
  readonly iface: string;
  readonly expirytime: number;
  readonly type: number;
  readonly mac: string;
  readonly iaid: string | undefined;
  readonly ipaddr: string;
  readonly prefix: number;
  readonly hostname: string;
  readonly clientid: string;
}

/** The leases that a running network's DHCP servers have given to the guests that are up. */
export function leasesOf(network: NetworkDefinition, domains: Iterable<LabDomain>, now: number): Lease[] {
  const renewed = Math.floor(now / 1000 / leaseTime) * leaseTime;
  const leases: Lease[] = [];
  for (const domain of domains) {
    if (!domain.hasLease || !domain.active) continue;
    for (const [index, nic] of domain.definition.nics.entries()) {
      if (nic.kind !== 'network' || nic.source !== network.name) continue;
      for (const { family, address, prefix } of leasedAddresses(network, domain, index)) {
        const v6 = family === 'ipv6';
        leases.push({
          iface: network.bridge ?? '',
          expirytime: renewed + leaseTime + (domain.ordinal % leaseTime),
          type: v6 ? 1 : 0,
          mac: nic.mac,
          iaid: v6 ? String(domain.ordinal + 1) : undefined,
          ipaddr: address,
          prefix,
          hostname: domain.name,
          clientid: v6 ? `00:01:00:01:2e:4f:6a:00:${nic.mac}` : `01:${nic.mac}`,
        });
      }
    }
  }
  return leases;
}

/** How many interfaces of running guests are on a network. */
export function connectionsOf(name: string, domains: Iterable<LabDomain>): number {
  let count = 0;
  for (const { active, definition } of domains) {
    if (!active) continue;
    for (const { kind, source } of definition.nics) if (kind === 'network' && source === name) count += 1;
  }
  return count;
}

/** The IPv6 address that a guest makes itself out of its MAC address (EUI-64). */
export function linkLocalAddress(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((part) => Number.parseInt(part, 16));
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
  return `fe80::${hex(a ^ 2, b)}:${hex(c, 0xff)}:${hex(0xfe, d)}:${hex(e, f)}`;
}
