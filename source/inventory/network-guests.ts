import { isActive } from '../libvirt/domain-state.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { describeDomain } from '../libvirt/xml/domain-description-xml.js';
import { inTurns } from './in-turns.js';

/** An interface of a running domain. */
export interface NetworkGuest {
  readonly domain: string;
  /** Lower-case; undefined where the XML has none. */
  readonly mac: string | undefined;
  /** The network or bridge that it is plugged into. */
  readonly source: string;
}

/** So many domains are asked at most: a person looks at a network, not at a data centre. */
const mostDomains = 500;
/** At once; the connection itself keeps fewer calls in flight. */
const asked = 8;

/**
 * The interfaces of the running domains, out of their XML: libvirt has no call for who is on a network.
 *
 * @throws LibvirtError where the connection fails; a domain that cannot be read is left out
 */
export async function readNetworkGuests(
  hypervisor: Hypervisor,
  domains: readonly DomainRef[],
): Promise<readonly NetworkGuest[]> {
  const running = domains.filter(isActive).slice(0, mostDomains);
  const found = await inTurns(running, asked, async (domain) => {
    try {
      const xml = await hypervisor.domainXml(domain, { priority: 'background' });
      return describeDomain(xml).interfaces.map(({ mac, source }) => ({
        domain: domain.name,
        mac: mac?.toLowerCase(),
        source,
      }));
    } catch (error) {
      if ((error as LibvirtError).kind === 'closed') throw error;
      return [];
    }
  });
  return found.flat();
}
