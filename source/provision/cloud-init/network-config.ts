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
    })),
    services: nameservers.map((server) => ({ type: 'dns', address: server })),
  });
}

/** The place of the address that the gateway's route is written at: the first of its family. */
function firstOf(addresses: readonly string[], gateway: string | undefined): number {
  if (gateway === undefined) return -1;
  return addresses.findIndex((address) => isIpv6(address) === isIpv6(gateway));
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
