import { objectEvents } from '../../../wire/events.js';
import { checkNames, refuseNetwork as refuse } from '../../errors.js';
import { startedNetwork } from '../../xml/network-xml.js';
import type { EventFields } from '../events.js';
import { inSubnet } from './address.js';
import type { NetworkDefinition } from './definition.js';
import { LabNetwork } from './network.js';
import { type NetworkChange, updatedNetwork } from './update.js';

/** virNetworkEventLifecycleType */
const Lifecycle = { defined: 0, undefined: 1, started: 2, stopped: 3 } as const;
/** virNetworkUpdateFlags */
const Affect = { live: 1, config: 2 } as const;

const { NETWORK_EVENT_LIFECYCLE } = objectEvents;
export type TellNetwork = (
  message: typeof NETWORK_EVENT_LIFECYCLE,
  key: string,
  fields: EventFields<typeof NETWORK_EVENT_LIFECYCLE>,
) => void;

/** The virtual networks of a host, and what can be done to them. Throws in libvirt's words. */
export class Networks {
  readonly #byUuid = new Map<string, LabNetwork>();
  readonly #tell: TellNetwork;

  constructor(tell: TellNetwork) {
    this.#tell = tell;
  }

  /** In the order of creation. */
  [Symbol.iterator](): IterableIterator<LabNetwork> {
    return this.#byUuid.values();
  }

  byName(name: string): LabNetwork | undefined {
    for (const network of this) if (network.name === name) return network;
    return undefined;
  }

  /** The running network of this name. */
  running(name: string): NetworkDefinition | undefined {
    return this.byName(name)?.live;
  }

  /** The network that a client's handle means: the UUID decides. */
  of({ uuid, name }: { readonly uuid: string; readonly name: string }): LabNetwork {
    const network = this.#byUuid.get(uuid);
    if (network === undefined) throw refuse.noNetwork(`no network with matching uuid '${uuid}' (${name})`);
    return network;
  }

  find(name: string): LabNetwork {
    const network = this.byName(name);
    if (network === undefined) throw refuse.noNetwork(`no network with matching name '${name}'`);
    return network;
  }

  findByUuid(uuid: string): LabNetwork {
    const network = this.#byUuid.get(uuid);
    if (network === undefined) throw refuse.noNetwork(`no network with matching uuid '${uuid}'`);
    return network;
  }

  /** A name for a bridge that no network has. */
  freeBridge(): string {
    const taken = new Set([...this].flatMap(({ live, config }) => [live?.bridge, config?.bridge]));
    for (let number = 0; ; number += 1) if (!taken.has(`virbr${number}`)) return `virbr${number}`;
  }

  define(definition: NetworkDefinition): LabNetwork {
    let network = this.#same(definition, false);
    if (network === undefined) {
      network = new LabNetwork(definition, 'persistent');
      this.#byUuid.set(definition.uuid, network);
    } else network.config = definition;
    this.#say(network, 'defined');
    return network;
  }

  /** A running network that is gone once it stops, or the start of one that is defined. */
  create(definition: NetworkDefinition): LabNetwork {
    const known = this.#same(definition, true);
    this.#checkSubnets(definition);
    const network = known ?? new LabNetwork(definition, 'transient');
    network.live = startedNetwork(definition);
    this.#byUuid.set(definition.uuid, network);
    this.#say(network, 'started');
    return network;
  }

  start(network: LabNetwork): void {
    if (network.active) throw refuse.invalid('network is already active');
    this.#checkSubnets(network.current);
    network.live = startedNetwork(network.current);
    this.#say(network, 'started');
  }

  destroy(network: LabNetwork): void {
    if (!network.active) throw refuse.invalid(`network '${network.name}' is not active`);
    const { wire } = network;
    if (network.persistent) network.live = undefined;
    else this.#byUuid.delete(network.uuid);
    this.#say({ wire }, 'stopped');
  }

  undefine(network: LabNetwork): void {
    if (!network.persistent) throw refuse.invalid("can't undefine transient network");
    const { wire } = network;
    // A running network lives on as a transient one.
    if (network.active) {
      network.config = undefined;
      network.autostart = false;
    } else this.#byUuid.delete(network.uuid);
    this.#say({ wire }, 'undefined');
  }

  setAutostart(network: LabNetwork, on: boolean): void {
    if (!network.persistent) throw refuse.invalid('cannot set autostart for transient network');
    network.autostart = on;
  }

  /** Changes one section of the running network, of its definition, or of both. */
  update(network: LabNetwork, change: NetworkChange, flags: number): void {
    const current = (flags & (Affect.live | Affect.config)) === 0;
    const toLive = (flags & Affect.live) !== 0 || (current && network.active);
    const toConfig = (flags & Affect.config) !== 0 || (current && !network.active);
    if (toLive && !network.active) throw refuse.invalid('network is not running');
    if (toConfig && !network.persistent) {
      throw refuse.invalid('cannot change persistent config of a transient network');
    }
    // Both or none.
    const live = toLive && network.live ? updatedNetwork(network.live, change) : network.live;
    const config = toConfig && network.config ? updatedNetwork(network.config, change) : network.config;
    network.live = live;
    network.config = config;
  }

  /** The network that a definition is for; its UUID, name and bridge must not be those of two. */
  #same(wanted: NetworkDefinition, mustBeOff: boolean): LabNetwork | undefined {
    const { uuid, name, bridge } = wanted;
    const known = this.#byUuid.get(uuid);
    checkNames('network', wanted, known, this.byName(name), refuse.failed);
    if (mustBeOff && known?.active) throw refuse.invalid(`network is already active as '${known.name}'`);
    const others = [...this].filter((network) => network !== known);
    if (
      bridge !== undefined &&
      others.some(({ live, config }) => [live?.bridge, config?.bridge].includes(bridge))
    ) {
      throw refuse.internal(`bridge name '${bridge}' already in use.`);
    }
    return known;
  }

  /** Two running networks cannot have the same addresses: the host could not route to both. */
  #checkSubnets(definition: NetworkDefinition): void {
    for (const { live } of this) {
      const clash = live?.ips.some((ip) =>
        definition.ips.some((other) =>
          inSubnet(ip.address, other.address, Math.min(ip.prefix, other.prefix)),
        ),
      );
      if (clash) throw refuse.internal(`Network is already in use by interface ${live?.bridge}`);
    }
  }

  #say({ wire }: Pick<LabNetwork, 'wire'>, what: keyof typeof Lifecycle): void {
    this.#tell(NETWORK_EVENT_LIFECYCLE, wire.uuid, { net: wire, event: Lifecycle[what], detail: 0 });
  }
}
