import { procedures } from '../../wire/procedures.js';
import type { ByteStream } from '../byte-stream.js';
import type { CallOptions } from '../hypervisor.js';
import {
  type PoolRef,
  type StorageVolumes,
  type TransferOptions,
  type TransferRange,
  type VolumeCloneOptions,
  type VolumeCreateOptions,
  type VolumeInfo,
  type VolumeRef,
  type VolumeResizeOptions,
  volumeTypes,
  type WipeAlgorithm,
  wholeVolumeTimeout,
  wipeAlgorithms,
} from '../storage.js';
import { RemoteByteStream } from './byte-stream.js';
import { type Caller, guard } from './caller.js';
import { storageTimeout } from './storage-pools.js';

/** virStorageVolCreateFlags */
const CreateFlag = { preallocateMetadata: 1, reflink: 2 } as const;

/** virStorageVolResizeFlags */
const ResizeFlag = { allocate: 1, shrink: 4 } as const;

/** virStorageVolUploadFlags and virStorageVolDownloadFlags */
const sparseStream = 1;

/** The volumes of a daemon's storage pools. */
export class RemoteStorageVolumes implements StorageVolumes {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  async list(pool: PoolRef, options?: CallOptions): Promise<readonly VolumeRef[]> {
    const args = { pool, need_results: 1, flags: 0 };
    return (await this.#caller.call(procedures.STORAGE_POOL_LIST_ALL_VOLUMES, args, options)).vols;
  }

  async lookup(pool: PoolRef, name: string, options?: CallOptions): Promise<VolumeRef> {
    return (await this.#caller.call(procedures.STORAGE_VOL_LOOKUP_BY_NAME, { pool, name }, options)).vol;
  }

  async lookupByPath(path: string, options?: CallOptions): Promise<VolumeRef> {
    return (await this.#caller.call(procedures.STORAGE_VOL_LOOKUP_BY_PATH, { path }, options)).vol;
  }

  async info(vol: VolumeRef, options?: CallOptions): Promise<VolumeInfo> {
    const info = await this.#caller.call(procedures.STORAGE_VOL_GET_INFO, { vol }, options);
    return {
      type: volumeTypes[info.type] ?? 'file',
      capacity: Number(info.capacity),
      allocation: Number(info.allocation),
    };
  }

  async xml(vol: VolumeRef, options?: CallOptions): Promise<string> {
    return (await this.#caller.call(procedures.STORAGE_VOL_GET_XML_DESC, { vol, flags: 0 }, options)).xml;
  }

  async path(vol: VolumeRef, options?: CallOptions): Promise<string> {
    return (await this.#caller.call(procedures.STORAGE_VOL_GET_PATH, { vol }, options)).name;
  }

  async create(pool: PoolRef, xml: string, options?: VolumeCreateOptions): Promise<VolumeRef> {
    const flags = options?.preallocateMetadata ? CreateFlag.preallocateMetadata : 0;
    const args = { pool, xml, flags };
    return (await this.#caller.act(procedures.STORAGE_VOL_CREATE_XML, args, storageTimeout, options)).vol;
  }

  async clone(pool: PoolRef, xml: string, from: VolumeRef, options?: VolumeCloneOptions): Promise<VolumeRef> {
    const metadata = options?.preallocateMetadata ? CreateFlag.preallocateMetadata : 0;
    const args = { pool, xml, clonevol: from, flags: metadata | (options?.reflink ? CreateFlag.reflink : 0) };
    return (await this.#caller.act(procedures.STORAGE_VOL_CREATE_XML_FROM, args, storageTimeout, options))
      .vol;
  }

  async resize(vol: VolumeRef, capacity: number, options?: VolumeResizeOptions): Promise<void> {
    const flags = (options?.shrink ? ResizeFlag.shrink : 0) | (options?.allocate ? ResizeFlag.allocate : 0);
    await this.#caller.act(procedures.STORAGE_VOL_RESIZE, { vol, capacity, flags }, storageTimeout, options);
  }

  async delete(vol: VolumeRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.STORAGE_VOL_DELETE, { vol, flags: 0 }, storageTimeout, options);
  }

  async wipe(vol: VolumeRef, algorithm: WipeAlgorithm, options?: CallOptions): Promise<void> {
    const args = { vol, algorithm: wipeAlgorithms.indexOf(algorithm), flags: 0 };
    await this.#caller.act(procedures.STORAGE_VOL_WIPE_PATTERN, args, wholeVolumeTimeout, options);
  }

  async upload(vol: VolumeRef, range: TransferRange, options?: TransferOptions): Promise<ByteStream> {
    const args = { vol, ...range, flags: options?.sparse ? sparseStream : 0 };
    return this.#stream(this.#caller.channel.openStream(procedures.STORAGE_VOL_UPLOAD, args, options));
  }

  async download(vol: VolumeRef, range: TransferRange, options?: TransferOptions): Promise<ByteStream> {
    const args = { vol, ...range, flags: options?.sparse ? sparseStream : 0 };
    return this.#stream(this.#caller.channel.openStream(procedures.STORAGE_VOL_DOWNLOAD, args, options));
  }

  async #stream(opening: ReturnType<Caller['channel']['openStream']>): Promise<ByteStream> {
    const { stream } = await guard(opening);
    return new RemoteByteStream(stream);
  }
}
