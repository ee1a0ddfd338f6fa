import type { Stats } from 'node:fs';
import { type FileHandle, statfs } from 'node:fs/promises';
import { openRegular } from '../../state/read-small-file.js';
import type { StreamItem } from '../byte-stream.js';
import { isRefusal, LibvirtError } from '../errors.js';
import type { Hypervisor } from '../hypervisor.js';
import type { PoolRef, VolumeRef } from '../storage.js';
import { describeVolume } from '../xml/volume-xml.js';
import { blocksOf, fingerprintOf, isHole, sparseOrPlain, writeZeros } from './contents.js';
import { Fingerprint, Sha256 } from './digest.js';
import { fullThere } from './full-disk.js';
import type { UploadJournal, UploadRecord } from './journal.js';
import type { TransferControl, Transferred } from './progress.js';
import { type ByHand, leftBehind, perhapsLeft, removeUnfinished } from './unfinished.js';

interface CommonOptions extends TransferControl {
  /** How often the daemon is asked to confirm what it has, in milliseconds; only with a journal. */
  readonly confirmEvery?: number | undefined;
  /** Told where an incomplete volume stays. */
  readonly byHand?: ByHand | undefined;
}

export interface UploadOptions extends CommonOptions {
  /** The definition of the volume to make; its capacity must hold the file. */
  readonly xml: string;
  /** Another connection, to remove an unfinished volume where the first one is lost. */
  readonly reopen?: (() => Promise<Hypervisor>) | undefined;
  /** Whether the volume is read back and compared; it is unless told otherwise. */
  readonly verify?: boolean;
  /** Where it is noted as incomplete until it is whole, so that `resumeUpload` can go on. */
  readonly journal?: { readonly notes: UploadJournal; readonly uri: string; readonly volume: string };
}

export interface ResumeOptions extends CommonOptions {
  readonly notes: UploadJournal;
}

/** Seldom enough not to matter: the daemon reads the whole pool anew after each. */
const confirmEvery = 30_000;

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
  const { verify = true } = options;
  return withFile(path, async (file, { size, mtimeMs }, empty) => {
    options.signal?.throwIfAborted();
    checkCapacity(options.xml, size);
    const noted = await noteBeginning(pool, path, { size, mtimeMs }, options);
    let volume: VolumeRef;
    try {
      volume = await hypervisor.volumes.create(pool, options.xml);
    } catch (error) {
      // Where nobody knows whether it was made, the note stays.
      if (!isRefusal(error))
        throw perhapsLeft(describeVolume(options.xml).name, error, noted?.written === true);
      await noted?.undo();
      throw error;
    }
    try {
      const note = noted?.confirm;
      const work: Work = { hypervisor, volume, file, size, mtime: mtimeMs, empty, verify, note, options };
      const result = await transfer(work, 0);
      await noted?.forget();
      return result;
    } catch (error) {
      const resumable = noted?.written === true;
      const { reopen, byHand } = options;
      await removeUnfinished(hypervisor, volume, { reopen, resumable, byHand, reason: error });
      await noted?.forget();
      throw error;
    }
  });
}

/**
 * Goes on with an upload that ended in the middle, and reads all of the volume back. What fails now leaves the
 * volume and its note as they are.
 *
 * @param path the file, which must be the same as it was then
 * @throws LibvirtError, or the file's system error
 */
export async function resumeUpload(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  path: string,
  record: UploadRecord,
  options: ResumeOptions,
): Promise<Transferred> {
  const { notes } = options;
  return withFile(path, async (file, { size, mtimeMs }, empty) => {
    if (size !== record.size || mtimeMs !== record.mtime)
      throw new LibvirtError({
        kind: 'protocol',
        message: 'the file is not what it was when the upload began',
        hint: 'Delete the incomplete volume and upload the file from the beginning.',
      });
    const note: Note = (confirmed) => notes.write({ ...record, confirmed });
    const work: Work = { hypervisor, volume, file, size, mtime: mtimeMs, empty, verify: true, note, options };
    try {
      const result = await transfer(work, record.confirmed);
      await notes.remove(record.pool, record.volume);
      return result;
    } catch (error) {
      // What was confirmed and reads back differently is not there: next time all of it is sent again.
      if (error instanceof DifferentContents) await note(0);
      throw leftBehind(volume, error, { resumable: true, byHand: options.byHand });
    }
  });
}

interface Work {
  readonly hypervisor: Hypervisor;
  readonly volume: VolumeRef;
  readonly file: FileHandle;
  readonly size: number;
  /** Of the file when it was opened. */
  readonly mtime: number;
  /** The file is one hole. */
  readonly empty: boolean;
  readonly verify: boolean;
  readonly note: Note | undefined;
  readonly options: CommonOptions;
}

/** Writes down how much is confirmed. */
type Note = (confirmed: number) => Promise<unknown>;

class DifferentContents extends LibvirtError {
  constructor() {
    super({ kind: 'protocol', message: 'what was uploaded reads back differently' });
  }
}

/** What has been read of the file so far. */
class Read {
  readonly sha256 = new Sha256();
  readonly fingerprint = new Fingerprint();

  async add(item: StreamItem, signal: AbortSignal | undefined): Promise<void> {
    this.fingerprint.add(item);
    await this.sha256.add(item, signal);
  }
}

/** Sends what is missing, then reads all of it back. */
async function transfer(work: Work, from: number): Promise<Transferred> {
  const { hypervisor, volume, file, size, verify, options } = work;
  const read = new Read();
  for await (const item of itemsOf(work, 0, from)) {
    options.signal?.throwIfAborted();
    await read.add(item, options.signal);
  }
  options.progress?.(from, size);
  for (let at = from; at < size; ) {
    at = await sendPiece(work, at, read);
    await work.note?.(at);
  }
  const { size: now, mtimeMs } = await file.stat();
  if (now !== size || mtimeMs !== work.mtime) throw new Error('the file has changed while it was read');
  if (verify && (await fingerprintOf(hypervisor, volume, size, options)) !== read.fingerprint.digest())
    throw (await fullThere(hypervisor, volume)) ?? new DifferentContents();
  return { size, sha256: read.sha256.digest() };
}

/** The file's contents, runs of zeros as holes. A file that is one hole need not be read. */
async function* itemsOf({ file, empty }: Work, from: number, to: number): AsyncGenerator<StreamItem> {
  if (empty && to > from) yield { hole: to - from };
  else
    for await (const data of blocksOf(file, from, to)) yield isHole(data) ? { hole: data.length } : { data };
}

/**
 * Sends the file's contents from a place on: all of it, or as much as goes into the time until the daemon is to
 * confirm.
 *
 * @returns where it ended, all before it confirmed
 */
async function sendPiece(work: Work, from: number, read: Read): Promise<number> {
  const { hypervisor, volume, size, note, options } = work;
  const { signal, progress } = options;
  const ends = note === undefined ? Infinity : performance.now() + (options.confirmEvery ?? confirmEvery);
  const { stream, sparse } = await sparseOrPlain((how) =>
    hypervisor.volumes.upload(volume, { offset: from, length: size - from }, how),
  );
  const stop = (): void => void stream.abort();
  signal?.addEventListener('abort', stop, { once: true });
  let at = from;
  let hole = 0;
  try {
    for await (const item of itemsOf(work, from, size)) {
      signal?.throwIfAborted();
      await read.add(item, signal);
      at += 'data' in item ? item.data.length : item.hole;
      if ('hole' in item && sparse) hole += item.hole;
      else {
        if (hole > 0) await stream.writeHole(hole);
        hole = 0;
        if ('data' in item) await stream.write(item.data);
        else await writeZeros(stream, item.hole, signal);
      }
      progress?.(at, size);
      if (performance.now() >= ends) break;
    }
    if (hole > 0) await stream.writeHole(hole);
    await stream.finish();
    return at;
  } catch (error) {
    await stream.abort();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** A file grows; a device has the size it has, and the end of the file would be cut off. */
function checkCapacity(xml: string, size: number): void {
  const { name, capacity } = describeVolume(xml);
  if (capacity < size)
    throw new LibvirtError({
      kind: 'protocol',
      message: `the file has ${size} bytes, the volume ${name} would hold ${capacity}`,
    });
}

/** Notes that a volume is about to be made that will not be whole for a while. */
async function noteBeginning(
  { name, uuid }: PoolRef,
  path: string,
  { size, mtimeMs }: { readonly size: number; readonly mtimeMs: number },
  { journal }: UploadOptions,
) {
  if (journal === undefined) return undefined;
  const { notes, uri, volume } = journal;
  const pool = { name, uuid };
  const record = { uri, pool, volume, path, size, confirmed: 0, mtime: mtimeMs };
  const earlier = await notes.find(pool, volume);
  const forget = (): Promise<unknown> => notes.remove(pool, volume);
  return {
    written: await notes.write(record),
    confirm: (confirmed: number): Promise<unknown> => notes.write({ ...record, confirmed }),
    forget,
    // A volume of that name may be the half one of another upload: its note comes back.
    undo: () => (earlier === undefined ? forget() : notes.write(earlier)),
  };
}

async function withFile<T>(
  path: string,
  work: (file: FileHandle, stat: Pick<Stats, 'size' | 'mtimeMs'>, empty: boolean) => Promise<T>,
): Promise<T> {
  const file = await openRegular(path);
  try {
    const [found, { type }] = await Promise.all([file.stat(), statfs(path)]);
    return await work(file, found, isOneHole(found, type));
  } finally {
    await file.close();
  }
}

/** File systems that count the blocks of what is not on the disk yet: ext2 to ext4, XFS, Btrfs, tmpfs (statfs(2)). */
const countingBlocks: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994]);
/** Bytes: what is shorter may lie in the inode. */
const longestInline = 64 * 1024;

/**
 * Whether a file holds nothing but one hole. That it has no blocks says so on few file systems: others (ZFS, NFS, FUSE)
 * tell none of a file that is not written out yet, or of any.
 *
 * @param fileSystem its number, by statfs
 */
export function isOneHole({ blocks, size }: Pick<Stats, 'blocks' | 'size'>, fileSystem: number): boolean {
  return blocks === 0 && size > longestInline && countingBlocks.has(fileSystem);
}
