import { isActive } from '../libvirt/domain-state.js';
import { LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import type { NetworkRef } from '../libvirt/networks.js';
import { interfacesOn, type PluggedInterface } from '../libvirt/xml/interface-xml.js';
import { describeNetwork } from '../libvirt/xml/network-xml.js';
import { count, shortList } from '../text/units.js';
import { inTurns } from './in-turns.js';

/** A running domain with interfaces on a network. */
export interface PluggedGuest {
  readonly domain: DomainRef;
  readonly interfaces: readonly PluggedInterface[];
}

export interface NetworkGuests {
  readonly guests: readonly PluggedGuest[];
  /** Running domains that could not be read: they may be on it as well. */
  readonly unknown: readonly string[];
}

/** At once; the connection itself keeps fewer calls in flight. */
const asked = 8;
const nobody: NetworkGuests = { guests: [], unknown: [] };

/**
 * The running domains that lose their link with a network: those on a bridge that libvirt makes and removes. A
 * bridge of the host's own, or a device that guests share, stays.
 *
 * @throws LibvirtError where the connection fails
 */
export async function guestsOn(hypervisor: Hypervisor, network: NetworkRef): Promise<NetworkGuests> {
  const { bridge, forward } = describeNetwork(await hypervisor.networks.xml(network));
  if (bridge === undefined || !ownBridge.has(forward)) return nobody;
  const running = (await hypervisor.listDomains()).filter(isActive);
  const unknown: string[] = [];
  const guests = await inTurns(running, asked, async (domain): Promise<PluggedGuest[]> => {
    try {
      const interfaces = interfacesOn(await hypervisor.domainXml(domain), { name: network.name, bridge });
      return interfaces.length === 0 ? [] : [{ domain, interfaces }];
    } catch (error) {
      if (error instanceof LibvirtError && error.kind === 'closed') throw error;
      unknown.push(domain.name);
      return [];
    }
  });
  return { guests: guests.flat(), unknown };
}

const ownBridge: ReadonlySet<string> = new Set(['nat', 'route', 'open', 'isolated']);

/** What came of plugging the guests of a network in again, by their names. */
export interface Reattached {
  readonly attached: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: LibvirtError }[];
  /** Running domains that could not be read: they may be cut off still. */
  readonly unknown: readonly string[];
}

/**
 * Plugs the active guests of an active network into its bridge again. libvirt (9.0) does not do so when a network
 * is started: it makes a new bridge, and the old taps belong to none. An update of the interface with the same XML
 * changes nothing either; one that names the bridge and then the network again moves the tap twice, and libvirt
 * counts its port anew. The guest sees its link all the while.
 *
 * @throws LibvirtError where the connection fails, or the network is not active
 */
export async function reattachGuests(hypervisor: Hypervisor, network: NetworkRef): Promise<Reattached> {
  const { guests, unknown } = await guestsOn(hypervisor, network);
  const attached: string[] = [];
  const failed: { name: string; error: LibvirtError }[] = [];
  for (const { domain, interfaces } of guests) {
    try {
      for (const { own, detour } of interfaces) {
        await hypervisor.updateDevice(domain, detour);
        await hypervisor.updateDevice(domain, own);
      }
      attached.push(domain.name);
    } catch (reason) {
      const error = reason as LibvirtError;
      if (error.kind === 'closed' || error.kind === 'aborted') throw error;
      failed.push({ name: domain.name, error });
    }
  }
  return { attached, failed, unknown };
}

/** Names that a sentence shows before it only counts. */
const namesShown = 12;

/** "3 active guests: db-1, web-1, web-2" */
export function guestNames({ guests }: Pick<NetworkGuests, 'guests'>): string {
  const names = guests
    .map(({ domain }) => domain.name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return `${count(names.length, 'active guest')}: ${shortList(names, namesShown)}`;
}
