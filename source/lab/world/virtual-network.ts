import type { LabNic } from './definition.js';
import type { LabDomain } from './domain.js';
import type { Random } from './random.js';

/** The one virtual network that every libvirt installation begins with. */
export interface VirtualNetwork {
  readonly name: string;
  readonly uuid: string;
  readonly bridge: string;
  readonly mac: string;
  /** "192.168.122" or "172.20": what all its addresses begin with. */
  readonly stem: string;
  readonly prefix: number;
  readonly netmask: string;
}

/** What a /24 has room for, with some space for domains to come. */
const smallNetwork = 180;
/** Seconds for which a lease is given. */
export const leaseTime = 3600;

/** libvirt's own default network; a larger one where the domains would not fit into it. */
export function virtualNetwork(domains: number, random: Random): VirtualNetwork {
  const small = domains <= smallNetwork;
  return {
    name: 'default',
    uuid: random.uuid(),
    bridge: 'virbr0',
    mac: '52:54:00:0a:b1:01',
    stem: small ? '192.168.122' : '172.20',
    prefix: small ? 24 : 16,
    netmask: small ? '255.255.255.0' : '255.255.0.0',
  };
}

export interface GuestAddress {
  readonly address: string;
  readonly prefix: number;
}

/** The IPv4 address that a domain's interface gets wherever it is plugged in. */
export function guestAddress(network: VirtualNetwork, domain: LabDomain, nic: number): GuestAddress {
  const { kind } = domain.definition.nics[nic] as LabNic;
  // Beginning at .10, and never .0 or .255, which look broken.
  const high = Math.floor(domain.ordinal / 240);
  const low = 10 + (domain.ordinal % 240);
  if (nic > 0 || kind !== 'network') return { address: `10.${70 + nic}.${high}.${low}`, prefix: 16 };
  const host = network.prefix === 24 ? `${low}` : `${high}.${low}`;
  return { address: `${network.stem}.${host}`, prefix: network.prefix };
}

/** The IPv6 address that a guest makes itself out of its MAC address (EUI-64). */
export function linkLocalAddress(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((part) => Number.parseInt(part, 16));
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
  return `fe80::${hex(a ^ 2, b)}:${hex(c, 0xff)}:${hex(0xfe, d)}:${hex(e, f)}`;
}
