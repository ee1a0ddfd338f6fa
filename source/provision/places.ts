import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { isUnsupported } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { describeNetwork } from '../libvirt/xml/network-xml.js';
import { bytes } from '../text/size.js';
import { virshLine, virtdeckLine } from './by-hand.js';
import { type HostFacts, type PoolFacts, readPool } from './host-facts.js';
import type { VirtualNetwork } from './network-checks.js';
import type { Finding } from './plan.js';
import type { NetworkChoice, VmRequest } from './request.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Where the volumes go: a pool that is there, or one that is to be made. */
export type PoolChoice =
  | { readonly kind: 'there'; readonly facts: PoolFacts; readonly start: boolean }
  | { readonly kind: 'new'; readonly name: string; readonly path: string };

/** The pool that tools of libvirt make where there is none, as virt-manager and virt-install do. */
const usualPool = 'default';
const systemImages = '/var/lib/libvirt/images';

/** Whether a URI leads to a daemon on this machine, as far as it shows; an alias does not. */
export function isLocal(uri: string | undefined): boolean {
  return uri === undefined || /^qemu(\+unix)?:\/\/\//i.test(uri);
}

/** How the host is reached, for what is local and for commands that a person is to type. */
export interface HowToReach {
  readonly connection: string | undefined;
  readonly env: Env;
  readonly local: boolean;
}

function isSession(uri: string): boolean {
  return /\/session(\?|$)/.test(uri);
}

/** @throws LibvirtError */
export async function choosePool(
  hypervisor: Hypervisor,
  request: Pick<VmRequest, 'pool' | 'startInactive'>,
  { pools, info }: HostFacts,
  { connection, env, local }: HowToReach,
): Promise<{ readonly pool: PoolChoice | undefined; readonly findings: readonly Finding[] }> {
  const failed = (message: string, fix?: string) => ({
    pool: undefined,
    findings: [{ level: 'error', field: 'pool', message, fix } as const],
  });
  if (isUnsupported(pools)) return failed('this connection has no storage pools, where disks could lie');
  const { pool: wanted } = request;
  if (wanted === undefined && pools.length === 0) {
    const path = isSession(info.uri) ? sessionImages(local, env) : systemImages;
    if (path === undefined)
      return failed(
        'the host has no storage pool',
        virshLine(connection, 'pool-define-as', usualPool, 'dir', '--target', 'DIRECTORY'),
      );
    const message = `the host has no storage pool: one named ${usualPool} is made at ${path}`;
    return {
      pool: { kind: 'new', name: usualPool, path },
      findings: [{ level: 'note', field: 'pool', message }],
    };
  }
  const listing =
    wanted === undefined
      ? (pools.find(({ name }) => name === usualPool) ?? pools.find(({ active }) => active) ?? pools[0])
      : pools.find(({ name, uuid }) => name === wanted || uuid === wanted);
  if (listing === undefined) {
    const names = pools.map(({ name }) => name).join(', ');
    return failed(`there is no storage pool ${wanted}`, names === '' ? undefined : `There are: ${names}.`);
  }
  const facts = await readPool(hypervisor, listing);
  // Whoever has not chosen is to know where the disks go.
  const other: readonly Finding[] =
    wanted !== undefined || listing.name === usualPool
      ? []
      : [
          {
            level: 'note',
            field: 'pool',
            message: `there is no storage pool ${usualPool}: the disks go into ${listing.name}`,
          },
        ];
  if (listing.active) return { pool: { kind: 'there', facts, start: false }, findings: other };
  return {
    pool: { kind: 'there', facts, start: true },
    findings: [
      ...other,
      inactive(
        'pool',
        `the storage pool ${listing.name}`,
        virtdeckLine(connection, 'pool', 'start', listing.name),
        request,
      ),
    ],
  };
}

/** A session's images lie in its user's home, which is known on this machine only. */
function sessionImages(local: boolean, env: Env): string | undefined {
  if (!local) return undefined;
  const { XDG_DATA_HOME: data, HOME: home } = env;
  if (data && isAbsolute(data)) return join(data, 'libvirt', 'images');
  return home && isAbsolute(home) ? join(home, '.local', 'share', 'libvirt', 'images') : undefined;
}

function inactive(
  field: 'pool' | 'network',
  what: string,
  byHand: string,
  { startInactive }: Pick<VmRequest, 'startInactive'>,
): Finding {
  return startInactive
    ? { level: 'note', field, message: `${what} is not active: it is started` }
    : { level: 'error', field, message: `${what} is not active`, fix: `Start it: ${byHand}`, offer: true };
}

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

/** @throws LibvirtError */
export async function chooseNetwork(
  hypervisor: Hypervisor,
  request: Pick<VmRequest, 'network' | 'startInactive'>,
  { networks, info }: HostFacts,
  { connection, local }: Pick<HowToReach, 'connection' | 'local'>,
): Promise<{ readonly chosen: ChosenNetwork | undefined; readonly findings: readonly Finding[] }> {
  const listed = isUnsupported(networks) ? [] : networks;
  const usual = listed.find(({ name }) => name === usualNetwork);
  // A user's own daemon may make no networks; that of root may.
  const mayMake = !isUnsupported(networks) && (!isSession(info.uri) || (local && process.getuid?.() === 0));
  const network = request.network ?? usualChoice();
  if (network.kind !== 'network') {
    const findings = request.network === undefined ? [noNetwork()] : [];
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

  function usualChoice(): NetworkChoice {
    if (isUnsupported(networks)) return { kind: 'user' };
    const there = { kind: 'network', name: usualNetwork } as const;
    // Of a session a network is used where it is there, and made where that was said.
    if (isSession(info.uri))
      return usual?.active || (mayMake && request.startInactive) ? there : { kind: 'user' };
    if (usual !== undefined) return there;
    const active = listed.find((one) => one.active);
    return active === undefined ? there : { kind: 'network', name: active.name };
  }

  function noNetwork(): Finding {
    const about = { level: 'warning', field: 'network' } as const;
    if (!isSession(info.uri)) return { ...about, message: 'the host has no virtual networks' };
    const message = 'a session has no virtual network of its own';
    return mayMake
      ? {
          ...about,
          message,
          fix: `A network ${usualNetwork} can be made and started.`,
          options: '--yes',
        }
      : { ...about, message, fix: `The system's host has networks: virtdeck create -c qemu:///system` };
  }
}

/** The network that libvirt's packages define. */
const usualNetwork = 'default';

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
  return { level: 'error', field: 'network', message: what, fix: `Make it: ${byHand}`, offer: true };
}

/** What the pool must hold, in bytes: at once, and in the end. */
export interface Space {
  readonly now: number;
  readonly later: number;
}

export function spaceFindings(
  { facts }: { readonly facts: PoolFacts },
  { now, later }: Space,
  connection: string | undefined,
): readonly Finding[] {
  const { info, listing } = facts;
  if (info === undefined) return [];
  const { available } = info;
  const free = `the pool ${listing.name} has ${bytes(available)} free`;
  if (now > available)
    return [
      {
        level: 'error',
        field: 'pool',
        message: `${free}, and ${bytes(now)} are needed`,
        fix: `Choose another pool, or delete volumes: ${virtdeckLine(connection, 'vol', 'list', listing.name)}`,
      },
    ];
  if (later > available)
    return [
      {
        level: 'warning',
        field: 'pool',
        message: `${free}: the disks may grow to ${bytes(later)}`,
      },
    ];
  return [];
}

/**
 * A directory that QEMU's own user cannot enter keeps every guest from starting. For hosts that are this machine.
 *
 * @param uri as the daemon says it
 * @param path where the pool's volumes lie
 */
export async function accessFindings(uri: string, path: string | undefined): Promise<readonly Finding[]> {
  if (isSession(uri) || path === undefined || !isAbsolute(path)) return [];
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() && (found.mode & 0o001) === 0 && !(await belongsToQemu(found.uid)))
      return [
        {
          level: 'warning',
          field: 'pool',
          message: `QEMU may not be able to enter ${folder}: it is closed to other users`,
          fix: `setfacl --modify user:libvirt-qemu:x ${folder}   (user qemu on Fedora), or choose another pool`,
        },
      ];
    if (folder === dirname(folder)) return [];
  }
}

/** Folders of root are closed to QEMU's user; of its own they are not. */
async function belongsToQemu(uid: number): Promise<boolean> {
  const own = await Promise.all(['/var/lib/libvirt/qemu'].map((path) => stat(path).catch(() => undefined)));
  return uid !== 0 && own.some((found) => found?.uid === uid);
}
