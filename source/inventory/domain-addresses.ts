import { isUnsupported } from '../libvirt/errors.js';
import type {
  AddressSource,
  CallOptions,
  DomainRef,
  Hypervisor,
  InterfaceAddress,
} from '../libvirt/hypervisor.js';
import { leadsSomewhere } from '../libvirt/ip.js';
import type { DhcpLease, Networks } from '../libvirt/networks.js';
import type { DomainDescription } from '../libvirt/xml/domain-description-xml.js';

/** An address of a guest, and who says so. */
export interface Address extends InterfaceAddress {
  readonly source: AddressSource;
  /**
   * Why it leads nowhere from outside: it belongs to something within the guest (docker0, virbr0), or to its side of
   * user-mode networking. Undefined: the guest is reached by it.
   */
  readonly beyond?: 'inner' | 'user-net';
}

/** What the rule has to know of a domain. */
type Cards = Pick<DomainDescription, 'interfaces' | 'hostDevices'>;

/** Where addresses are looked for, the one that is believed first at the front. */
const sources: readonly AddressSource[] = ['agent', 'lease'];

/**
 * Where it is worth asking: without an interface of libvirt's there is no lease, and without an agent's
 * channel, or with nothing at its other end, no agent to ask.
 */
export function sourcesFor({
  interfaces,
  agent,
}: Pick<DomainDescription, 'interfaces' | 'agent'>): readonly AddressSource[] {
  return sources.filter((source) => (source === 'agent' ? agent : interfaces.length > 0));
}

/** The addresses that one source knows. What cannot be had is left empty: no reason to show an error. */
export async function readAddresses(
  hypervisor: Hypervisor,
  domain: DomainRef,
  source: AddressSource,
  cards: Cards,
  options: CallOptions = {},
): Promise<readonly Address[]> {
  try {
    const answer = await hypervisor.interfaceAddresses(domain, source, options);
    if (isUnsupported(answer)) return [];
    const told = source === 'lease' ? await newestLeases(hypervisor, answer, cards, options) : answer;
    return told.map((address) => ({ ...address, source }));
  } catch {
    return [];
  }
}

/**
 * Of several leases of one card the one that expires last: the others are of an earlier boot, or of the initramfs,
 * which asks by another client id. The answer for a domain has no times; that for its network has.
 */
async function newestLeases(
  { networks }: Hypervisor,
  leases: readonly InterfaceAddress[],
  { interfaces }: Cards,
  options: CallOptions,
): Promise<readonly InterfaceAddress[]> {
  const keyOf = ({ mac, family }: InterfaceAddress): string => `${mac?.toLowerCase()} ${family}`;
  const byCard = new Map<string, InterfaceAddress[]>();
  for (const lease of leases) byCard.set(keyOf(lease), [...(byCard.get(keyOf(lease)) ?? []), lease]);
  if (byCard.size === leases.length) return leases;
  const names = new Set(interfaces.flatMap(({ type, source }) => (type === 'network' ? [source] : [])));
  const expiries = new Map<string, number>();
  for (const name of names) {
    for (const { address, mac, expires } of await leasesOf(networks, name, options)) {
      const key = `${mac?.toLowerCase()} ${address}`;
      // 0: it does not end.
      const at = expires === 0 ? Number.POSITIVE_INFINITY : expires;
      expiries.set(key, Math.max(at, expiries.get(key) ?? 0));
    }
  }
  const expiryOf = ({ mac, address }: InterfaceAddress): number =>
    expiries.get(`${mac?.toLowerCase()} ${address}`) ?? 0;
  return [...byCard.values()].map((all) =>
    all.reduce((best, one) => (expiryOf(one) >= expiryOf(best) ? one : best)),
  );
}

/** Without them the last one of the answer is taken: a reason to show an error it is not. */
async function leasesOf(
  networks: Networks,
  name: string,
  options: CallOptions,
): Promise<readonly DhcpLease[]> {
  try {
    const known = await networks.leases(await networks.lookup(name, options), options);
    return isUnsupported(known) ? [] : known;
  } catch {
    return [];
  }
}

/**
 * Each address once, under the source that is believed first. Those that lead to the guest come first, the agent's
 * before a lease, IPv4 before IPv6. Loopback, link-local and the like are left out.
 */
export function mergeAddresses(
  known: ReadonlyMap<AddressSource, readonly Address[]>,
  cards: Cards,
): readonly Address[] {
  const seen = new Set<string>();
  const merged = sources
    .flatMap((source) => known.get(source) ?? [])
    .filter(({ address }) => leadsSomewhere(address))
    .map((address) => placed(address, cards))
    .filter(({ address }) => !seen.has(address) && seen.add(address));
  const rank = ({ beyond, source, family }: Address): number =>
    (beyond === undefined ? 0 : 4) + (source === 'agent' ? 0 : 2) + (family === 'ipv4' ? 0 : 1);
  return merged.sort((a, b) => rank(a) - rank(b));
}

/** How systems name a card of their own, so that one that was passed through by the host is known. */
const cardName = /^(en|eth|wl|ww|ib)[a-z]*\d|^ethernet|^local area connection/i;

/** An interface within the guest is one of the domain's where it has the MAC address of one. */
function placed(address: Address, { interfaces, hostDevices }: Cards): Address {
  const mac = address.mac?.toLowerCase();
  const card = interfaces.find((one) => one.mac?.toLowerCase() === mac);
  if (card?.type === 'user') return { ...address, beyond: 'user-net' };
  const own = card !== undefined || (hostDevices && cardName.test(address.interface));
  return own || address.source !== 'agent' ? address : { ...address, beyond: 'inner' };
}
