import { isOnThisMachine } from '../../inventory/volume-identity.js';
import type { LibvirtError } from '../../libvirt/errors.js';
import type { Hypervisor } from '../../libvirt/hypervisor.js';
import type { VolumeRef } from '../../libvirt/storage.js';
import { receive } from '../../libvirt/transfer.js';
import { headLength, type Inspection, inspectHead, inspectImage } from './magic.js';

/**
 * What a volume is by its own bytes: of a file of this machine all that can be looked at, of any other its beginning.
 *
 * @returns undefined where it cannot be read, or says nothing of itself
 * @throws LibvirtError where the connection fails
 */
export async function inspectVolume(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  path: string,
): Promise<Inspection | undefined> {
  if (path.startsWith('/') && (await isOnThisMachine(hypervisor)))
    try {
      return await inspectImage(path);
    } catch {
      // It may be for the daemon's eyes only, or a device.
    }
  const parts: Buffer[] = [];
  try {
    await receive(hypervisor, volume, { offset: 0, length: headLength }, undefined, (item) => {
      parts.push('data' in item ? Buffer.from(item.data) : Buffer.alloc(item.hole));
    });
  } catch (error) {
    if ((error as LibvirtError).kind === 'closed') throw error;
    return undefined;
  }
  const head = Buffer.concat(parts);
  // A stream that had nothing to give does not say that it is empty, nor a beginning without a mark what follows.
  const seen = head.length === 0 ? undefined : inspectHead(head);
  return seen?.format === 'raw' ? undefined : seen;
}
