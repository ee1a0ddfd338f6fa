import type { AddressSource, CallOptions, DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { leadsSomewhere } from '../libvirt/ip.js';
import type { DomainDescription } from '../libvirt/xml/domain-description-xml.js';
import type { PortForward } from '../libvirt/xml/port-forwards-xml.js';
import { type Address, mergeAddresses, readAddresses, sourcesFor } from './domain-addresses.js';

/** How a guest is reached over the network. */
export type Reach =
  | { readonly kind: 'address'; readonly address: Address }
  /** By a port of the host; `to` is the guest's. */
  | { readonly kind: 'forward'; readonly host: string; readonly port: number; readonly to: number }
  /** Not at all: it has user-mode networking and nothing is forwarded to it. */
  | { readonly kind: 'user-net' };

const sshPort = 22;

/**
 * The one answer to "where is it?": of the list, the Manager, the Domain screen and a creation's end.
 *
 * @param addresses by `mergeAddresses`
 * @returns undefined where nothing is known (yet)
 */
export function reachOf({
  addresses,
  interfaces,
  forwards,
}: {
  readonly addresses: readonly Address[];
  readonly interfaces: readonly { readonly type?: string }[];
  readonly forwards?: readonly PortForward[];
}): Reach | undefined {
  const address = addresses.find(({ beyond }) => beyond === undefined);
  if (address !== undefined) return { kind: 'address', address };
  const forwarded = forwardOf(forwards ?? []);
  if (forwarded !== undefined) return forwarded;
  return hasOnlyUserNet({ interfaces }) ? { kind: 'user-net' } : undefined;
}

/** The same, asked of the host now. What cannot be had is left out: it is no reason to fail. */
export async function readReach(
  hypervisor: Hypervisor,
  domain: DomainRef,
  description: DomainDescription,
  options?: CallOptions,
): Promise<Reach | undefined> {
  const known = new Map<AddressSource, readonly Address[]>();
  await Promise.all(
    sourcesFor(description).map(async (source) =>
      known.set(source, await readAddresses(hypervisor, domain, source, description, options)),
    ),
  );
  return reachOf({ ...description, addresses: mergeAddresses(known, description) });
}

/** Whether nothing but user-mode networking (SLIRP, passt) connects a domain. */
export function hasOnlyUserNet({
  interfaces,
}: {
  readonly interfaces: readonly Partial<DomainDescription['interfaces'][number]>[];
}): boolean {
  return interfaces.length > 0 && interfaces.every(({ type }) => type === 'user');
}

/** The port that leads to SSH, else the first one. */
function forwardOf(forwards: readonly PortForward[]): Reach | undefined {
  const tcp = forwards.filter(({ protocol }) => protocol === 'tcp');
  const ssh = tcp.find(({ guest, count }) => guest <= sshPort && sshPort < guest + count);
  const chosen = ssh ?? tcp[0];
  if (chosen === undefined) return undefined;
  const to = chosen === ssh ? sshPort : chosen.guest;
  // One that listens everywhere listens there, too.
  const { address } = chosen;
  const host = address !== undefined && (address.startsWith('127.') || leadsSomewhere(address));
  return { kind: 'forward', host: host ? address : '127.0.0.1', port: chosen.host + to - chosen.guest, to };
}

/** "192.168.122.7", "127.0.0.1:2222", or that there is no way. */
export function reachText(reach: Reach): string {
  if (reach.kind === 'address') return reach.address.address;
  if (reach.kind === 'user-net') return 'user net';
  const { host, port } = reach;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Who says so, in a word; undefined where there is nothing to say. */
export function reachSource(reach: Reach): string | undefined {
  if (reach.kind === 'address') return reach.address.source;
  return reach.kind === 'forward' ? 'forward' : undefined;
}
