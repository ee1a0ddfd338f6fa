import type { Hypervisor } from '../hypervisor.js';
import type { VolumeRef } from '../storage.js';
import { receive, sparseOrPlain, writeZeros } from './contents.js';
import type { TransferControl } from './progress.js';

/**
 * Writes the bytes of a volume's file into another volume, byte for byte and holes as holes: what `vol-download`
 * and `vol-upload` do, without a file in between. For what libvirt's own copy would change.
 *
 * @throws LibvirtError
 */
export async function copyBytes(
  hypervisor: Hypervisor,
  from: VolumeRef,
  to: VolumeRef,
  { signal, progress }: TransferControl,
): Promise<void> {
  const { stream, sparse } = await sparseOrPlain((how) =>
    hypervisor.volumes.upload(to, { offset: 0, length: 0 }, how),
  );
  let at = 0;
  try {
    await receive(hypervisor, from, { offset: 0, length: 0 }, signal, async (item) => {
      if ('data' in item) await stream.write(item.data);
      else if (sparse) await stream.writeHole(item.hole);
      else await writeZeros(stream, item.hole, signal);
      at += 'data' in item ? item.data.length : item.hole;
      progress?.(at);
    });
    await stream.finish();
  } catch (error) {
    await stream.abort();
    throw error;
  }
}
