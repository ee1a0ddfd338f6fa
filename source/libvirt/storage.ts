import type { ByteStream } from './byte-stream.js';
import type { Unsupported } from './errors.js';
import type { CallOptions } from './hypervisor.js';

/** libvirt's handle of a storage pool. */
export interface PoolRef {
  readonly name: string;
  /** Lower-case, with dashes. */
  readonly uuid: string;
}

/** What the list answers say of a pool, without any call of its own. */
export interface PoolListing extends PoolRef {
  readonly active: boolean;
  readonly autostart: boolean;
  readonly persistent: boolean;
}

/** virStoragePoolState, by number, in virsh's words. */
export const poolStates = ['inactive', 'building', 'running', 'degraded', 'inaccessible'] as const;
export type PoolState = (typeof poolStates)[number];

/** Bytes. Zero while the pool is inactive. */
export interface PoolInfo {
  readonly state: PoolState;
  readonly capacity: number;
  readonly allocation: number;
  readonly available: number;
}

/** Pools whose build writes a file system or a partition table over what is there; others refuse both of its flags. */
export const formattedPools: ReadonlySet<string> = new Set(['fs', 'disk', 'logical']);

/** Pools whose volumes are files, which have formats; devices are what the storage gives. */
export const filePools: ReadonlySet<string> = new Set(['dir', 'fs', 'netfs', 'gluster', 'vstorage']);

/** A day, in milliseconds: what copies or wipes a whole volume takes as long as its storage does. */
export const wholeVolumeTimeout = 86_400_000;

/** libvirt's handle of a volume. */
export interface VolumeRef {
  readonly pool: string;
  readonly name: string;
  /** Unique on the host; a path for pools of files. */
  readonly key: string;
}

/** virStorageVolType, by number. */
export const volumeTypes = ['file', 'block', 'dir', 'network', 'netdir', 'ploop'] as const;
export type VolumeType = (typeof volumeTypes)[number];

/** Bytes. */
export interface VolumeInfo {
  readonly type: VolumeType;
  readonly capacity: number;
  readonly allocation: number;
}

/** virStorageVolWipeAlgorithm, by number, in virsh's words. */
export const wipeAlgorithms = [
  'zero',
  'nnsa',
  'dod',
  'bsi',
  'gutmann',
  'schneier',
  'pfitzner7',
  'pfitzner33',
  'random',
  'trim',
] as const;
export type WipeAlgorithm = (typeof wipeAlgorithms)[number];

/** The storage pools of a connection. Methods reject with a LibvirtError. */
export interface StoragePools {
  /** Every pool, active or not, by a fixed number of calls sent together. */
  list(options?: CallOptions): Promise<PoolListing[] | Unsupported>;
  lookup(name: string, options?: CallOptions): Promise<PoolRef>;
  info(pool: PoolRef, options?: CallOptions): Promise<PoolInfo>;
  xml(pool: PoolRef, options?: CallOptions & { readonly inactive?: boolean }): Promise<string>;
  define(xml: string, options?: CallOptions): Promise<PoolRef>;
  /** Prepares the target: makes the directory, formats the file system. `overwrite` loses what is on it. */
  build(pool: PoolRef, options?: CallOptions & { readonly overwrite?: boolean }): Promise<void>;
  start(pool: PoolRef, options?: CallOptions): Promise<void>;
  /** `virsh pool-destroy`: it is no longer looked after; the data stays. */
  stop(pool: PoolRef, options?: CallOptions): Promise<void>;
  /** `virsh pool-delete`: the storage itself is removed. */
  delete(pool: PoolRef, options?: CallOptions): Promise<void>;
  undefine(pool: PoolRef, options?: CallOptions): Promise<void>;
  /** Looks for volumes anew. May take as long as the storage does. */
  refresh(pool: PoolRef, options?: CallOptions): Promise<void>;
  setAutostart(pool: PoolRef, on: boolean, options?: CallOptions): Promise<void>;
  /**
   * Asks the host what sources it has for a type of pool, e.g. a server's exports.
   *
   * @param source `<source><host name="…"/></source>` for types that need one
   * @returns libvirt's `<sources>` document
   */
  findSources(type: string, source?: string, options?: CallOptions): Promise<string | Unsupported>;
}

/** The volumes of a connection. Methods reject with a LibvirtError. */
export interface StorageVolumes {
  /** Every volume of an active pool in one answer: names only, what else there is to know is asked for one. */
  list(pool: PoolRef, options?: CallOptions): Promise<readonly VolumeRef[]>;
  lookup(pool: PoolRef, name: string, options?: CallOptions): Promise<VolumeRef>;
  lookupByPath(path: string, options?: CallOptions): Promise<VolumeRef>;
  info(volume: VolumeRef, options?: CallOptions): Promise<VolumeInfo>;
  xml(volume: VolumeRef, options?: CallOptions): Promise<string>;
  path(volume: VolumeRef, options?: CallOptions): Promise<string>;
  create(pool: PoolRef, xml: string, options?: VolumeCreateOptions): Promise<VolumeRef>;
  /** A new volume with the contents of `from`, which may lie in another pool. */
  clone(pool: PoolRef, xml: string, from: VolumeRef, options?: VolumeCloneOptions): Promise<VolumeRef>;
  /** @param capacity bytes; smaller than now only with `shrink` */
  resize(volume: VolumeRef, capacity: number, options?: VolumeResizeOptions): Promise<void>;
  delete(volume: VolumeRef, options?: CallOptions): Promise<void>;
  wipe(volume: VolumeRef, algorithm: WipeAlgorithm, options?: CallOptions): Promise<void>;
  /**
   * Opens a stream into a volume; libvirt has no flow control, so it belongs on a connection of its own.
   *
   * @param range bytes; length 0 to the end
   */
  upload(volume: VolumeRef, range: TransferRange, options?: TransferOptions): Promise<ByteStream>;
  /** Opens a stream out of a volume, as `upload`. */
  download(volume: VolumeRef, range: TransferRange, options?: TransferOptions): Promise<ByteStream>;
}

export interface VolumeCreateOptions extends CallOptions {
  readonly preallocateMetadata?: boolean | undefined;
}

export interface VolumeCloneOptions extends VolumeCreateOptions {
  readonly reflink?: boolean | undefined;
}

export interface VolumeResizeOptions extends CallOptions {
  readonly shrink?: boolean;
  readonly allocate?: boolean;
}

export interface TransferRange {
  readonly offset: number;
  readonly length: number;
}

export interface TransferOptions extends CallOptions {
  /** Holes are told and not sent, where the daemon can. */
  readonly sparse?: boolean;
}
