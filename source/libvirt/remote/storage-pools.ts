import { procedures } from '../../wire/procedures.js';
import type { Unsupported } from '../errors.js';
import type { CallOptions } from '../hypervisor.js';
import {
  formattedPools,
  type PoolInfo,
  type PoolListing,
  type PoolRef,
  poolStates,
  type StoragePools,
} from '../storage.js';
import { describePool } from '../xml/pool-xml.js';
import type { Caller } from './caller.js';

/** Storage takes the time it takes: a file system is made, a directory of thousands of files is read. */
export const storageTimeout = 600_000;
const actionTimeout = 120_000;

/** virConnectListAllStoragePoolsFlags */
const ListPools = { active: 2, transient: 8, autostart: 16 } as const;

/** virStoragePoolBuildFlags; without either one the driver decides, and most overwrite. */
const BuildFlag = { noOverwrite: 4, overwrite: 8 } as const;

/** virStorageXMLFlags */
const XmlFlag = { inactive: 1 } as const;

/** The storage pools of a daemon. */
export class RemoteStoragePools implements StoragePools {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  list(options?: CallOptions): Promise<PoolListing[] | Unsupported> {
    return this.#caller.ask(this.#list(options));
  }

  async lookup(name: string, options?: CallOptions): Promise<PoolRef> {
    return (await this.#caller.call(procedures.STORAGE_POOL_LOOKUP_BY_NAME, { name }, options)).pool;
  }

  async info(pool: PoolRef, options?: CallOptions): Promise<PoolInfo> {
    const info = await this.#caller.call(procedures.STORAGE_POOL_GET_INFO, { pool }, options);
    return {
      state: poolStates[info.state] ?? 'inactive',
      capacity: Number(info.capacity),
      allocation: Number(info.allocation),
      available: Number(info.available),
    };
  }

  async xml(pool: PoolRef, options?: CallOptions & { readonly inactive?: boolean }): Promise<string> {
    const { xml } = await this.#caller.flagged(options?.inactive ? XmlFlag.inactive : 0, (flags) =>
      this.#caller.call(procedures.STORAGE_POOL_GET_XML_DESC, { pool, flags }, options),
    );
    return xml;
  }

  async define(xml: string, options?: CallOptions): Promise<PoolRef> {
    const args = { xml, flags: 0 };
    return (await this.#caller.act(procedures.STORAGE_POOL_DEFINE_XML, args, actionTimeout, options)).pool;
  }

  async build(pool: PoolRef, options?: CallOptions & { readonly overwrite?: boolean }): Promise<void> {
    const { type } = describePool(await this.xml(pool));
    const guarded = options?.overwrite ? BuildFlag.overwrite : BuildFlag.noOverwrite;
    const flags = formattedPools.has(type) ? guarded : 0;
    await this.#caller.act(procedures.STORAGE_POOL_BUILD, { pool, flags }, storageTimeout, options);
  }

  async start(pool: PoolRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.STORAGE_POOL_CREATE, { pool, flags: 0 }, storageTimeout, options);
  }

  async stop(pool: PoolRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.STORAGE_POOL_DESTROY, { pool }, actionTimeout, options);
  }

  async delete(pool: PoolRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.STORAGE_POOL_DELETE, { pool, flags: 0 }, storageTimeout, options);
  }

  async undefine(pool: PoolRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.STORAGE_POOL_UNDEFINE, { pool }, actionTimeout, options);
  }

  async refresh(pool: PoolRef, options?: CallOptions): Promise<void> {
    await this.#caller.act(procedures.STORAGE_POOL_REFRESH, { pool, flags: 0 }, storageTimeout, options);
  }

  async setAutostart(pool: PoolRef, on: boolean, options?: CallOptions): Promise<void> {
    const autostart = on ? 1 : 0;
    await this.#caller.act(
      procedures.STORAGE_POOL_SET_AUTOSTART,
      { pool, autostart },
      actionTimeout,
      options,
    );
  }

  async findSources(type: string, source?: string, options?: CallOptions): Promise<string | Unsupported> {
    const args = { type, srcSpec: source, flags: 0 };
    const answer = this.#caller.act(
      procedures.CONNECT_FIND_STORAGE_POOL_SOURCES,
      args,
      actionTimeout,
      options,
    );
    const found = await this.#caller.ask(answer);
    return 'xml' in found ? found.xml : found;
  }

  #list(options: CallOptions | undefined): Promise<PoolListing[]> {
    const list = async (flags: number) =>
      (
        await this.#caller.call(
          procedures.CONNECT_LIST_ALL_STORAGE_POOLS,
          { need_results: 1, flags },
          options,
        )
      ).pools;
    return this.#caller.listings(list, ListPools);
  }
}
