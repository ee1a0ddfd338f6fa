import { completeNetwork } from '../../xml/network-xml.js';
import { element, type XmlNode } from '../../xml/tree.js';
import type { LabDomain } from '../domain.js';
import { macOf } from '../generate.js';
import type { Random } from '../random.js';
import { definitionOf } from './definition.js';
import { guestAddresses } from './leases.js';
import type { Networks } from './networks.js';

export interface NetworkGeneration {
  /** Of the default network. */
  readonly uuid: string;
  readonly domains: readonly LabDomain[];
  readonly random: Random;
}

/** What a /24 has room for, with some space for domains to come. */
const smallNetwork = 180;

/**
 * The networks of a new host: libvirt's own default one (larger where the domains would not fit into it), an
 * isolated one for the second interfaces of some guests, and a routed one that nobody has started.
 */
export function generateNetworks(networks: Networks, { uuid, domains, random }: NetworkGeneration): void {
  const defaults = { random, freeBridge: () => networks.freeBridge() };
  const make = (children: readonly XmlNode[], active: boolean) => {
    const tree = completeNetwork(element('network', {}, children), defaults);
    const network = networks.define(definitionOf(tree));
    if (active) networks.start(network);
    network.autostart = active;
    return network;
  };
  const stem = domains.length <= smallNetwork ? '192.168.122' : '172.20';
  const usual = make(
    [
      element('name', {}, 'default'),
      element('uuid', {}, uuid),
      element('forward', { mode: 'nat' }),
      element('bridge', { name: 'virbr0', stp: 'on', delay: 0 }),
      element('mac', { address: '52:54:00:0a:b1:01' }),
      stem === '172.20'
        ? subnet('172.20.0.1', '255.255.0.0', '172.20.0.2', '172.20.255.254')
        : subnet('192.168.122.1', '255.255.255.0', '192.168.122.2', '192.168.122.254'),
    ],
    true,
  );
  make(
    [
      element('name', {}, 'isolated'),
      subnet('10.20.0.1', '255.255.0.0', '10.20.0.10', '10.20.255.250'),
      element('ip', { family: 'ipv6', address: 'fd20:0:0:20::1', prefix: 64 }, [
        element('dhcp', {}, [element('range', { start: 'fd20:0:0:20::100', end: 'fd20:0:0:20::ffff' })]),
      ]),
    ],
    true,
  );
  make(
    [
      element('name', {}, 'staging'),
      element('forward', { mode: 'route', dev: 'eno1' }),
      element('domain', { name: 'staging.example', localOnly: 'yes' }),
      element('dns', {}, [
        element('host', { ip: '10.30.0.2' }, [element('hostname', {}, 'registry.staging.example')]),
      ]),
      subnet('10.30.0.1', '255.255.255.0', '10.30.0.100', '10.30.0.199'),
    ],
    false,
  );
  pinSome();

  /** A guest that always gets the address it has, and a machine that is not there at the moment. */
  function pinSome(): void {
    const index = domains.findIndex(({ definition }) => definition.nics[0]?.source === 'default');
    const pinned = domains[index];
    const hosts = [
      element('host', {
        mac: macOf(random),
        name: 'spare',
        ip: `${stem}${stem === '172.20' ? '.255' : ''}.250`,
      }),
    ];
    if (pinned !== undefined) {
      const [address] = guestAddresses(networks, pinned, 0);
      const mac = pinned.definition.nics[0]?.mac;
      hosts.unshift(element('host', { mac, name: pinned.name, ip: address?.address }));
    }
    for (const host of hosts) {
      // Last in both: virNetworkUpdateCommand, virNetworkUpdateSection and virNetworkUpdateFlags.
      networks.update(usual, { command: 3, section: 4, parentIndex: -1, element: host }, 3);
    }
  }
}

function subnet(address: string, netmask: string, start: string, end: string): XmlNode {
  return element('ip', { address, netmask }, [element('dhcp', {}, [element('range', { start, end })])]);
}
