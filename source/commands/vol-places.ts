import type { ChainLink } from '../libvirt/backing-chain.js';
import { ErrorCode, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolListing, VolumeRef } from '../libvirt/storage.js';
import { describeVolume, type VolumeDescription, volumeFormats } from '../libvirt/xml/volume-xml.js';
import { safe } from '../text/safe.js';
import { parseSize } from '../text/size.js';
import { ExitCode, usageError } from './command.js';
import { reportError } from './connections.js';
import { findObject, listAll, withHosts } from './objects.js';
import { pools } from './pool.js';
import type { SubcommandContext } from './subcommands.js';

/** A pool of a host that was found. */
export interface PoolPlace {
  readonly hypervisor: Hypervisor;
  readonly pool: PoolListing;
}

/** Finds the pool and does the work; a failure is reported as one of `about`. */
export function inPool(
  context: SubcommandContext,
  pool: string,
  about: string,
  work: (place: PoolPlace) => Promise<number>,
): Promise<number> {
  return withHosts(context, async (hosts) => {
    const { found } = await listAll(context, hosts, pools);
    const match = findObject(context, 'pool', pool, found);
    if (match === undefined) return ExitCode.failed;
    try {
      return await work({ hypervisor: match.host.hypervisor, pool: match.object });
    } catch (error) {
      reportError(context.io, about, error as LibvirtError);
      return ExitCode.failed;
    }
  });
}

/** As `inPool`, with the volume of that name. */
export function onVolume(
  context: SubcommandContext,
  [pool = '', name = '']: readonly string[],
  verb: string,
  work: (place: PoolPlace & { readonly volume: VolumeRef }) => Promise<number>,
): Promise<number> {
  return inPool(context, pool, `Failed to ${verb} volume '${name}'`, async (place) =>
    work({ ...place, volume: await place.hypervisor.volumes.lookup(place.pool, name) }),
  );
}

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
export async function describedVolumes({ hypervisor, pool }: PoolPlace): Promise<ReadVolumes> {
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

/** Every volume of the host's active pools, for what may reach over pools: backing chains. */
export async function allVolumes(hypervisor: Hypervisor): Promise<ReadVolumes> {
  const active = (await pools(hypervisor)).filter((pool) => pool.active);
  const parts = await Promise.all(active.map((pool) => describedVolumes({ hypervisor, pool })));
  return {
    volumes: parts.flatMap(({ volumes }) => volumes),
    unread: parts.flatMap(({ unread }) => unread),
  };
}

export function linkOf(volume: DescribedVolume): ChainLink & { readonly format: string | undefined } {
  const { pool, name, path, backing, format } = volume;
  return { pool, name, path, backing: backing?.path, format };
}

/** A size of the command line in bytes; a usage error is said and gives undefined. */
export function sizeArgument(context: SubcommandContext, text: string): number | undefined {
  const size = parseSize(text);
  if (typeof size === 'number') return size;
  usageError(context.io, 'vol', safe(size.problem));
  return undefined;
}

/** What is wrong with the name of a new volume, before libvirt is asked. */
export function nameError(context: SubcommandContext, name: string): number | undefined {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\0-\x1f\x7f]/.test(name)) return undefined;
  return usageError(
    context.io,
    'vol',
    `"${safe(name)}" is no name of a volume: it has no slash and no control characters`,
  );
}

/** What is wrong with a format that somebody chose, before libvirt is asked. */
export function formatError({ io }: SubcommandContext, format: unknown): number | undefined {
  if (format === undefined || (volumeFormats as readonly unknown[]).includes(format)) return undefined;
  const formats = volumeFormats.join(', ');
  return usageError(io, 'vol', `there is no format "${safe(String(format))}"; there are ${formats}`);
}
