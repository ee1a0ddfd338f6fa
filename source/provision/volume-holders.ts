import { allVolumes, type DescribedVolume, linkOf } from '../inventory/all-volumes.js';
import { readVolumeUse, usersOf, type VolumeUse } from '../inventory/volume-users.js';
import { type ChainLink, dependents } from '../libvirt/backing-chain.js';
import { isUnsupported, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolRef, VolumeRef } from '../libvirt/storage.js';

/** A volume and its place among those that stand on one another. */
export interface VolumeLink extends ChainLink {
  readonly volume: DescribedVolume;
}

/** What is known of all volumes of a host and of who uses them: read once, for however many questions. */
export interface HostVolumes {
  readonly links: readonly VolumeLink[];
  /** Volumes that may stand on any other. */
  readonly unread: readonly VolumeRef[];
  readonly use: VolumeUse;
}

/**
 * Reads the XML of every volume and of every domain.
 *
 * @param options.refresh lets the host look for volumes anew first: overlays that were made by hand are seen then
 * @throws LibvirtError
 */
export async function readHostVolumes(
  hypervisor: Hypervisor,
  { refresh = false }: { readonly refresh?: boolean } = {},
): Promise<HostVolumes> {
  if (refresh) await refreshPools(hypervisor);
  const [{ volumes, unread }, use] = await Promise.all([
    allVolumes(hypervisor),
    hypervisor.listDomains().then((all) => readVolumeUse(hypervisor, all)),
  ]);
  return { links: volumes.map((volume) => ({ ...linkOf(volume), volume })), unread, use };
}

async function refreshPools({ pools }: Hypervisor): Promise<void> {
  const listed = await pools.list();
  if (isUnsupported(listed)) return;
  await Promise.all(listed.filter(({ active }) => active).map((pool) => refreshPool(pools, pool)));
}

/**
 * Lets the host look for a pool's volumes, and into them. libvirt refuses it while it makes a volume there; what it
 * knows stands then.
 *
 * @throws LibvirtError where the connection fails
 */
export async function refreshPool(pools: Hypervisor['pools'], pool: PoolRef): Promise<void> {
  try {
    await pools.refresh(pool);
  } catch (error) {
    if ((error as LibvirtError).kind !== 'libvirt') throw error;
  }
}

/** The volume behind a disk's source: a path, a device, "pool/volume". */
export function linkAt({ links }: HostVolumes, source: string): VolumeLink | undefined {
  return links.find(
    ({ path, volume }) =>
      path === source || volume.key === source || `${volume.pool}/${volume.name}` === source,
  );
}

/** What is not asked for: the domain itself, and volumes that go together with this one. */
export interface HolderOptions {
  readonly domain?: string;
  readonly together?: ReadonlySet<VolumeLink>;
}

/** Who would break without a volume: "domain db-1", "volume default/web-2.qcow2". */
export function holdersOf(
  { links, use }: HostVolumes,
  link: VolumeLink,
  { domain, together }: HolderOptions = {},
): readonly string[] {
  const above = dependents(link, links);
  const users = [link, ...above].flatMap(({ volume, path }) => usersOf(use, volume, path));
  return [
    ...new Set([
      ...users.filter((user) => user.domain !== domain).map((user) => `domain ${user.domain}`),
      ...above.filter((other) => !together?.has(other)).map(({ pool, name }) => `volume ${pool}/${name}`),
    ]),
  ];
}

/** Who cannot be read, and may use any volume. */
export function strangersOf({ use, unread }: HostVolumes, { domain }: HolderOptions = {}): readonly string[] {
  return [
    ...use.unknown.filter((name) => name !== domain).map((name) => `domain ${name}`),
    ...unread.map(({ pool, name }) => `volume ${pool}/${name}`),
  ];
}
