import { isUnsupported, LibvirtError, type Unsupported } from '../libvirt/errors.js';
import type { DomainListing, HostInfo, Hypervisor } from '../libvirt/hypervisor.js';
import type { NetworkListing } from '../libvirt/networks.js';
import type { PoolInfo, PoolListing, VolumeRef } from '../libvirt/storage.js';
import { type Capabilities, describeCapabilities } from '../libvirt/xml/capabilities-xml.js';
import {
  type DomainCapabilities,
  describeDomainCapabilities,
} from '../libvirt/xml/domain-capabilities-xml.js';
import { describePool, type PoolDescription } from '../libvirt/xml/pool-xml.js';
import { refreshPool } from './volume-holders.js';

/** What a host tells before anything is decided: a fixed number of calls, whatever its size. */
export interface HostFacts {
  readonly info: HostInfo;
  /** Bytes. `nodeinfo` tells what was there when the host booted; where memory is added later, its statistics do. */
  readonly memory: number;
  /** Bytes; undefined where the driver does not tell. */
  readonly freeMemory: number | undefined;
  readonly domains: readonly DomainListing[];
  readonly pools: readonly PoolListing[] | Unsupported;
  readonly networks: readonly NetworkListing[] | Unsupported;
  readonly capabilities: Capabilities;
}

/** What the host tells of a pool that is used. */
export interface PoolFacts {
  readonly listing: PoolListing;
  readonly description: PoolDescription;
  /** Undefined while it is inactive. */
  readonly info: PoolInfo | undefined;
  readonly volumes: readonly VolumeRef[];
}

/** Pools whose volumes are files, which can stand on one another. */
const filePools: readonly string[] = ['dir', 'fs', 'netfs', 'vstorage'];
/**
 * Pools whose volumes are devices of the host, made by name. Those of other types are reached over the network (rbd,
 * gluster), are named by libvirt itself (disk), or cannot be made by it (iscsi, scsi, mpath).
 */
const devicePools: readonly string[] = ['logical', 'zfs'];

/** Whether a VM's volumes can be made in it. */
export function takesVolumes({ description }: Pick<PoolFacts, 'description'>): boolean {
  return [...filePools, ...devicePools].includes(description.type);
}

export function holdsFiles({ description }: Pick<PoolFacts, 'description'>): boolean {
  return filePools.includes(description.type);
}

/** @throws LibvirtError */
export async function readHost(hypervisor: Hypervisor): Promise<HostFacts> {
  const [info, stats, domains, pools, networks, capabilities] = await Promise.all([
    hypervisor.hostInfo(),
    hypervisor.hostStats(),
    hypervisor.listDomains(),
    hypervisor.pools.list(),
    hypervisor.networks.list(),
    hypervisor.capabilities(),
  ]);
  return {
    info,
    memory: (isUnsupported(stats.memory) ? info.memory : stats.memory.total) * 1024,
    freeMemory: isUnsupported(stats.memory) ? undefined : stats.memory.free * 1024,
    domains,
    pools,
    networks,
    capabilities: describeCapabilities(capabilities),
  };
}

/** Lets the host look for the pool's volumes anew first. @throws LibvirtError */
export async function readPool(hypervisor: Hypervisor, listing: PoolListing): Promise<PoolFacts> {
  const { active } = listing;
  if (active) await refreshPool(hypervisor.pools, listing);
  const [xml, info, volumes] = await Promise.all([
    hypervisor.pools.xml(listing),
    active ? hypervisor.pools.info(listing) : undefined,
    active ? hypervisor.volumes.list(listing) : [],
  ]);
  return { listing, description: describePool(xml), info, volumes };
}

/** What the host's emulator can do for a kind of guest; undefined where the driver does not tell. */
export async function readDomainCapabilities(
  hypervisor: Hypervisor,
  query: { readonly arch: string; readonly machine: string; readonly virtType: string },
): Promise<DomainCapabilities | undefined> {
  try {
    const answer = await hypervisor.domainCapabilities(query);
    return isUnsupported(answer) ? undefined : describeDomainCapabilities(answer);
  } catch (error) {
    // A machine type or a virtualization type that the emulator lacks: whoever asked goes on without.
    if (error instanceof LibvirtError && error.kind === 'libvirt') return undefined;
    throw error;
  }
}
