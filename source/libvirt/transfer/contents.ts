import type { FileHandle } from 'node:fs/promises';
import type { ByteStream, StreamItem } from '../byte-stream.js';
import { ErrorCode, LibvirtError } from '../errors.js';
import type { Hypervisor } from '../hypervisor.js';
import type { TransferOptions, TransferRange, VolumeRef } from '../storage.js';
import { Fingerprint } from './digest.js';
import type { TransferControl } from './progress.js';

/** Read at once: large enough to be fast, small enough to stop soon. A hole is at least one of these. */
export const blockSize = 1024 * 1024;
const zeros = Buffer.alloc(blockSize);

/** Whether a block of at most `blockSize` bytes may be left out. */
export function isHole(block: Buffer): boolean {
  return block.equals(zeros.subarray(0, block.length));
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
 * @param range bytes; length 0: to the end. Who knows the length gives it: more than that is not taken
 * @throws LibvirtError
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
  let left = range.length === 0 ? Infinity : range.length;
  try {
    for await (const item of stream) {
      signal?.throwIfAborted();
      left -= 'data' in item ? item.data.length : item.hole;
      if (left < 0) throw tooMuch(range.length);
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

function tooMuch(wanted: number): LibvirtError {
  return new LibvirtError({
    kind: 'protocol',
    message: `the host sends more than the ${wanted} bytes that it was asked for`,
  });
}

/** What a volume's first bytes are, as the daemon has them: a `Fingerprint`. @throws LibvirtError */
export async function fingerprintOf(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  length: number,
  { signal, progress }: TransferControl,
): Promise<string> {
  const fingerprint = new Fingerprint();
  // A range of no bytes would mean all of them.
  if (length === 0) return fingerprint.digest();
  let at = 0;
  progress?.(0, length, true);
  await receive(hypervisor, volume, { offset: 0, length }, signal, (item) => {
    fingerprint.add(item);
    at += 'data' in item ? item.data.length : item.hole;
    progress?.(at, length, true);
  });
  return fingerprint.digest();
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

/** Zeros as data, for a stream that is not sparse. */
export async function writeZeros(
  stream: Pick<ByteStream, 'write'>,
  length: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let left = length; left > 0; left -= blockSize) {
    signal?.throwIfAborted();
    await stream.write(left >= blockSize ? zeros : zeros.subarray(0, left));
  }
}
