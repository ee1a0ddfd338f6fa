import type { XmlNode } from '../../xml/tree.js';
import type { BlockStore } from './block-store.js';
import { Contents } from './contents.js';
import type { Layer } from './layer.js';
import { type Backing, emptyImageLength, emptyTables, imageHeader, readImageHeader } from './qcow2.js';

/** virStorageVolType, by libvirt's words. */
export const volumeTypes = { file: 0, block: 1, dir: 2, network: 3 } as const;
export type VolumeType = keyof typeof volumeTypes;

/** What a volume is made from. */
export interface VolumeFacts {
  readonly name: string;
  /** Where it lies, with its name. */
  readonly path: string;
  /** Unique on the host; the path unless told. */
  readonly key?: string | undefined;
  readonly type?: VolumeType | undefined;
  readonly format: string;
  /** Bytes that a guest sees. */
  readonly capacity: number;
  readonly backing?: Backing | undefined;
  /** Elements of its target that are told as they were given: compat, features, encryption, mode. */
  readonly details?: readonly XmlNode[] | undefined;
  /** World time. */
  readonly now: number;
}

/** What a volume's file is, as long as nobody looked into it. */
export interface InitialFile {
  readonly length: number;
  readonly allocation: number;
  readonly layers: readonly Layer[];
}

/** A volume: an image file, or a logical volume. */
export class LabVolume {
  readonly name: string;
  readonly path: string;
  readonly key: string;
  readonly type: VolumeType;
  format: string;
  capacity: number;
  backing: Backing | undefined;
  readonly details: readonly XmlNode[];
  /** When it was last written to; world time. */
  modified: number;
  readonly #store: BlockStore;
  /** Made when somebody looks into it: a host may have thousands of volumes. */
  #file: InitialFile | Contents;

  constructor(facts: VolumeFacts, file: InitialFile | Contents, store: BlockStore) {
    this.name = facts.name;
    this.path = facts.path;
    this.key = facts.key ?? facts.path;
    this.type = facts.type ?? 'file';
    this.format = facts.format;
    this.capacity = facts.capacity;
    this.backing = facts.backing;
    this.details = facts.details ?? [];
    this.modified = facts.now;
    this.#file = file;
    this.#store = store;
  }

  /** Bytes that it takes where it lies. */
  get allocation(): number {
    return this.#file.allocation;
  }

  /** Bytes of its file. */
  get physical(): number {
    return this.#file.length;
  }

  get contents(): Contents {
    if (this.#file instanceof Contents) return this.#file;
    const contents = new Contents(this.#store, this.#file.length, this.#file.layers);
    this.#file = contents;
    if (this.format === 'qcow2') this.#writeHeader(contents);
    return contents;
  }

  /** A qcow2 image has its capacity written into it, a raw one is as long as its file. */
  resize(capacity: number, now: number): void {
    this.capacity = capacity;
    this.modified = now;
    if (this.format === 'qcow2') this.#writeHeader(this.contents);
    else if (this.format === 'raw') this.contents.truncate(capacity);
  }

  /** Looks what the file is by now, as libvirt does after something wrote to it. */
  refresh(now: number): void {
    const { contents } = this;
    const found = this.type === 'block' ? undefined : readImageHeader(contents.read(0, 4096));
    this.format = found?.format ?? 'raw';
    this.backing = found?.backing;
    this.capacity = found?.capacity ?? contents.length;
    this.modified = now;
  }

  /** Gives its memory back. */
  release(): void {
    if (this.#file instanceof Contents) this.#file.release();
  }

  #writeHeader(contents: Contents): void {
    contents.write(0, imageHeader(this));
  }
}

/** The file of a new volume that nobody wrote to yet. */
export function newFile(
  { format, capacity, backing }: Pick<VolumeFacts, 'format' | 'capacity' | 'backing'>,
  allocation: number,
  store: BlockStore,
): Contents {
  if (format === 'raw') return new Contents(store, capacity, [zeros(Math.min(allocation, capacity))]);
  const length = emptyImageLength(capacity);
  const contents = new Contents(store, length, [zeros(length)]);
  if (format === 'qcow2') {
    contents.write(0, Buffer.concat([imageHeader({ capacity, backing }), emptyTables(capacity)]));
  }
  return contents;
}

function zeros(end: number): Layer {
  return { end, seed: undefined, density: 1 };
}
