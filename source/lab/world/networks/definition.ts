import { refuseNetwork as refuse } from '../../errors.js';
import { attribute, child, childrenOf, textOf, type XmlNode } from '../../xml/tree.js';
import {
  type Address,
  bitsOf,
  type Family,
  formatAddress,
  inSubnet,
  parseAddress,
  prefixOf,
} from './address.js';

export interface DhcpHost {
  readonly mac: string | undefined;
  /** DUID of an IPv6 client. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly address: Address | undefined;
}

export interface DhcpRange {
  readonly start: Address;
  readonly end: Address;
}

/** One <ip> element. */
export interface IpBlock {
  readonly family: Family;
  /** The host's own address in the network. */
  readonly address: Address;
  readonly prefix: number;
  readonly ranges: readonly DhcpRange[];
  readonly hosts: readonly DhcpHost[];
}

/** What a network is; the XML tells all, the rest is read out of it. */
export interface NetworkDefinition {
  readonly tree: XmlNode;
  readonly name: string;
  readonly uuid: string;
  /** Absent: isolated. */
  readonly mode: string | undefined;
  readonly bridge: string | undefined;
  readonly ips: readonly IpBlock[];
}

/** Modes whose bridge is libvirt's own: it makes it, and gives it a name and a MAC address. */
export const ownBridge: ReadonlySet<string | undefined> = new Set([undefined, 'nat', 'route', 'open']);
const modes: ReadonlySet<string> = new Set([
  'nat',
  'route',
  'open',
  'bridge',
  'private',
  'vepa',
  'passthrough',
  'hostdev',
]);
const needAddress: ReadonlySet<string | undefined> = new Set(['nat', 'route']);

/** Reads a network's element. Throws as libvirt does for what it would not take. */
export function definitionOf(tree: XmlNode): NetworkDefinition {
  const name = textOf(tree, 'name') ?? '';
  const mode = forwardMode(tree);
  const ips = childrenOf(tree, 'ip').map((ip) => readIp(ip, name));
  if (needAddress.has(mode) && ips.length === 0) {
    throw refuse.xml(`${mode} forwarding requested, but no IP address provided for network '${name}'`);
  }
  const bridge = attribute(child(tree, 'bridge'), 'name');
  return { tree, name, uuid: textOf(tree, 'uuid') ?? '', mode, bridge, ips };
}

/** How packets leave the network; absent: not at all. */
export function forwardMode(tree: XmlNode): string | undefined {
  const forward = child(tree, 'forward');
  if (forward === undefined) return undefined;
  const mode = attribute(forward, 'mode') ?? 'nat';
  if (!modes.has(mode)) throw refuse.config(`unknown forwarding type '${mode}'`);
  return mode;
}

/** Reads one <host> of <dhcp>, whatever of it is there. */
export function readHost(node: XmlNode): DhcpHost {
  const ip = attribute(node, 'ip');
  return {
    mac: attribute(node, 'mac')?.toLowerCase(),
    id: attribute(node, 'id'),
    name: attribute(node, 'name'),
    address: ip === undefined ? undefined : parseAddress(ip),
  };
}

function readIp(node: XmlNode, network: string): IpBlock {
  const text = attribute(node, 'address') ?? '';
  const address = parseAddress(text);
  const family = attribute(node, 'family') ?? 'ipv4';
  if (address === undefined) throw refuse.xml(`Invalid address '${text}' in network '${network}'`);
  if (address.family !== family) {
    throw refuse.xml(
      family === 'ipv6'
        ? `family 'ipv6' specified for non-IPv6 address '${text}' in network '${network}'`
        : `no family specified for non-IPv4 address '${text}' in network '${network}'`,
    );
  }
  const netmask = attribute(node, 'netmask');
  const prefix =
    netmask === undefined ? Number(attribute(node, 'prefix') ?? defaultPrefix(address)) : prefixOf(netmask);
  if (prefix === undefined) {
    throw refuse.xml(
      `network '${network}' has invalid netmask '${netmask}' for address '${text}' (both must be IPv4)`,
    );
  }
  if (!Number.isInteger(prefix) || prefix > bitsOf[address.family]) {
    throw refuse.xml(`Invalid prefix '${attribute(node, 'prefix')}' in network '${network}'`);
  }
  const dhcp = child(node, 'dhcp');
  return {
    family: address.family,
    address,
    prefix,
    ranges: childrenOf(dhcp, 'range').map((range) => readRange(range, { address, prefix }, network)),
    hosts: childrenOf(dhcp, 'host').map(readHost),
  };
}

/** Reads a <range>, which must lie in its subnet. */
export function readRange(
  node: XmlNode,
  { address, prefix }: Pick<IpBlock, 'address' | 'prefix'>,
  network: string,
): DhcpRange {
  const [start, end] = ['start', 'end'].map((name) => {
    const text = attribute(node, name);
    if (text === undefined)
      throw refuse.xml(`Missing '${name}' attribute in dhcp range for network '${network}'`);
    const parsed = parseAddress(text);
    if (parsed === undefined) {
      throw refuse.xml(`Invalid dhcp range ${name} address '${text}' in network '${network}'`);
    }
    return parsed;
  }) as [Address, Address];
  const words = `range ${formatAddress(start)} - ${formatAddress(end)}`;
  if (!inSubnet(start, address, prefix) || !inSubnet(end, address, prefix)) {
    throw refuse.internal(`${words} is not entirely within network ${formatAddress(address)}/${prefix}`);
  }
  if (start.value > end.value) throw refuse.internal(`${words} is reversed`);
  return { start, end };
}

/** By the classes of old for IPv4, as libvirt has it. */
function defaultPrefix({ family, value }: Address): number {
  if (family === 'ipv6') return 64;
  const first = Number(value >> 24n);
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}
