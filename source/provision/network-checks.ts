import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnsupported } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { contains, parseSubnet } from '../libvirt/ip.js';
import type { NetworkListing } from '../libvirt/networks.js';
import type { NetworkDescription } from '../libvirt/xml/network-xml.js';
import type { Finding } from './plan.js';
import type { Access, VmRequest } from './request/vm-request.js';

/** A network of libvirt's, as far as fixed addresses are concerned. */
export interface VirtualNetwork {
  readonly listing: NetworkListing;
  readonly description: NetworkDescription;
}

type Fixed = Extract<NonNullable<Access['network']>, { addresses: unknown }>;

/** Networks whose own address leads on; an isolated one leads nowhere, and a bridge's router is another machine. */
const leadingOn: readonly string[] = ['nat', 'route', 'open'];

/**
 * With fixed addresses nobody tells the guest the rest: on a network of libvirt's, router and name server are the
 * network's own address, as DHCP would say.
 *
 * @returns the request with them, where the person has said nothing else
 */
export function withRouter(request: VmRequest, network: VirtualNetwork | undefined): VmRequest {
  const { access } = request;
  const fixed = fixedOf(request);
  if (access === undefined || fixed === undefined || network === undefined) return request;
  const { description } = network;
  const own = fixed.addresses.map((address) => ownAddress(description, address)).find(Boolean);
  if (own === undefined || !leadingOn.includes(description.forward)) return request;
  const { gateway = own, nameservers } = fixed;
  const filled = { ...fixed, gateway, nameservers: nameservers.length > 0 ? nameservers : [own] };
  return { ...request, access: { ...access, network: filled } };
}

/**
 * Fixed addresses that do not go together with the network that the card is plugged into.
 *
 * @throws LibvirtError
 */
export async function addressFindings(
  hypervisor: Hypervisor,
  request: VmRequest,
  network: VirtualNetwork | undefined,
): Promise<readonly Finding[]> {
  const fixed = fixedOf(request);
  if (fixed === undefined || network === undefined) return [];
  const { listing, description } = network;
  const { name } = listing;
  const leases = listing.active ? await hypervisor.networks.leases(listing) : [];
  const about = (index: number, level: Finding['level'], message: string, fix: string): Finding => ({
    level,
    field: 'access',
    part: `network.addresses.${index}`,
    message,
    fix,
  });
  const isInside = (address: string): boolean =>
    description.families.some(({ subnet }) => subnet !== undefined && contains(subnet, address));
  const oneIsInside = fixed.addresses.map(hostOf).some(isInside);
  return fixed.addresses.flatMap((cidr, index) => {
    const address = hostOf(cidr);
    // What is no address with its prefix is told by the field's own rule.
    if (parseSubnet(cidr) === undefined) return [];
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    const own = description.families.filter((one) => one.family === family);
    if (own.some((one) => one.address === address))
      return [about(index, 'error', `it is the address of the network ${name} itself`, 'Choose another.')];
    const ranges = own.flatMap(({ subnet }) => (subnet === undefined ? [] : [subnet]));
    if (ranges.length > 0 && !isInside(address)) {
      const text = ranges.map((subnet) => `${subnet.address}/${subnet.prefix}`).join(', ');
      // Beside one that is reached, others may be of a network that the person knows of.
      const level = oneIsInside ? 'warning' : 'error';
      const message = `it is not one of the network ${name}, which has ${text}: nobody reaches the guest by it`;
      return [about(index, level, message, 'Choose one of it, or another network.')];
    }
    const taken = isUnsupported(leases) ? undefined : leases.find(({ address: ip }) => ip === address);
    if (taken === undefined || taken.mac?.toLowerCase() === request.mac?.toLowerCase()) return [];
    const who = taken.hostname ?? taken.mac ?? 'somebody';
    return [about(index, 'error', `${who} has it by DHCP at the moment`, 'Choose another.')];
  });
}

/** @param local whether the host is this machine: of another one nobody tells its devices */
export async function bridgeFindings(
  { network }: Pick<VmRequest, 'network'>,
  local: boolean,
  devices = '/sys/class/net',
): Promise<readonly Finding[]> {
  if (network?.kind !== 'bridge' || !local) return [];
  const is = async (...path: string[]): Promise<boolean> =>
    (await stat(join(devices, ...path)).catch(() => undefined)) !== undefined;
  if (await is(network.name, 'bridge')) return [];
  const what = (await is(network.name)) ? 'is no bridge' : 'is not there';
  return [
    {
      level: 'error',
      field: 'network',
      message: `the bridge ${network.name} ${what}`,
      fix: 'ip -brief link show type bridge lists those of the host.',
    },
  ];
}

function fixedOf({ access }: VmRequest): Fixed | undefined {
  const network = access?.network;
  return network !== undefined && 'addresses' in network ? network : undefined;
}

function hostOf(cidr: string): string {
  return cidr.trim().split('/')[0] ?? '';
}

/** The network's own address in the subnet that an address belongs to. */
function ownAddress({ families }: NetworkDescription, cidr: string): string | undefined {
  const address = hostOf(cidr);
  const family = families.find(({ subnet }) => subnet !== undefined && contains(subnet, address));
  return family?.address === address ? undefined : family?.address;
}
