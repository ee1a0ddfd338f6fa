import { refuseNetwork as refuse } from '../errors.js';
import type { Call, HandlerTable } from '../server/handler.js';
import { connectionsOf, leasesOf } from '../world/networks/leases.js';
import type { LabNetwork } from '../world/networks/network.js';
import { networkXml, readNetworkXml } from '../xml/network-xml.js';
import { parseXml } from '../xml/tree.js';
import { either, type Filter, filtered } from './filters.js';

/** VIR_NETWORK_XML_INACTIVE */
const inactiveXml = 1;
/** virConnectListAllNetworksFlags */
const filters: readonly (readonly Filter<LabNetwork>[])[] = [
  either(1, ({ active }) => !active),
  either(4, ({ persistent }) => persistent),
  either(16, ({ autostart }) => autostart),
];

/** Virtual networks. */
export const networks: HandlerTable = {
  CONNECT_LIST_ALL_NETWORKS({ need_results, flags }, { world }) {
    const nets = filtered(world.networks, filters, flags).map(({ wire }) => wire);
    return { nets: need_results ? nets : [], ret: nets.length };
  },
  NETWORK_LOOKUP_BY_NAME: ({ name }, { world }) => ({ net: world.networks.find(name).wire }),
  NETWORK_LOOKUP_BY_UUID: ({ uuid }, { world }) => ({ net: world.networks.findByUuid(uuid).wire }),
  NETWORK_GET_XML_DESC({ net, flags }, { world }) {
    const network = world.networks.of(net);
    const { current, config, active, name } = network;
    if (flags & inactiveXml && config !== undefined) return { xml: networkXml(config) };
    return { xml: networkXml(current, active ? connectionsOf(name, world.domains.values()) : 0) };
  },
  NETWORK_GET_BRIDGE_NAME({ net }, { world }) {
    const { current, name } = world.networks.of(net);
    if (current.bridge === undefined) throw refuse.internal(`network '${name}' does not have a bridge name.`);
    return { name: current.bridge };
  },
  NETWORK_IS_ACTIVE: ({ net }, { world }) => ({ active: Number(world.networks.of(net).active) }),
  NETWORK_IS_PERSISTENT: ({ net }, { world }) => ({ persistent: Number(world.networks.of(net).persistent) }),
  NETWORK_GET_AUTOSTART: ({ net }, { world }) => ({ autostart: Number(world.networks.of(net).autostart) }),
  NETWORK_SET_AUTOSTART: ({ net, autostart }, { world }) =>
    world.networks.setAutostart(world.networks.of(net), autostart !== 0),
  NETWORK_DEFINE_XML: ({ xml }, call) => define(xml, call),
  NETWORK_DEFINE_XML_FLAGS: ({ xml }, call) => define(xml, call),
  NETWORK_CREATE_XML: ({ xml }, call) => create(xml, call),
  NETWORK_CREATE_XML_FLAGS: ({ xml }, call) => create(xml, call),
  NETWORK_CREATE: ({ net }, { world }) => world.networks.start(world.networks.of(net)),
  NETWORK_DESTROY: ({ net }, { world }) => world.networks.destroy(world.networks.of(net)),
  NETWORK_UNDEFINE: ({ net }, { world }) => world.networks.undefine(world.networks.of(net)),
  NETWORK_UPDATE({ net, command, section, parentIndex, xml, flags }, { world }) {
    const network = world.networks.of(net);
    const element = parseXml(xml, undefined, refuse.xml);
    world.networks.update(network, { command, section, parentIndex, element }, flags);
  },
  NETWORK_GET_DHCP_LEASES({ net, mac, need_results }, { world }) {
    const { live } = world.networks.of(net);
    const all = live === undefined ? [] : leasesOf(live, world.domains.values(), world.now());
    const leases = all.filter((lease) => mac === undefined || lease.mac === mac.toLowerCase());
    return { leases: need_results ? leases : [], ret: leases.length };
  },
};

function define(xml: string, call: Call) {
  return { net: call.world.networks.define(read(xml, call)).wire };
}

function create(xml: string, call: Call) {
  return { net: call.world.networks.create(read(xml, call)).wire };
}

function read(xml: string, { world }: Call) {
  const { random, networks } = world;
  return readNetworkXml(xml, { random, freeBridge: () => networks.freeBridge() });
}
