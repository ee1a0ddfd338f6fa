import { netmask, parseSubnet } from '../../libvirt/ip.js';
import type { StaticNetwork } from './request.js';
import { yamlSafeJson } from './yaml-safe-json.js';

/**
 * Found by its MAC address, the card gets this name: without one, some renderers of older versions take the
 * key for a name that the card does not have.
 */
const cardName = 'eth0';

/** NoCloud's network-config, version 2. A person's own text stays as it is. */
export function networkConfig(network: StaticNetwork | { readonly text: string }): string {
  if ('text' in network) return network.text;
  const { mac, addresses, gateway, nameservers } = network;
  return yamlSafeJson({
    version: 2,
    ethernets: {
      [cardName]: {
        match: { macaddress: mac.toLowerCase() },
        'set-name': cardName,
        addresses: addresses.map((address) => address.trim()),
        ...routeBy(gateway),
        ...(nameservers.length === 0 ? {} : { nameservers: { addresses: nameservers } }),
      },
    },
  });
}

/**
 * For IPv4 "0.0.0.0/0", since only netplan reads "default". For IPv6 the older form: cloud-init 22.4 makes a route
 * to ::/64 of "::/0", because it takes the prefix 0 for none.
 */
function routeBy(gateway: string | undefined): Readonly<Record<string, unknown>> {
  if (gateway === undefined) return {};
  return isIpv6(gateway) ? { gateway6: gateway } : { routes: [{ to: '0.0.0.0/0', via: gateway }] };
}

/** openstack/latest/network_data.json: cloud-init reads no network-config from a config drive. */
export function networkData(network: StaticNetwork | { readonly text: string }): string {
  if ('text' in network) return network.text;
  const { mac, addresses, gateway, nameservers } = network;
  return yamlSafeJson({
    links: [{ id: cardName, name: cardName, type: 'phy', ethernet_mac_address: mac.toLowerCase() }],
    networks: addresses.map((address, index) => ({
      id: `network${index}`,
      link: cardName,
      ...ofAddress(address.trim(), index === firstOf(addresses, gateway) ? gateway : undefined),
      ...serversAt(index, addresses, nameservers),
    })),
    services: nameservers.map((server) => ({ type: 'dns', address: server })),
  });
}

/**
 * cloud-init writes the services of the whole machine to no configuration of NetworkManager's; what it takes as a
 * key of a network, though OpenStack has none of that name, it does (convert_net_json in
 * cloudinit/sources/helpers/openstack.py, 22.4). Each server is written at the first address of its family.
 */
function serversAt(
  index: number,
  addresses: readonly string[],
  nameservers: readonly string[],
): { readonly dns_nameservers?: readonly string[] } {
  const own = nameservers.filter((server) => Math.max(firstOf(addresses, server), 0) === index);
  return own.length === 0 ? {} : { dns_nameservers: own };
}

/** The place of the address that a gateway's route or a name server is written at: the first of its family. */
function firstOf(addresses: readonly string[], other: string | undefined): number {
  if (other === undefined) return -1;
  return addresses.findIndex((address) => isIpv6(address) === isIpv6(other));
}

function ofAddress(address: string, gateway: string | undefined): Readonly<Record<string, unknown>> {
  const [host = '', prefix = ''] = address.split('/');
  if (isIpv6(address)) {
    // cloud-init takes the prefix from the address and has no other place for it that every version reads.
    return { type: 'ipv6', ip_address: address, routes: routesBy('::', '::', gateway) };
  }
  return {
    type: 'ipv4',
    ip_address: host,
    netmask: netmask(parseSubnet(address)?.prefix ?? Number(prefix)),
    routes: routesBy('0.0.0.0', '0.0.0.0', gateway),
  };
}

function routesBy(network: string, mask: string, gateway: string | undefined): readonly object[] {
  return gateway === undefined ? [] : [{ network, netmask: mask, gateway }];
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}
