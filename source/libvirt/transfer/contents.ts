import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { ByteStream, StreamItem } from '../byte-stream.js';
import { ErrorCode, type LibvirtError } from '../errors.js';
import type { Hypervisor } from '../hypervisor.js';
import type { TransferOptions, TransferRange, VolumeRef } from '../storage.js';
import type { TransferControl } from './progress.js';

/** Read at once: large enough to be fast, small enough to stop soon. A hole is at least one of these. */
export const blockSize = 1024 * 1024;
const zeros = Buffer.alloc(blockSize);

/** Whether a block of at most `blockSize` bytes may be left out. */
export function isHole(block: Buffer): boolean {
  return block.equals(zeros.subarray(0, block.length));
}

/** Counts a run of zeros in without making them. */
export function hashZeros(hash: Hash, length: number): void {
  for (let left = length; left > 0; left -= blockSize)
    hash.update(left >= blockSize ? zeros : zeros.subarray(0, left));
}

/**
 * The bytes of a file from `from` up to `to`, in blocks; each is valid until the next is asked for.
 *
 * @throws Error where the file ends before
 */
export async function* blocksOf(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(blockSize);
  for (let at = from; at < to; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(blockSize, to - at), at);
    if (bytesRead === 0) throw new Error('the file has become shorter while it was read');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * Gives `take` everything that a volume has in a range, in order.
 *
 * @param range bytes; length 0: to the end
 */
export async function receive(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  range: TransferRange,
  signal: AbortSignal | undefined,
  take: (item: StreamItem) => void | Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  const { stream } = await sparseOrPlain((options) => hypervisor.volumes.download(volume, range, options));
  const stop = (): void => void stream.abort();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const item of stream) {
      signal?.throwIfAborted();
      await take(item);
    }
    await stream.finish();
  } catch (error) {
    await stream.abort();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * The checksum of a volume's first bytes, as the daemon has them.
 *
 */
export async function checksumOf(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  length: number,
  { signal, progress }: TransferControl,
): Promise<string> {
  const hash = createHash('sha256');
  // A range of no bytes would mean all of them.
  if (length === 0) return hash.digest('hex');
  let at = 0;
  progress?.(0, length, true);
  await receive(hypervisor, volume, { offset: 0, length }, signal, (item) => {
    if ('data' in item) hash.update(item.data);
    else hashZeros(hash, item.hole);
    at += 'data' in item ? item.data.length : item.hole;
    progress?.(at, length, true);
  });
  return hash.digest('hex');
}

/** A sparse stream, or a plain one of a driver or volume that cannot. */
export async function sparseOrPlain(
  openStream: (options: TransferOptions) => Promise<ByteStream>,
): Promise<{ readonly stream: ByteStream; readonly sparse: boolean }> {
  try {
    return { stream: await openStream({ sparse: true }), sparse: true };
  } catch (error) {
    const { kind, code } = error as LibvirtError;
    const cannot = [ErrorCode.invalidArg, ErrorCode.operationUnsupported, ErrorCode.argumentUnsupported];
    if (kind !== 'unsupported' && !(cannot as readonly number[]).includes(code)) throw error;
    return { stream: await openStream({ sparse: false }), sparse: false };
  }
}
