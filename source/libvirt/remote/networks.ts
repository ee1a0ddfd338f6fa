import { procedures } from '../../wire/procedures.js';
import { Feature } from '../constants.js';
import type { Unsupported } from '../errors.js';
import type { CallOptions } from '../hypervisor.js';
import { readAddress } from '../ip.js';
import type {
  DhcpLease,
  NetworkListing,
  NetworkRef,
  NetworkSection,
  Networks,
  NetworkUpdate,
} from '../networks.js';
import type { Caller } from './caller.js';

/** dnsmasq and the firewall have their time. */
const actionTimeout = 120_000;

/** virConnectListAllNetworksFlags */
const ListNetworks = { active: 2, transient: 8, autostart: 16 } as const;

/** virNetworkXMLFlags: not the number that domains have. */
const XmlFlag = { inactive: 1 } as const;

/** virNetworkUpdateCommand */
const commands: Readonly<Record<NetworkUpdate['command'], number>> = {
  modify: 1,
  delete: 2,
  'add-last': 3,
  'add-first': 4,
};

/** virNetworkUpdateSection */
const sections: Readonly<Record<NetworkSection, number>> = {
  'ip-dhcp-host': 4,
  'ip-dhcp-range': 5,
  'dns-host': 10,
};

/** virNetworkUpdateFlags */
const UpdateFlag = { live: 1, config: 2 } as const;

/** The virtual networks of a daemon. */
export class RemoteNetworks implements Networks {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  list(options?: CallOptions): Promise<NetworkListing[] | Unsupported> {
    return this.#caller.ask(this.#list(options));
  }

  async lookup(name: string, options?: CallOptions): Promise<NetworkRef> {
    return (await this.#caller.call(procedures.NETWORK_LOOKUP_BY_NAME, { name }, options)).net;
  }

  async xml(net: NetworkRef, options?: CallOptions & { readonly inactive?: boolean }): Promise<string> {
    const { xml } = await this.#caller.flagged(options?.inactive ? XmlFlag.inactive : 0, (flags) =>
      this.#caller.call(procedures.NETWORK_GET_XML_DESC, { net, flags }, options),
    );
    return xml;
  }

  leases(net: NetworkRef, options?: CallOptions): Promise<DhcpLease[] | Unsupported> {
    return this.#caller.ask(this.#leases(net, options));
  }

  async define(xml: string, options?: CallOptions): Promise<NetworkRef> {
    return (await this.#caller.act(procedures.NETWORK_DEFINE_XML, { xml }, actionTimeout, options)).net;
  }

  async start(net: NetworkRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.NETWORK_CREATE, { net }, actionTimeout, options);
  }

  async stop(net: NetworkRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.NETWORK_DESTROY, { net }, actionTimeout, options);
  }

  async undefine(net: NetworkRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.NETWORK_UNDEFINE, { net }, actionTimeout, options);
  }

  async setAutostart(net: NetworkRef, on: boolean, options?: CallOptions): Promise<void> {
    const autostart = on ? 1 : 0;
    await this.#caller.act(procedures.NETWORK_SET_AUTOSTART, { net, autostart }, actionTimeout, options);
  }

  async update(net: NetworkRef, change: NetworkUpdate, options?: CallOptions): Promise<void> {
    const { active } = await this.#caller.call(procedures.NETWORK_IS_ACTIVE, { net }, options);
    const { persistent } = await this.#caller.call(procedures.NETWORK_IS_PERSISTENT, { net }, options);
    const flags = (active ? UpdateFlag.live : 0) | (persistent ? UpdateFlag.config : 0);
    const { parentIndex, xml } = change;
    const command = commands[change.command];
    const section = sections[change.section];
    // A daemon without the feature reads the two the other way round.
    const inOrder = await this.#hasUpdateOrder(options);
    const args = inOrder ? { command, section } : { command: section, section: command };
    await this.#caller.act(
      procedures.NETWORK_UPDATE,
      { net, ...args, parentIndex, xml, flags },
      actionTimeout,
      options,
    );
  }

  async #hasUpdateOrder(options: CallOptions | undefined): Promise<boolean> {
    const feature = Feature.networkUpdateOrder;
    const { supported } = await this.#caller.call(procedures.CONNECT_SUPPORTS_FEATURE, { feature }, options);
    return supported !== 0;
  }

  #list(options: CallOptions | undefined): Promise<NetworkListing[]> {
    const list = async (flags: number) =>
      (await this.#caller.call(procedures.CONNECT_LIST_ALL_NETWORKS, { need_results: 1, flags }, options))
        .nets;
    return this.#caller.listings(list, ListNetworks);
  }

  async #leases(net: NetworkRef, options: CallOptions | undefined): Promise<DhcpLease[]> {
    const args = { net, mac: undefined, need_results: 1, flags: 0 };
    const { leases } = await this.#caller.call(procedures.NETWORK_GET_DHCP_LEASES, args, options);
    return leases.flatMap((lease) => {
      const found = readAddress(lease.ipaddr);
      if (found === undefined) return [];
      return [
        {
          ...found,
          interface: lease.iface,
          expires: Number(lease.expirytime),
          mac: lease.mac,
          prefix: lease.prefix,
          hostname: lease.hostname,
          clientId: lease.clientid,
        },
      ];
    });
  }
}
