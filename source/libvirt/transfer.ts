import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { ByteStream } from './byte-stream.js';
import { ErrorCode, LibvirtError } from './errors.js';
import type { Hypervisor } from './hypervisor.js';
import type { PoolRef, TransferOptions, VolumeRef } from './storage.js';

/** How far a transfer is; `total` where it is known. Reading back for the proof counts as much as sending. Called for every piece: it must be cheap. */
export type TransferProgress = (bytes: number, total?: number) => void;

export interface TransferControl {
  /** Ends the transfer; what was begun is cleaned up, then the promise rejects. */
  readonly signal?: AbortSignal | undefined;
  readonly progress?: TransferProgress | undefined;
}

export interface UploadOptions extends TransferControl {
  /** The definition of the volume to make; its capacity must hold the file. */
  readonly xml: string;
  /** Another connection, to remove an unfinished volume where the first one is lost. */
  readonly reopen?: (() => Promise<Hypervisor>) | undefined;
}

/** What came of a transfer. */
export interface Transferred {
  /** Bytes of the file, holes included. */
  readonly size: number;
  /** Of the whole contents, in hexadecimal. */
  readonly sha256: string;
}

/** Read at once: large enough to be fast, small enough to stop soon. A hole is at least one of these. */
const blockSize = 1024 * 1024;
const zeros = Buffer.alloc(blockSize);

/**
 * Makes a volume with the contents of a local file, reads it back and compares. Runs of zeros are not sent
 * where the daemon can do without. Use a connection of its own: libvirt's streams have no flow control.
 *
 * @throws LibvirtError, or the file's system error. The volume is removed then; where that fails the message
 * names it as incomplete.
 */
export async function uploadFile(
  hypervisor: Hypervisor,
  pool: PoolRef,
  path: string,
  options: UploadOptions,
): Promise<Transferred> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    options.signal?.throwIfAborted();
    const volume = await hypervisor.volumes.create(pool, options.xml);
    try {
      const sent = await send(hypervisor, volume, file, size, options);
      // Half of the way is the proof.
      const found = await checksum(hypervisor, volume, size, options);
      if (found !== sent)
        throw new LibvirtError({ kind: 'protocol', message: 'what was uploaded reads back differently' });
      return { size, sha256: sent };
    } catch (error) {
      await removeUnfinished(hypervisor, volume, options, error);
      throw error;
    }
  } finally {
    await file.close();
  }
}

/**
 * Writes a volume's contents to a local file. It is called `PATH.part` until it is whole; holes stay holes.
 *
 * @throws LibvirtError, or the file's system error. The part is removed then.
 */
export async function downloadVolume(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  path: string,
  { signal, progress }: TransferControl = {},
): Promise<Transferred> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    const hash = createHash('sha256');
    let at = 0;
    await receive(hypervisor, volume, 0, signal, async (item) => {
      if ('data' in item) {
        await file.write(item.data, 0, item.data.length, at);
        hash.update(item.data);
        at += item.data.length;
      } else {
        hashZeros(hash, item.hole);
        at += item.hole;
      }
      progress?.(at);
    });
    // A hole at the end is not written by anybody.
    await file.truncate(at);
    await file.sync();
    await file.close();
    await rename(part, path);
    return { size: at, sha256: hash.digest('hex') };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(part, { force: true });
    throw error;
  }
}

/** Sends the file's contents; resolves with their checksum once the daemon has confirmed all of it. */
async function send(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  file: FileHandle,
  size: number,
  { signal, progress }: TransferControl,
): Promise<string> {
  const { stream, sparse } = await opened((options) =>
    hypervisor.volumes.upload(volume, { offset: 0, length: size }, options),
  );
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(blockSize);
  try {
    let hole = 0;
    for (let at = 0; at < size; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, Math.min(blockSize, size - at), at);
      if (bytesRead === 0) throw new Error('the file has become shorter while it was read');
      const block = buffer.subarray(0, bytesRead);
      hash.update(block);
      at += bytesRead;
      if (sparse && block.equals(zeros.subarray(0, bytesRead))) hole += bytesRead;
      else {
        if (hole > 0) await stream.writeHole(hole);
        hole = 0;
        await stream.write(block);
      }
      progress?.(at, 2 * size);
    }
    if (hole > 0) await stream.writeHole(hole);
    await stream.finish();
    return hash.digest('hex');
  } catch (error) {
    await stream.abort();
    throw error;
  }
}

/** The checksum of a volume's first bytes, as the daemon has them. */
async function checksum(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  length: number,
  { signal, progress }: TransferControl,
): Promise<string> {
  const hash = createHash('sha256');
  let at = 0;
  await receive(hypervisor, volume, length, signal, async (item) => {
    if ('data' in item) hash.update(item.data);
    else hashZeros(hash, item.hole);
    at += 'data' in item ? item.data.length : item.hole;
    progress?.(length + at, 2 * length);
  });
  return hash.digest('hex');
}

type Item = { readonly data: Uint8Array } | { readonly hole: number };

/** @param length 0: to the end */
async function receive(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  length: number,
  signal: AbortSignal | undefined,
  take: (item: Item) => Promise<void>,
): Promise<void> {
  const { stream } = await opened((options) =>
    hypervisor.volumes.download(volume, { offset: 0, length }, options),
  );
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

/** A sparse stream, or a plain one of a driver or volume that cannot. */
async function opened(
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

/** Half a volume looks like a whole one to everybody else: it does not stay. */
async function removeUnfinished(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  { reopen }: UploadOptions,
  reason: unknown,
): Promise<void> {
  try {
    await hypervisor.volumes.delete(volume);
  } catch {
    const removed = reopen !== undefined && (await removeBy(reopen, volume));
    if (removed) return;
    const why = reason instanceof Error ? reason.message : String(reason);
    throw new LibvirtError({
      kind: 'closed',
      message: `${why}; the volume ${volume.name} of the pool ${volume.pool} is incomplete`,
      hint: `It could not be removed. Delete it: virsh vol-delete ${volume.name} ${volume.pool}`,
      cause: reason,
    });
  }
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

function hashZeros(hash: Hash, length: number): void {
  for (let left = length; left > 0; left -= blockSize)
    hash.update(left >= blockSize ? zeros : zeros.subarray(0, left));
}
