import { posix } from 'node:path';
import { refuseStorage as refuse } from '../../errors.js';
import type { XmlNode } from '../../xml/tree.js';
import { seedFor } from '../random.js';
import type { World } from '../world.js';
import { Contents } from './contents.js';
import type { LabPool } from './pool.js';
import { type Backing, emptyImageLength, imageHeader } from './qcow2.js';
import { checkPoolActive, type FoundVolume } from './storage.js';
import { LabVolume, newFile, type VolumeFacts } from './volume.js';

/** What somebody wants a new volume to be. */
export interface VolumeRequest {
  readonly name: string;
  /** Bytes; a clone's may be left out. */
  readonly capacity: number | undefined;
  readonly allocation: number | undefined;
  readonly format: string;
  readonly backing: Backing | undefined;
  /** As in `VolumeFacts`. */
  readonly details: readonly XmlNode[];
}

/** virStorageVolResizeFlags */
const Resize = { allocate: 1, delta: 2, shrink: 4 } as const;
/** virStorageVolWipeAlgorithm */
const Wipe = { zero: 0, random: 8, trim: 9, last: 10 } as const;
const tib = 1024 ** 4;
/** The largest file that the hosts' file systems take. */
const fileLimit = 16 * tib;
/** LVM gives out so much at a time. */
const logicalExtent = 4 * 1024 ** 2;

/** A new, empty volume. Throws as libvirt does. */
export function createVolume(
  world: World,
  pool: LabPool,
  request: VolumeRequest,
  preallocate: boolean,
): LabVolume {
  const { place, type } = pool;
  if (place === undefined) throw refuse.invalid(`storage pool '${pool.name}' is not active`);
  if (pool.volumes.has(request.name)) throw refuse.volumeExists(request.name);
  if (!type.creates) throw refuse.noSupport('storage pool does not support volume creation');
  const facts = factsOf(world, pool, request, request.capacity ?? baseCapacity(world, request));
  const wanted = type.hasFormats ? (request.allocation ?? facts.capacity) : facts.capacity;
  const takes = facts.format === 'raw' ? Math.min(wanted, facts.capacity) : 0;
  if (takes > place.space.available) throw noSpace(takes, facts.path);
  const contents = newFile(facts, wanted, world.storage.store);
  // All tables are written, but none of the data: the file is long, and nearly all of it a hole.
  if (preallocate && facts.format === 'qcow2') contents.truncate(contents.length + facts.capacity);
  return add(world, pool, facts, contents);
}

/** A volume with the contents of another, which may lie in another pool. Throws as libvirt does. */
export function cloneVolume(
  world: World,
  pool: LabPool,
  request: VolumeRequest,
  from: FoundVolume,
): LabVolume {
  checkPoolActive(pool);
  if (pool.volumes.has(request.name)) {
    throw refuse.internal(`storage volume name '${request.name}' already in use.`);
  }
  if (!pool.type.creates) {
    throw refuse.noSupport('storage pool does not support volume creation from an existing volume');
  }
  const { volume: source } = from;
  const facts = factsOf(world, pool, request, Math.max(request.capacity ?? 0, source.capacity));
  const available = pool.place?.space.available ?? 0;
  if (source.allocation > available) throw noSpace(source.allocation, facts.path);
  return add(world, pool, facts, converted(world, source, facts));
}

/** Throws as libvirt does; only with the flag the volume becomes smaller. */
export function resizeVolume(
  world: World,
  { pool, volume }: FoundVolume,
  capacity: number,
  flags: number,
): void {
  const shrink = (flags & Resize.shrink) !== 0;
  const delta = shrink ? -Math.min(capacity, volume.capacity) : capacity;
  const wanted = flags & Resize.delta ? volume.capacity + delta : capacity;
  if (wanted < volume.allocation) throw refuse.invalidArg("can't shrink capacity below existing allocation");
  if (wanted < volume.capacity && !shrink) {
    throw refuse.invalidArg(
      "Can't shrink capacity below current capacity unless shrink flag explicitly specified",
    );
  }
  const allocate = (flags & Resize.allocate) !== 0;
  if (allocate && wanted - volume.allocation > pool.space.available) {
    throw refuse.failed('Not enough space left in storage pool');
  }
  if (!pool.type.hasFormats) {
    throw refuse.noSupport('storage pool does not support changing of volume capacity');
  }
  const raw = volume.format === 'raw';
  if (allocate && !raw) throw refuse.unsupported('preallocate is only supported for raw type volume');
  if (raw && wanted > fileLimit) {
    throw refuse.system(`Failed to truncate file '${volume.path}': File too large`);
  }
  volume.resize(wanted, world.now());
  if (allocate) volume.contents.allocate();
  world.resizeDisks(volume.path, wanted);
}

export function deleteVolume({ pool, volume }: FoundVolume): void {
  if (!pool.type.creates) throw refuse.noSupport('storage pool does not support vol deletion');
  volume.release();
  pool.place?.volumes.delete(volume.name);
}

/** Overwrites a volume: what was sparse stays so, as nothing but zeros. */
export function wipeVolume(world: World, { volume }: FoundVolume, algorithm: number): void {
  if (algorithm === Wipe.trim) throw refuse.unsupported("'trim' algorithm not supported");
  if (algorithm >= Wipe.last) throw refuse.invalidArg(`unsupported algorithm ${algorithm}`);
  const { contents } = volume;
  if (algorithm === Wipe.zero && contents.allocation < contents.length) {
    const { length } = contents;
    contents.truncate(0);
    contents.truncate(length);
  } else contents.overwrite(algorithm === Wipe.zero ? undefined : seedOf(world, volume.path));
  volume.refresh(world.now());
}

/** Numbers of a volume's own, so that no two have the same contents. */
export function seedOf({ seed }: Pick<World, 'seed'>, path: string): number {
  let hash = 0;
  for (let index = 0; index < path.length; index += 1)
    hash = (Math.imul(hash, 31) + path.charCodeAt(index)) | 0;
  return seedFor(seed, hash);
}

function factsOf(world: World, pool: LabPool, request: VolumeRequest, capacity: number): VolumeFacts {
  const { definition, type } = pool;
  const { name, backing, details } = request;
  if (name.includes('/')) throw refuse.invalid(`volume name '${name}' cannot contain '/'`);
  const format = type.hasFormats ? request.format : 'raw';
  const folder = definition.path ?? definition.source ?? definition.name;
  if (backing !== undefined && format === 'raw' && type.hasFormats) {
    throw refuse.noSupport('backing storage not supported for raw volumes');
  }
  const base = backing && { ...backing, path: posix.resolve(folder, backing.path) };
  if (base !== undefined && !world.storage.hasFile(base.path)) {
    throw refuse.system(`inaccessible backing store volume ${base.path}: No such file or directory`);
  }
  const logical = type.volumes === 'block';
  return {
    name,
    path: posix.join(folder, name),
    // LVM's own names for volumes.
    key: logical ? world.random.uuid().replaceAll('-', '') : undefined,
    type: format === 'dir' ? 'dir' : type.volumes,
    format,
    capacity: logical ? logicalExtent * Math.ceil(capacity / logicalExtent) : capacity,
    backing: base,
    details,
    now: world.now(),
  };
}

/** A volume that names no size is as large as what it stands on. */
function baseCapacity(world: World, { backing }: VolumeRequest): number {
  return (backing && world.storage.volumeAt(backing.path)?.volume.capacity) ?? 0;
}

function add(world: World, pool: LabPool, facts: VolumeFacts, contents: Contents): LabVolume {
  const volume = new LabVolume(facts, contents, world.storage.store);
  pool.place?.volumes.set(volume.name, volume);
  return volume;
}

/** The contents of a volume in another format, as far as anybody can tell without reading all of it. */
function converted(world: World, source: LabVolume, facts: VolumeFacts): Contents {
  const { store } = world.storage;
  const { capacity, format } = facts;
  if (format === source.format) {
    const contents = source.contents.clone();
    if (format === 'raw') contents.truncate(Math.max(contents.length, capacity));
    else if (format === 'qcow2') contents.write(0, imageHeader(facts));
    return contents;
  }
  const seed = seedOf(world, source.path);
  const density = Math.min(1, source.allocation / Math.max(1, source.capacity));
  if (format === 'raw') return new Contents(store, capacity, [{ end: capacity, seed, density }]);
  const length = emptyImageLength(capacity) + Math.ceil(density * capacity);
  const contents = new Contents(store, length, [{ end: length, seed, density: 1 }]);
  if (format === 'qcow2') contents.write(0, imageHeader(facts));
  return contents;
}

function noSpace(bytes: number, path: string): Error {
  return refuse.system(`cannot allocate ${bytes} bytes in file '${path}': No space left on device`);
}
