import { isUnsupported } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { describeNetwork } from '../libvirt/xml/network-xml.js';
import { virshLine, virtdeckLine } from './by-hand.js';
import type { HostFacts } from './host-facts.js';
import type { VirtualNetwork } from './network-checks.js';
import { type HowToReach, inactive, isSession } from './places.js';
import type { Finding } from './plan.js';
import type { NetworkChoice, VmRequest } from './request/vm-request.js';

/** The network that libvirt's packages define. */
export const usualNetwork = 'default';

export interface ChosenNetwork {
  readonly network: NetworkChoice;
  /** Whether it has to be started. */
  readonly start: boolean;
  /** It is libvirt's usual one and has to be made. */
  readonly make?: boolean;
  /** Whether DHCP of the host's own gives the guest its address: where not, there is no lease to see. */
  readonly leases: boolean;
  /** Undefined for what is no network of libvirt's. */
  readonly virtual?: VirtualNetwork;
}

/** Whether the host lets networks be made: a user's own daemon only that of root, on this machine. */
export function mayMakeNetwork(
  { networks, info }: Pick<HostFacts, 'networks' | 'info'>,
  local: boolean,
): boolean {
  return !isUnsupported(networks) && (!isSession(info.uri) || (local && process.getuid?.() === 0));
}

/**
 * The network of whoever has not chosen one, for commands and screens alike: the usual one, else one that is active,
 * else the usual one, which is to be made.
 *
 * @param options.mayMake it may be made in a session as well
 */
export function usualNetworkOf(
  { networks, info }: Pick<HostFacts, 'networks' | 'info'>,
  { mayMake }: { readonly mayMake: boolean },
): NetworkChoice {
  if (isUnsupported(networks)) return { kind: 'user' };
  const there = { kind: 'network', name: usualNetwork } as const;
  const usual = networks.find(({ name }) => name === usualNetwork);
  // Of a session a network is used where it is there, and made where that was said.
  if (isSession(info.uri)) return usual?.active || mayMake ? there : { kind: 'user' };
  if (usual !== undefined) return there;
  const active = networks.find((one) => one.active);
  return active === undefined ? there : { kind: 'network', name: active.name };
}

/** The network of a request with what is to be said of it; undefined where it cannot be used. @throws LibvirtError */
export async function chooseNetwork(
  hypervisor: Hypervisor,
  request: Pick<VmRequest, 'name' | 'network' | 'startInactive'>,
  { networks, info }: HostFacts,
  { connection, local }: Pick<HowToReach, 'connection' | 'local'>,
): Promise<{ readonly chosen: ChosenNetwork | undefined; readonly findings: readonly Finding[] }> {
  const listed = isUnsupported(networks) ? [] : networks;
  const mayMake = mayMakeNetwork({ networks, info }, local);
  const network =
    request.network ??
    usualNetworkOf({ networks, info }, { mayMake: mayMake && request.startInactive === true });
  if (network.kind !== 'network') {
    const findings = request.network === undefined ? [noNetwork(info.uri, request.name, mayMake)] : [];
    return { chosen: { network, start: false, leases: false }, findings };
  }
  const listing = listed.find(({ name }) => name === network.name);
  if (listing === undefined && network.name === usualNetwork && mayMake)
    return {
      chosen: request.startInactive ? { network, start: false, make: true, leases: true } : undefined,
      findings: [toMake(connection, request)],
    };
  if (listing === undefined) {
    const names = listed.map(({ name }) => name).join(', ');
    const fix = names === '' ? undefined : `There are: ${names}.`;
    const message = `there is no network ${network.name}`;
    return { chosen: undefined, findings: [{ level: 'error', field: 'network', message, fix }] };
  }
  const description = describeNetwork(await hypervisor.networks.xml(listing));
  const leases = description.families.some(({ ranges, hosts }) => ranges.length > 0 || hosts.length > 0);
  // Whoever has not chosen is to know whose network it is.
  const other: readonly Finding[] =
    request.network !== undefined || listing.name === usualNetwork
      ? []
      : [
          {
            level: 'note',
            field: 'network',
            message: `there is no network ${usualNetwork}: the guest is on ${listing.name}`,
          },
        ];
  const findings = listing.active
    ? other
    : [
        ...other,
        inactive(
          'network',
          `the network ${listing.name}`,
          virtdeckLine(connection, 'net', 'start', listing.name),
          request,
        ),
      ];
  return { chosen: { network, start: !listing.active, leases, virtual: { listing, description } }, findings };
}

function toMake(
  connection: string | undefined,
  { startInactive }: Pick<VmRequest, 'startInactive'>,
): Finding {
  const what = `the host has no network ${usualNetwork}`;
  if (startInactive) return { level: 'note', field: 'network', message: `${what}: it is made and started` };
  const byHand = [
    ['net-define', '/usr/share/libvirt/networks/default.xml'],
    ['net-start', usualNetwork],
  ]
    .map((words) => virshLine(connection, ...words))
    .join('; ');
  return { level: 'error', field: 'network', message: what, offer: { does: 'make', byHand } };
}

function noNetwork(uri: string, name: string, mayMake: boolean): Finding {
  const about = { level: 'warning', field: 'network' } as const;
  if (!isSession(uri)) return { ...about, message: 'the host has no virtual networks' };
  const message = 'a session has no virtual network of its own';
  return mayMake
    ? {
        ...about,
        message,
        fix: `A network ${usualNetwork} can be made and started.`,
        options: '--yes',
      }
    : {
        ...about,
        message,
        fix: `The system's host has networks: ${virtdeckLine('qemu:///system', 'create', name)}`,
      };
}
