import { type FileHandle, open, rm } from 'node:fs/promises';
import { putInPlace } from '../../state/atomic-write.js';
import type { StreamItem } from '../byte-stream.js';
import { LibvirtError } from '../errors.js';
import type { Hypervisor } from '../hypervisor.js';
import type { VolumeRef } from '../storage.js';
import { describeVolume } from '../xml/volume-xml.js';
import { blockSize, blocksOf, fingerprintOf, isHole, receive } from './contents.js';
import { Fingerprint, Sha256 } from './digest.js';
import { fullHere } from './full-disk.js';
import type { TransferControl, Transferred } from './progress.js';

export interface DownloadOptions extends TransferControl {
  /** Goes on with `PATH.part` where there is one; its last bytes are compared with the volume's first. */
  readonly resume?: boolean;
  /** What fails or is cancelled leaves `PATH.part`, to go on with later. */
  readonly keepPart?: boolean;
  /** Reads the volume once more and compares. */
  readonly verify?: boolean;
}

/**
 * Writes a volume's contents to a local file. It is called `PATH.part` until it is whole; holes stay holes. No more
 * is taken than the volume has when it begins, whatever is sent or written to it meanwhile.
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
    const { size, most, exact } = await fileSize(hypervisor, volume);
    const sums = { sha256: new Sha256(), fingerprint: verify ? new Fingerprint() : undefined };
    let at = await takeOver(hypervisor, volume, file, begun, sums, signal);
    progress?.(at, size);
    const take = async (item: StreamItem): Promise<void> => {
      if ('data' in item) await writeAll(file, item.data, at);
      await count(sums, item, signal);
      at += 'data' in item ? item.data.length : item.hole;
      progress?.(at, size);
    };
    // A length of 0 would mean all that there is.
    if (most > at) await receive(hypervisor, volume, { offset: at, length: most - at }, signal, take);
    if (exact && size !== undefined && at < size)
      throw new LibvirtError({
        kind: 'protocol',
        message: `the host sent ${at} bytes of ${size}`,
      });
    // A hole at the end is not written by anybody.
    await file.truncate(at);
    await file.sync();
    const fingerprint = sums.fingerprint?.digest();
    if (verify && (await fingerprintOf(hypervisor, volume, at, options)) !== fingerprint) {
      // Nothing to go on with.
      await rm(part, { force: true });
      throw new LibvirtError({
        kind: 'protocol',
        message: 'what was downloaded reads differently a second time',
        hint: 'Something writes to the volume: download it while nothing uses it.',
      });
    }
    await file.close();
    await putInPlace(part, path);
    return { size: at, sha256: sums.sha256.digest() };
  } catch (error) {
    await file.close().catch(() => {});
    if (removes) await rm(part, { force: true });
    throw fullHere(error, part) ?? error;
  }
}

interface FileSize {
  /** Bytes; undefined where the host does not tell. */
  readonly size: number | undefined;
  /** No file of such a volume is longer. */
  readonly most: number;
  /** Fewer bytes are a failure. */
  readonly exact: boolean;
}

/** How long a volume's file is. A raw one has its capacity; of others libvirt tells it (<physical>) since 1.3.0. */
async function fileSize(hypervisor: Hypervisor, volume: VolumeRef): Promise<FileSize> {
  const facts = describeVolume(await hypervisor.volumes.xml(volume));
  const { type, format = 'raw', capacity, allocation, physical } = facts;
  const exact = format === 'raw' && (type === 'file' || type === 'block');
  const size = exact ? Math.max(capacity, physical ?? 0) : physical;
  // An image that is full holds its tables as well.
  const roomy = Math.ceil(Math.max(capacity, allocation) * 1.1) + 64 * blockSize;
  return { size, most: size ?? roomy, exact };
}

interface Sums {
  readonly sha256: Sha256;
  readonly fingerprint: Fingerprint | undefined;
}

async function count(
  { sha256, fingerprint }: Sums,
  item: StreamItem,
  signal: AbortSignal | undefined,
): Promise<void> {
  fingerprint?.add(item);
  await sha256.add(item, signal);
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
  sums: Sums,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (size === 0) return 0;
  const offset = Math.max(0, size - blockSize);
  const here = new Fingerprint();
  for await (const data of blocksOf(file, offset, size)) here.add({ data });
  const there = new Fingerprint();
  await receive(hypervisor, volume, { offset, length: size - offset }, signal, (item) => there.add(item));
  if (here.digest() !== there.digest())
    throw new LibvirtError({
      kind: 'protocol',
      message: 'the part that is there is not of this volume, or the volume has changed since',
      hint: 'Download it from the beginning, without --resume.',
    });
  for await (const data of blocksOf(file, 0, size)) {
    signal?.throwIfAborted();
    await count(sums, isHole(data) ? { hole: data.length } : { data }, signal);
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
