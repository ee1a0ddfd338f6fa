import { classPrefix, netmask, nthAddress, type Subnet, subnetOf } from '../ip.js';
import { pciAddress } from './device-names.js';
import { attribute, children, content, type Element, parseRoot, text } from './element.js';
import { type Attributes, document, element, type Markup, optional } from './write.js';

/** How a network reaches the outside; `isolated` has no <forward> at all. */
export const forwardModes = ['nat', 'route', 'open', 'isolated', 'bridge'] as const;

/** What screens and checks need of a network's XML. */
export interface NetworkDescription {
  readonly name: string;
  /** libvirt's word ("nat", "route", "bridge", "hostdev", …), "isolated" where it has none. */
  readonly forward: string;
  /** The host's interfaces that it goes out by, where it is tied to some; devices on PCI by their addresses. */
  readonly device: string | undefined;
  readonly bridge: string | undefined;
  /** DNS domain of its guests. */
  readonly domain: string | undefined;
  /** Interfaces of guests on it; told of an active network only. */
  readonly connections: number | undefined;
  readonly families: readonly NetworkFamily[];
}

/** One <ip> of a network, in its order: its index is an update's `parentIndex`. */
export interface NetworkFamily {
  readonly family: 'ipv4' | 'ipv6';
  /** The host's own address on it. */
  readonly address: string;
  readonly subnet: Subnet | undefined;
  readonly ranges: readonly { readonly start: string; readonly end: string }[];
  readonly hosts: readonly StaticHost[];
}

/** An address that DHCP keeps for one guest. */
export interface StaticHost {
  /** IPv4; IPv6 knows guests by `id` (DUID) or name. */
  readonly mac: string | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly ip: string;
}

/** Reads a network's XML. Throws when it is no XML or no network. */
export function describeNetwork(xml: string): NetworkDescription {
  const root = parseRoot(xml, 'network');
  const forward = children(root, 'forward')[0];
  const count = attribute(root, 'connections');
  return {
    name: text(root, 'name') ?? '',
    // <forward/> without a mode is NAT, by libvirt's documents.
    forward: forward === undefined ? 'isolated' : (attribute(forward, 'mode') ?? 'nat'),
    device: forwardDevices(forward),
    bridge: attribute(children(root, 'bridge')[0], 'name'),
    domain: attribute(children(root, 'domain')[0], 'name'),
    connections: count === undefined ? undefined : Number(count),
    families: children(root, 'ip').map(readFamily),
  };
}

/** Either all by name, or by address; libvirt tells the first of a list as `dev` as well, and what it made of a `pf`. */
function forwardDevices(forward: Element | undefined): string | undefined {
  const named = (tag: string) => children(forward, tag).map((one) => attribute(one, 'dev'));
  const lists = [
    named('interface'),
    [attribute(forward, 'dev')],
    named('pf'),
    children(forward, 'address').map(pciAddress),
  ].map((list) => list.filter((device) => device !== undefined));
  return lists.find((list) => list.length > 0)?.join(', ');
}

function readFamily(ip: Element): NetworkFamily {
  const address = attribute(ip, 'address') ?? '';
  const mask = attribute(ip, 'netmask');
  const unsaid = mask === undefined ? String(classPrefix(address)) : undefined;
  const dhcp = children(ip, 'dhcp')[0];
  const family = attribute(ip, 'family') === 'ipv6' || address.includes(':') ? 'ipv6' : 'ipv4';
  return {
    family,
    address,
    subnet: subnetOf(address, mask, attribute(ip, 'prefix') ?? unsaid),
    ranges: children(dhcp, 'range').map((range) => ({
      start: attribute(range, 'start') ?? '',
      end: attribute(range, 'end') ?? '',
    })),
    hosts: children(dhcp, 'host').map((host) => ({
      mac: attribute(host, 'mac'),
      id: attribute(host, 'id'),
      name: attribute(host, 'name') ?? content(children(host, 'name')[0]),
      ip: attribute(host, 'ip') ?? '',
    })),
  };
}

/** What a person decides of a new network. */
export interface NetworkSpec {
  readonly name: string;
  readonly forward: (typeof forwardModes)[number];
  /** The bridge's name; for mode `bridge` the host's existing one. Empty: libvirt finds one. */
  readonly bridge?: string | undefined;
  /** The host's interface to go out by; any where it is left out. */
  readonly device?: string | undefined;
  readonly domain?: string | undefined;
  /** None for mode `bridge`, or a network without addresses. */
  readonly families?: readonly {
    readonly subnet: Subnet;
    /** None: no DHCP. */
    readonly range?: { readonly start: string; readonly end: string } | undefined;
  }[];
}

/** The definition of a new network. */
export function networkXml(spec: NetworkSpec): string {
  const { name, forward, bridge, device, domain, families = [] } = spec;
  const own = forward !== 'bridge';
  return document(
    element('network', {}, [
      optional('name', name),
      forward === 'isolated' ? undefined : element('forward', { mode: forward, dev: device || undefined }),
      own || bridge
        ? element('bridge', { name: bridge || undefined, ...(own && { stp: 'on', delay: 0 }) })
        : undefined,
      domain ? element('domain', { name: domain }) : undefined,
      ...families.map(familyXml),
    ]),
  );
}

function familyXml({ subnet, range }: NonNullable<NetworkSpec['families']>[number]): Markup {
  // The host takes the first address, as every network that libvirt's tools make.
  const address = nthAddress(subnet, 1);
  const attributes: Attributes =
    subnet.family === 'ipv4'
      ? { address, netmask: netmask(subnet.prefix) }
      : { family: 'ipv6', address, prefix: subnet.prefix };
  const dhcp = range && element('dhcp', {}, [element('range', { start: range.start, end: range.end })]);
  return element('ip', attributes, [dhcp]);
}

/** The element of a static host, for an update. */
export function staticHostXml({ mac, id, name, ip }: StaticHost): string {
  return element('host', { mac, id, name, ip }).lines.join('');
}
