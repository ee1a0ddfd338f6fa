import { ErrorCode, type LibvirtError } from '../../libvirt/errors.js';
import type { Hypervisor } from '../../libvirt/hypervisor.js';
import type { PoolListing, PoolRef, VolumeRef } from '../../libvirt/storage.js';
import { volumeFormats } from '../../libvirt/xml/volume-xml.js';
import { refreshPool } from '../../provision/volume-holders.js';
import { safe } from '../../text/safe.js';
import { parseSize } from '../../text/size.js';
import { usageError } from '../failures.js';
import { type Host, onOne } from '../hosts.js';
import { poolKind } from '../pool/pool.js';
import type { SubcommandContext } from '../subcommands.js';

/** A pool of a host that was found. */
export interface PoolPlace extends Host {
  readonly pool: PoolListing;
}

/** Finds the pool and does the work; a failure is reported as one of `about`. */
export function inPool(
  context: SubcommandContext,
  pool: string,
  about: string,
  work: (place: PoolPlace) => Promise<number>,
): Promise<number> {
  return onOne(
    context,
    poolKind,
    pool,
    () => about,
    ({ host, object }) => work({ ...host, pool: object }),
  );
}

/** As `inPool`, with the volume of that name. */
export function onVolume(
  context: SubcommandContext,
  [pool = '', name = '']: readonly string[],
  verb: string,
  work: (place: PoolPlace & { readonly volume: VolumeRef }) => Promise<number>,
): Promise<number> {
  return inPool(context, pool, `Failed to ${verb} volume '${name}'`, async (place) =>
    work({ ...place, volume: await lookupVolume(place.hypervisor, place.pool, name) }),
  );
}

/**
 * The volume of that name. One that the host does not know is looked for anew: libvirt sees files that others have put
 * into a pool's folder only then.
 *
 * @throws LibvirtError
 */
export async function lookupVolume(hypervisor: Hypervisor, pool: PoolRef, name: string): Promise<VolumeRef> {
  try {
    return await hypervisor.volumes.lookup(pool, name);
  } catch (error) {
    if ((error as LibvirtError).code !== ErrorCode.noVolume) throw error;
    await refreshPool(hypervisor.pools, pool);
    return hypervisor.volumes.lookup(pool, name);
  }
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
