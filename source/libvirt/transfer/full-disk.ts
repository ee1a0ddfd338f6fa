import { LibvirtError } from '../errors.js';
import type { Hypervisor } from '../hypervisor.js';
import type { VolumeRef } from '../storage.js';

/** Free bytes of a pool that count as none: less than a file system needs to go on. */
const nearlyNothing = 4 * 1024 * 1024;

/** The system's error where a disk of this machine is full, in words; undefined where it is something else. */
export function fullHere(error: unknown, path: string): LibvirtError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
  const what = code === 'EDQUOT' ? 'your quota is used up' : 'the disk of this machine is full';
  return new LibvirtError({ kind: 'protocol', message: `${what}, at ${path}`, cause: error });
}

/**
 * Whether a volume is not what was sent because its pool is full: libvirt's streams do not always tell. Undefined
 * where there is room, or nobody can say.
 */
export async function fullThere(
  { pools }: Pick<Hypervisor, 'pools'>,
  { pool, name }: VolumeRef,
): Promise<LibvirtError | undefined> {
  try {
    const ref = await pools.lookup(pool);
    await pools.refresh(ref);
    const { available } = await pools.info(ref);
    if (available > nearlyNothing) return undefined;
    return new LibvirtError({
      kind: 'libvirt',
      message: `the storage pool ${pool} is full: not all of ${name} could be written`,
      hint: 'Make room in the pool, or take another one.',
    });
  } catch {
    return undefined;
  }
}
