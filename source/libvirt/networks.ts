import type { Unsupported } from './errors.js';
import type { CallOptions } from './hypervisor.js';

/** libvirt's handle of a virtual network. */
export interface NetworkRef {
  readonly name: string;
  /** Lower-case, with dashes. */
  readonly uuid: string;
}

/** What the list answers say of a network, without any call of its own. */
export interface NetworkListing extends NetworkRef {
  readonly active: boolean;
  readonly autostart: boolean;
  readonly persistent: boolean;
}

/** One line of `virsh net-dhcp-leases`. */
export interface DhcpLease {
  /** The bridge it was given on. */
  readonly interface: string;
  /** Seconds since 1970; 0 for one that does not end. */
  readonly expires: number;
  readonly mac: string | undefined;
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
  readonly hostname: string | undefined;
  readonly clientId: string | undefined;
}

/** virNetworkUpdateSection, as far as the program edits it; by virsh's words of `net-update`. */
export type NetworkSection = 'ip-dhcp-host' | 'ip-dhcp-range' | 'dns-host';

export interface NetworkUpdate {
  readonly command: 'add-first' | 'add-last' | 'modify' | 'delete';
  readonly section: NetworkSection;
  /** The element itself, e.g. `<host mac='…' ip='…'/>`. */
  readonly xml: string;
  /** Which `<ip>` element it belongs to, from 0; -1: libvirt finds it. */
  readonly parentIndex: number;
}

/**
 * The virtual networks of a connection. Methods reject with a LibvirtError; a driver without networks gives
 * `Unsupported` for the list.
 */
export interface Networks {
  /** Every network, active or not, whatever their number by a fixed number of calls sent together. */
  list(options?: CallOptions): Promise<NetworkListing[] | Unsupported>;
  lookup(name: string, options?: CallOptions): Promise<NetworkRef>;
  /** @param inactive the definition for the next start, where it differs from the running network's */
  xml(network: NetworkRef, options?: CallOptions & { readonly inactive?: boolean }): Promise<string>;
  leases(network: NetworkRef, options?: CallOptions): Promise<DhcpLease[] | Unsupported>;
  /** Makes a persistent, inactive network, or changes the definition of the one of that name and UUID. */
  define(xml: string, options?: CallOptions): Promise<NetworkRef>;
  start(network: NetworkRef, options?: CallOptions): Promise<void>;
  /** `virsh net-destroy`: guests on it lose their link. A transient network is gone after it. */
  stop(network: NetworkRef, options?: CallOptions): Promise<void>;
  undefine(network: NetworkRef, options?: CallOptions): Promise<void>;
  setAutostart(network: NetworkRef, on: boolean, options?: CallOptions): Promise<void>;
  /** Changes the definition, and the running network as well where it is active. */
  update(network: NetworkRef, change: NetworkUpdate, options?: CallOptions): Promise<void>;
}
