import { objectEvents } from '../../../wire/events.js';
import { checkNames, refuseStorage as refuse } from '../../errors.js';
import type { World } from '../world.js';
import { LabPool, type PoolDefinition } from './pool.js';
import { checkPoolActive, type Storage } from './storage.js';

/** virStoragePoolEventLifecycleType */
const Lifecycle = { defined: 0, undefined: 1, started: 2, stopped: 3, created: 4, deleted: 5 } as const;
const gib = 1024 ** 3;

/** A persistent, inactive pool, or another definition of the one of that name and UUID. */
export function definePool(world: World, definition: PoolDefinition): LabPool {
  const { storage } = world;
  let pool = samePool(storage, definition);
  if (pool === undefined) {
    pool = new LabPool(definition, true);
    storage.pools.set(pool.uuid, pool);
  } else if (pool.active) pool.next = definition;
  else pool.definition = definition;
  pool.persistent = true;
  tell(world, pool, 'defined');
  return pool;
}

/** A pool that is started at once, and gone when it stops unless it was defined before. */
export function createPool(world: World, definition: PoolDefinition, build: boolean): LabPool {
  const { storage } = world;
  const known = samePool(storage, definition);
  if (known?.active) throw refuse.invalid(`pool is already active as '${known.name}'`);
  const pool = known ?? new LabPool(definition, false);
  if (build) makePlace(storage, pool);
  openPlace(storage, pool);
  storage.pools.set(pool.uuid, pool);
  tell(world, pool, 'started');
  return pool;
}

export function startPool(world: World, pool: LabPool, build: boolean): void {
  if (pool.active) throw refuse.invalid(`storage pool '${pool.name}' is already active`);
  if (build) makePlace(world.storage, pool);
  openPlace(world.storage, pool);
  tell(world, pool, 'started');
}

/** Makes the directory, the volume group, or whatever the pool's volumes are to lie in. */
export function buildPool(world: World, pool: LabPool): void {
  if (pool.active) throw refuse.invalid(`storage pool '${pool.name}' is already active`);
  makePlace(world.storage, pool);
  tell(world, pool, 'created');
}

/** The pool is no longer looked after; its volumes stay where they are. */
export function stopPool(world: World, pool: LabPool): void {
  checkPoolActive(pool);
  pool.place = undefined;
  pool.definition = pool.next ?? pool.definition;
  pool.next = undefined;
  if (!pool.persistent) world.storage.pools.delete(pool.uuid);
  tell(world, pool, 'stopped');
}

/** Removes the storage itself. */
export function deletePool(world: World, pool: LabPool): void {
  const { name, type, definition } = pool;
  if (pool.active) throw refuse.invalid(`storage pool '${name}' is still active`);
  const key = placeKey(definition);
  const place = world.storage.places.get(key);
  if (type.volumes === 'network' || definition.type === 'scsi' || definition.type === 'iscsi') {
    throw refuse.noSupport('pool does not support pool deletion');
  }
  const failed = (why: string) => refuse.system(`failed to remove pool '${key}': ${why}`);
  if (place === undefined) throw failed('No such file or directory');
  if (type.volumes === 'file' && place.volumes.size > 0) throw failed('Directory not empty');
  for (const volume of place.volumes.values()) volume.release();
  world.storage.places.delete(key);
  tell(world, pool, 'deleted');
}

export function undefinePool(world: World, pool: LabPool): void {
  if (pool.active) throw refuse.invalid(`storage pool '${pool.name}' is still active`);
  world.storage.pools.delete(pool.uuid);
  tell(world, pool, 'undefined');
}

/** Looks for volumes anew. Nobody but the host's own pools writes there, so that nothing is found; it is told. */
export function refreshPool(world: World, pool: LabPool): void {
  checkPoolActive(pool);
  const { STORAGE_POOL_EVENT_REFRESH } = objectEvents;
  world.tellOf('storagePool', STORAGE_POOL_EVENT_REFRESH, pool.uuid, { pool: pool.wire });
}

export function setPoolAutostart(pool: LabPool, on: boolean): void {
  if (!pool.persistent) throw refuse.internal('pool has no config file');
  pool.autostart = on;
}

/** The pool that a definition is for; its UUID, name and source must not be those of two. */
function samePool({ pools }: Storage, definition: PoolDefinition): LabPool | undefined {
  const { uuid, name, source } = definition;
  const known = pools.get(uuid);
  const all = [...pools.values()];
  const namesake = all.find((pool) => pool.name === name);
  checkNames('pool', definition, known, namesake, refuse.failed);
  const rival = all.find(
    (pool) => pool !== known && source !== undefined && pool.definition.source === source,
  );
  if (rival !== undefined) throw refuse.failed(`Storage source conflict with pool: '${rival.name}'`);
  return known;
}

function makePlace(storage: Storage, { definition, type }: LabPool): void {
  const key = placeKey(definition);
  if (storage.places.has(key)) return;
  if (type.volumes === 'file') storage.newPlace(key);
  else storage.newPlace(key, 500 * gib, 0);
}

function openPlace(storage: Storage, pool: LabPool): void {
  const { definition } = pool;
  const key = placeKey(definition);
  if (!storage.places.has(key)) {
    const missing = missingPlaces[definition.type];
    if (missing !== undefined) throw missing(definition);
    makePlace(storage, pool);
  }
  pool.place = storage.places.get(key);
}

/** How the storage drivers complain of what is not there; other types find theirs on a machine far away. */
const missingPlaces: Readonly<Record<string, (definition: PoolDefinition) => Error>> = {
  dir: ({ path }) => refuse.system(`cannot open directory '${path}': No such file or directory`),
  fs: (definition) => unmountable(definition),
  netfs: (definition) => unmountable(definition),
  logical: ({ source }) =>
    refuse.internal(
      `Child process (/sbin/vgchange -aly ${source}) unexpected exit status 5:   Volume group "${source}" not found`,
    ),
};

function unmountable({ source, path }: PoolDefinition): Error {
  return refuse.internal(
    `Child process (/bin/mount -o nodev,nosuid,noexec ${source} ${path}) unexpected exit status 32: mount: ${path}: mount point does not exist.`,
  );
}

function placeKey({ path, type, source, name }: PoolDefinition): string {
  return path ?? `${type}:${source ?? name}`;
}

function tell(world: World, { uuid, wire }: LabPool, what: keyof typeof Lifecycle): void {
  const { STORAGE_POOL_EVENT_LIFECYCLE } = objectEvents;
  const fields = { pool: wire, event: Lifecycle[what], detail: 0 };
  world.tellOf('storagePool', STORAGE_POOL_EVENT_LIFECYCLE, uuid, fields);
}
