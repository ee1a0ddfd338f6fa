import { streamChunkSize } from '../../../wire/framing.js';
import { From, LabError, refuseStorage as refuse } from '../../errors.js';
import type { HostItem, HostStream } from '../../server/host-stream.js';
import type { World } from '../world.js';
import { refreshPool } from './pool-changes.js';
import type { FoundVolume } from './storage.js';
import type { LabVolume } from './volume.js';

/** What of a volume is sent or taken. */
export interface Range {
  readonly offset: number;
  /** Bytes; 0: all there is. */
  readonly length: number;
  /** Holes are told, and not sent as zeros. */
  readonly sparse: boolean;
}

/** Sends the bytes of a volume's file. */
export class VolumeDownload implements HostStream {
  readonly #volume: LabVolume;
  readonly #sparse: boolean;
  readonly #end: number;
  #at: number;
  /** Where the present run of data, or hole, ends. */
  #section = { data: true, end: 0 };

  constructor(volume: LabVolume, { offset, length, sparse }: Range) {
    this.#volume = volume;
    this.#sparse = sparse;
    this.#at = offset;
    this.#end = Math.min(volume.contents.length, length === 0 ? Number.POSITIVE_INFINITY : offset + length);
  }

  next(): HostItem | undefined {
    if (this.#at >= this.#end) return undefined;
    const { contents } = this.#volume;
    if (this.#sparse && this.#at >= this.#section.end) {
      const { data, length } = contents.section(this.#at);
      this.#section = { data, end: this.#at + length };
    }
    const stop = this.#sparse ? Math.min(this.#section.end, this.#end) : this.#end;
    // The file was cut off meanwhile.
    if (stop <= this.#at) return undefined;
    const from = this.#at;
    if (this.#sparse && !this.#section.data) {
      this.#at = stop;
      return { hole: stop - from };
    }
    const data = contents.read(from, Math.min(streamChunkSize, stop - from));
    this.#at += data.length;
    return data.length === 0 ? undefined : { data };
  }

  close(): void {}
}

/** Writes into a volume's file; at the end the volume is looked at anew, and its pool refreshed. */
export class VolumeUpload implements HostStream {
  readonly #world: World;
  readonly #found: FoundVolume;
  readonly #sparse: boolean;
  readonly #end: number;
  #at: number;

  constructor(world: World, found: FoundVolume, { offset, length, sparse }: Range) {
    this.#world = world;
    this.#found = found;
    this.#sparse = sparse;
    this.#at = offset;
    this.#end = length === 0 ? Number.POSITIVE_INFINITY : offset + length;
  }

  take(item: HostItem): void {
    if ('hole' in item) this.#skip(item.hole);
    else this.#write(item.data);
  }

  close(): void {
    const { pool, volume } = this.#found;
    const now = this.#world.now();
    if (pool.volumes.get(volume.name) !== volume) {
      // Removed meanwhile: nobody will see what was written.
      volume.release();
      return;
    }
    volume.refresh(now);
    this.#world.resizeDisks(volume.path, volume.capacity);
    refreshPool(this.#world, pool);
  }

  #write(data: Uint8Array): void {
    const { contents } = this.#found.volume;
    const room = this.#end - this.#at;
    const fits = data.length <= room ? data : data.subarray(0, room);
    const written = contents.write(this.#at, fits);
    this.#at += fits.length;
    if (!written || fits.length < data.length) {
      throw new LabError(38, From.streams, 'cannot write to stream: No space left on device');
    }
  }

  /** As libvirt does it: the file is cut off behind the hole, or made longer. */
  #skip(length: number): void {
    if (!this.#sparse) throw refuse.internal('unexpected stream hole');
    if (length < 0) throw refuse.invalidArg(`a hole of ${length} bytes`);
    this.#at += length;
    this.#found.volume.contents.truncate(this.#at);
  }
}
