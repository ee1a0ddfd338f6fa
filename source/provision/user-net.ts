import { hasOnlyUserNet, reachOf, reachText } from '../inventory/domain-reach.js';
import { describeDomain } from '../libvirt/xml/domain-description-xml.js';
import type { Finding } from './plan.js';

/**
 * What user-mode networking comes to, said before anything is made.
 *
 * @param xml the domain as it will be defined
 */
export function userNetFindings(xml: string): readonly Finding[] {
  const { interfaces, forwards } = describe(xml);
  if (!hasOnlyUserNet({ interfaces })) return [];
  const reach = reachOf({ interfaces, forwards, addresses: [] });
  const message =
    reach?.kind === 'forward'
      ? `user-mode networking: only ${reachText(reach)} of the host leads to the guest, to its port ${reach.to}`
      : 'user-mode networking: the guest reaches out, and nobody reaches it, by SSH or otherwise';
  const fix =
    reach?.kind === 'forward'
      ? undefined
      : 'Its console is the way in. A network or a bridge gives it an address.';
  return [{ level: 'note', field: 'network', message, fix }];
}

/** Whether its console is the only way into a domain. */
export function isCutOff(xml: string): boolean {
  const { interfaces, forwards } = describe(xml);
  return reachOf({ interfaces, forwards, addresses: [] })?.kind === 'user-net';
}

/** XML that a person has edited may be wrong: libvirt says so at the definition. */
function describe(xml: string): Pick<ReturnType<typeof describeDomain>, 'interfaces' | 'forwards'> {
  try {
    return describeDomain(xml);
  } catch {
    return { interfaces: [], forwards: [] };
  }
}
