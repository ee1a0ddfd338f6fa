import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { LibvirtError } from '../errors.js';
import type { Hypervisor } from '../hypervisor.js';
import type { VolumeRef } from '../storage.js';
import { blockSize, blocksOf, checksumOf, hashZeros, receive } from './contents.js';
import type { TransferControl, Transferred } from './progress.js';

export interface DownloadOptions extends TransferControl {
  /** Bytes that there are, where that is known: for the progress, and fewer are a failure. */
  readonly size?: number | undefined;
  /** Goes on with `PATH.part` where there is one; its last bytes are compared with the volume's first. */
  readonly resume?: boolean;
  /** What fails or is cancelled leaves `PATH.part`, to go on with later. */
  readonly keepPart?: boolean;
  /** Reads the volume once more and compares. */
  readonly verify?: boolean;
}

/**
 * Writes a volume's contents to a local file. It is called `PATH.part` until it is whole; holes stay holes.
 *
 * @throws LibvirtError, or the file's system error. The part is removed then, unless it is to be kept.
 */
export async function downloadVolume(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  path: string,
  options: DownloadOptions = {},
): Promise<Transferred> {
  const { signal, progress, resume = false, keepPart = false, verify = false } = options;
  const part = `${path}.part`;
  const { file, begun } = await openPart(part, resume);
  // What was there before belongs to the person: only a part of this download's own making may go.
  const removes = !keepPart && begun === 0;
  try {
    const hash = createHash('sha256');
    let at = await takeOver(hypervisor, volume, file, begun, hash, signal);
    const total = options.size;
    progress?.(at, total);
    await receive(hypervisor, volume, { offset: at, length: 0 }, signal, async (item) => {
      if ('data' in item) {
        await writeAll(file, item.data, at);
        hash.update(item.data);
        at += item.data.length;
      } else {
        hashZeros(hash, item.hole);
        at += item.hole;
      }
      progress?.(at, total);
    });
    if (options.size !== undefined && at < options.size)
      throw new LibvirtError({
        kind: 'protocol',
        message: `the host sent ${at} bytes of ${options.size}`,
      });
    // A hole at the end is not written by anybody.
    await file.truncate(at);
    await file.sync();
    const sha256 = hash.digest('hex');
    if (verify && (await checksumOf(hypervisor, volume, at, options)) !== sha256) {
      // Nothing to go on with.
      await rm(part, { force: true });
      throw new LibvirtError({
        kind: 'protocol',
        message: 'what was downloaded reads differently a second time',
        hint: 'Something writes to the volume: download it while nothing uses it.',
      });
    }
    await file.close();
    await rename(part, path);
    return { size: at, sha256 };
  } catch (error) {
    await file.close().catch(() => {});
    if (removes) await rm(part, { force: true });
    throw error;
  }
}

async function openPart(part: string, resume: boolean): Promise<{ file: FileHandle; begun: number }> {
  if (resume) {
    try {
      const file = await open(part, 'r+');
      return { file, begun: (await file.stat()).size };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return { file: await open(part, 'w', 0o600), begun: 0 };
}

/**
 * Counts in what an earlier download has left, if it is of this volume: its last block is compared, which tells
 * another volume and most changes.
 *
 * @returns where to go on
 */
async function takeOver(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  file: FileHandle,
  size: number,
  hash: Hash,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (size === 0) return 0;
  const offset = Math.max(0, size - blockSize);
  const here = createHash('sha256');
  for await (const block of blocksOf(file, offset, size)) here.update(block);
  const there = createHash('sha256');
  await receive(hypervisor, volume, { offset, length: size - offset }, signal, (item) => {
    if ('data' in item) there.update(item.data);
    else hashZeros(there, item.hole);
  });
  if (here.digest('hex') !== there.digest('hex'))
    throw new LibvirtError({
      kind: 'protocol',
      message: 'the part that is there is not of this volume, or the volume has changed since',
      hint: 'Download it from the beginning, without --resume.',
    });
  for await (const block of blocksOf(file, 0, size)) {
    signal?.throwIfAborted();
    hash.update(block);
  }
  return size;
}

/** A full disk makes a short write before it makes an error. */
async function writeAll(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}
