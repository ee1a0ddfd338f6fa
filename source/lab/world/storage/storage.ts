import { posix } from 'node:path';
import { refuseStorage as refuse } from '../../errors.js';
import { BlockStore } from './block-store.js';
import { Place } from './place.js';
import type { LabPool } from './pool.js';
import type { Backing } from './qcow2.js';
import type { LabVolume } from './volume.js';

const gib = 1024 ** 3;
/** Directories that every host has. */
const usualDirectories = ['/tmp', '/var/tmp', '/mnt', '/media', '/srv', '/home', '/var/lib/libvirt'];

/** A volume and the pool that it was found in. */
export interface FoundVolume {
  readonly pool: LabPool;
  readonly volume: LabVolume;
}

/** The storage of a host: its places, whatever looks after them, and the pools that do. */
export class Storage {
  readonly store = new BlockStore();
  /** By UUID, in the order of creation. */
  readonly pools = new Map<string, LabPool>();
  /** Directories, volume groups and other places of volumes, by path. */
  readonly places = new Map<string, Place>();

  constructor() {
    for (const path of usualDirectories) this.newPlace(path);
  }

  /** Makes a place; as large as a small disk unless told. */
  newPlace(path: string, capacity = 250 * gib, others = 20 * gib): Place {
    const place = new Place(capacity, others);
    this.places.set(path, place);
    return place;
  }

  poolByName(name: string): LabPool | undefined {
    for (const pool of this.pools.values()) if (pool.name === name) return pool;
    return undefined;
  }

  /** The pool that a client's handle means: the UUID decides. */
  poolOf({ uuid, name }: { readonly uuid: string; readonly name: string }): LabPool {
    const pool = this.pools.get(uuid);
    if (pool === undefined) throw refuse.noPool(`no storage pool with matching uuid '${uuid}' (${name})`);
    return pool;
  }

  findPool(name: string): LabPool {
    const pool = this.poolByName(name);
    if (pool === undefined) throw refuse.noPool(`no storage pool with matching name '${name}'`);
    return pool;
  }

  /** The volume that a client's handle means: pool and name decide. */
  volumeOf(handle: { readonly pool: string; readonly name: string }): FoundVolume {
    const pool = this.findPool(handle.pool);
    checkPoolActive(pool);
    return { pool, volume: volumeIn(pool, handle.name) };
  }

  /** The volume of an active pool that lies there. */
  volumeAt(path: string): FoundVolume | undefined {
    const clean = posix.normalize(path);
    const [folder, name] = [posix.dirname(clean), posix.basename(clean)];
    for (const pool of this.pools.values()) {
      const volume = pool.definition.path === folder ? pool.volumes.get(name) : undefined;
      if (volume !== undefined) return { pool, volume };
    }
    return undefined;
  }

  volumeByKey(key: string): FoundVolume | undefined {
    const found = this.volumeAt(key);
    if (found !== undefined) return found;
    for (const pool of this.pools.values()) {
      if (pool.type.volumes === 'file') continue;
      for (const volume of pool.volumes.values()) if (volume.key === key) return { pool, volume };
    }
    return undefined;
  }

  /** True for what lies anywhere on the host, in a pool or not. */
  hasFile(path: string): boolean {
    return this.places.get(posix.dirname(path))?.volumes.has(posix.basename(path)) ?? false;
  }

  /** What an image stands on, the nearest first, up to the first that is missing. */
  backingChain(path: string): Backing[] {
    const chain: Backing[] = [];
    for (let at = path; chain.length < 200; ) {
      const volume = this.places.get(posix.dirname(at))?.volumes.get(posix.basename(at));
      if (volume?.backing === undefined) break;
      chain.push(volume.backing);
      at = volume.backing.path;
    }
    return chain;
  }
}

export function checkPoolActive({ active, name }: LabPool): void {
  if (!active) throw refuse.invalid(`storage pool '${name}' is not active`);
}

export function volumeIn(pool: LabPool, name: string): LabVolume {
  const volume = pool.volumes.get(name);
  if (volume === undefined) throw refuse.noVolume(`no storage vol with matching name '${name}'`);
  return volume;
}
