import { refuse } from '../errors.js';
import type { HandlerTable } from '../server/handler.js';
import { guestAddress, leaseTime, type VirtualNetwork } from '../world/virtual-network.js';
import type { World } from '../world/world.js';
import { networkXml } from '../xml/host-xml.js';

/** virConnectListAllNetworksFlags that the one network of this host does not match. */
const Filter = { inactive: 1, transient: 8, noAutostart: 32 } as const;
const others = [
  [Filter.inactive, 2],
  [Filter.transient, 4],
  [Filter.noAutostart, 16],
] as const;

/** The default network, active and started with the host; changing networks comes in a later issue. */
export const networks: HandlerTable = {
  CONNECT_LIST_ALL_NETWORKS({ need_results, flags }, { world: { network } }) {
    // A filter group that names only the other kind leaves nothing.
    const none = others.some(([other, own]) => flags & other && !(flags & own));
    const { name, uuid } = network;
    const nets = none ? [] : [{ name, uuid }];
    return { nets: need_results ? nets : [], ret: nets.length };
  },
  NETWORK_LOOKUP_BY_NAME({ name }, { world: { network } }) {
    if (name !== network.name) throw refuse.noNetwork(`no network with matching name '${name}'`);
    return { net: { name, uuid: network.uuid } };
  },
  NETWORK_LOOKUP_BY_UUID({ uuid }, { world }) {
    const { name } = networkOf(world, { name: '', uuid });
    return { net: { name, uuid } };
  },
  NETWORK_GET_XML_DESC: ({ net }, { world }) => ({ xml: networkXml(networkOf(world, net)) }),
  NETWORK_GET_BRIDGE_NAME: ({ net }, { world }) => ({ name: networkOf(world, net).bridge }),
  NETWORK_GET_AUTOSTART({ net }, { world }) {
    networkOf(world, net);
    return { autostart: 1 };
  },
  NETWORK_IS_ACTIVE({ net }, { world }) {
    networkOf(world, net);
    return { active: 1 };
  },
  NETWORK_IS_PERSISTENT({ net }, { world }) {
    networkOf(world, net);
    return { persistent: 1 };
  },
  NETWORK_GET_DHCP_LEASES({ net, mac, need_results }, { world }) {
    const network = networkOf(world, net);
    const leases = leasesOf(world, network).filter((lease) => mac === undefined || lease.mac === mac);
    return { leases: need_results ? leases : [], ret: leases.length };
  },
};

function networkOf({ network }: World, { name, uuid }: { name: string; uuid: string }): VirtualNetwork {
  if (uuid !== network.uuid) {
    throw refuse.noNetwork(`no network with matching uuid '${uuid}'${name ? ` (${name})` : ''}`);
  }
  return network;
}

function leasesOf(world: World, network: VirtualNetwork) {
  const renewed = Math.floor(world.now() / 1000 / leaseTime) * leaseTime;
  return [...world.domains.values()].flatMap((domain) => {
    if (!domain.hasLease || !domain.active) return [];
    return domain.definition.nics.flatMap((nic, index) => {
      if (nic.kind !== 'network' || nic.source !== network.name) return [];
      const { address, prefix } = guestAddress(network, domain, index);
      return [
        {
          iface: network.bridge,
          expirytime: renewed + leaseTime + (domain.ordinal % leaseTime),
          type: 0,
          mac: nic.mac,
          iaid: undefined,
          ipaddr: address,
          prefix,
          hostname: domain.name,
          clientid: `01:${nic.mac}`,
        },
      ];
    });
  });
}
