import { ErrorCode, isUnsupported, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolRef, VolumeRef } from '../libvirt/storage.js';
import { describeVolume, type VolumeDescription } from '../libvirt/xml/volume-xml.js';
import type { UnsettledLink } from './volume-identity.js';

/** A volume with what its XML says. */
export type DescribedVolume = VolumeRef & VolumeDescription;

/** Volumes, and those that could not be read: nobody knows what they are, or stand on. */
export interface ReadVolumes {
  readonly volumes: readonly DescribedVolume[];
  readonly unread: readonly (VolumeRef & { readonly error: LibvirtError })[];
}

/**
 * All volumes of a pool with their descriptions; one that is gone meanwhile is left out.
 *
 * @throws LibvirtError where the connection fails
 */
export async function describedVolumes(
  hypervisor: Pick<Hypervisor, 'volumes'>,
  pool: PoolRef,
): Promise<ReadVolumes> {
  const volumes: DescribedVolume[] = [];
  const unread: (VolumeRef & { error: LibvirtError })[] = [];
  const read = async (ref: VolumeRef): Promise<void> => {
    try {
      volumes.push({ ...ref, ...describeVolume(await hypervisor.volumes.xml(ref)) });
    } catch (reason) {
      const error = reason as LibvirtError;
      if (error.kind === 'closed') throw error;
      if (error.code !== ErrorCode.noVolume) unread.push({ ...ref, error });
    }
  };
  await Promise.all((await hypervisor.volumes.list(pool)).map(read));
  return { volumes, unread };
}

/** Every volume of the host's active pools, for what may reach over pools: backing chains. @throws LibvirtError */
export async function allVolumes(hypervisor: Pick<Hypervisor, 'pools' | 'volumes'>): Promise<ReadVolumes> {
  const pools = await hypervisor.pools.list();
  if (isUnsupported(pools)) return { volumes: [], unread: [] };
  const active = pools.filter((pool) => pool.active);
  const parts = await Promise.all(active.map((pool) => describedVolumes(hypervisor, pool)));
  return { volumes: parts.flatMap(({ volumes }) => volumes), unread: parts.flatMap(({ unread }) => unread) };
}

/** A volume as what stands on one another is made of. */
export function linkOf(volume: DescribedVolume): UnsettledLink & { readonly format: string | undefined } {
  const { pool, name, key, path, backing, format } = volume;
  return { pool, name, key, path, backing: backing?.path, format };
}
