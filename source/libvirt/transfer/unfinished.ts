import { LibvirtError } from '../errors.js';
import type { Hypervisor } from '../hypervisor.js';
import type { VolumeRef } from '../storage.js';

/** "virtdeck vol delete POOL NAME -c URI" */
export type ByHand = (volume: VolumeRef) => string;

/** How a volume that an upload has begun is taken away again. */
export interface Removal {
  /** Another connection, where the first one is lost. */
  readonly reopen: (() => Promise<Hypervisor>) | undefined;
  /** Whether the upload was noted and can be gone on with. */
  readonly resumable: boolean;
  /** The command that a person deletes it by; undefined where whoever has asked for the upload does that. */
  readonly byHand: ByHand | undefined;
  /** Why the upload ended. */
  readonly reason: unknown;
}

/**
 * Half a volume looks like a whole one to everybody else: it does not stay.
 *
 * @throws LibvirtError that names the volume as incomplete where it could not be removed
 */
export async function removeUnfinished(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  { reopen, resumable, byHand, reason }: Removal,
): Promise<void> {
  try {
    await hypervisor.volumes.delete(volume);
  } catch {
    const removed = reopen !== undefined && (await removeBy(reopen, volume));
    if (!removed) throw leftBehind(volume, reason, { resumable, byHand });
  }
}

/** The error of an upload whose volume is there and not whole. */
export function leftBehind(
  volume: VolumeRef,
  reason: unknown,
  { resumable, byHand }: Pick<Removal, 'resumable' | 'byHand'>,
): LibvirtError {
  const why = reason instanceof Error ? reason.message : String(reason);
  const remove = byHand === undefined ? '' : `: ${byHand(volume)}`;
  const goOn = 'The same command with --resume goes on from where it ended; or delete the volume';
  return new LibvirtError({
    // Never `aborted`: even whoever cancelled it has to know.
    kind: 'closed',
    message: `${why}; the volume ${volume.name} of the pool ${volume.pool} is incomplete`,
    hint:
      !resumable && byHand === undefined
        ? undefined
        : `${resumable ? goOn : 'It could not be removed. Delete it'}${remove}`,
    cause: reason,
  });
}

/** The error of an upload whose volume nobody knows to be there. */
export function perhapsLeft(name: string, reason: unknown, noted: boolean): LibvirtError {
  const { message, hint } = reason as LibvirtError;
  return new LibvirtError({
    kind: 'closed',
    message: `${message}; perhaps the volume ${name} is there, incomplete`,
    hint: noted ? 'The same command with --resume goes on where it is.' : hint,
    cause: reason,
  });
}

async function removeBy(reopen: () => Promise<Hypervisor>, volume: VolumeRef): Promise<boolean> {
  try {
    const another = await reopen();
    try {
      await another.volumes.delete(volume);
      return true;
    } finally {
      await another.close();
    }
  } catch {
    return false;
  }
}
