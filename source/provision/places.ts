import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { isUnsupported } from '../libvirt/errors.js';
import type { HostInfo, Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolListing } from '../libvirt/storage.js';
import { isThisMachine } from '../libvirt/this-machine.js';
import { bytes } from '../text/size.js';
import { virshLine, virtdeckLine } from './by-hand.js';
import { type HostFacts, type PoolFacts, readPool } from './host-facts.js';
import type { Finding } from './plan.js';
import type { VmRequest } from './request/vm-request.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Where the volumes go: a pool that is there, or one that is to be made. */
export type PoolChoice =
  | { readonly kind: 'there'; readonly facts: PoolFacts; readonly start: boolean }
  | { readonly kind: 'new'; readonly name: string; readonly path: string };

/** The pool that tools of libvirt make where there is none, as virt-manager and virt-install do. */
export const usualPool = 'default';
const systemImages = '/var/lib/libvirt/images';

/** Whether a URI leads to a daemon on this machine, as far as it shows; an alias does not. */
export function isLocalUri(uri: string | undefined): boolean {
  return uri === undefined || /^qemu(\+unix)?:\/\/\//i.test(uri);
}

/** Whether a connection leads to this machine: a socket may be forwarded. */
export function isLocalHost(uri: string | undefined, { hostname }: Pick<HostInfo, 'hostname'>): boolean {
  return isLocalUri(uri) && isThisMachine(hostname);
}

/** How the host is reached, for what is local and for commands that a person is to type. */
export interface HowToReach {
  readonly connection: string | undefined;
  readonly env: Env;
  readonly local: boolean;
}

/** Whether a URI leads to a user's own daemon. */
export function isSession(uri: string): boolean {
  return /\/session(\?|$)/.test(uri);
}

/** The pool of whoever has not chosen one, for commands and screens alike; undefined where there is none. */
export function usualPoolOf<T extends Pick<PoolListing, 'name' | 'active'>>(
  pools: readonly T[],
): T | undefined {
  return pools.find(({ name }) => name === usualPool) ?? pools.find(({ active }) => active) ?? pools[0];
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
      ? usualPoolOf(pools)
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

/** That something has to be started, or that it will be where the request says so. @param byHand the command */
export function inactive(
  field: 'pool' | 'network',
  what: string,
  byHand: string,
  { startInactive }: Pick<VmRequest, 'startInactive'>,
): Finding {
  return startInactive
    ? { level: 'note', field, message: `${what} is not active: it is started` }
    : { level: 'error', field, message: `${what} is not active`, offer: { does: 'start', byHand } };
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
