import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ChainLink } from '../libvirt/backing-chain.js';
import { isUnsupported, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { type Place, placesOf, volumePlace } from '../libvirt/source-places.js';
import type { VolumeRef } from '../libvirt/storage.js';
import { isThisMachine } from '../libvirt/this-machine.js';
import { describePool } from '../libvirt/xml/pool-xml.js';
import { inTurns } from './in-turns.js';

/** A volume as the host tells it, before it is known which names mean the same. */
export type UnsettledLink = VolumeRef & Omit<ChainLink, 'id' | 'bases'>;

/** Files that are looked at together on this machine. */
const lookedAt = 64;
/** Sources that a host is asked about: at once, and at most. */
const asked = 8;
const mostAsked = 2000;

/** Which names mean the same file, device or image of a host. */
export class VolumeIdentity {
  /** A name that every place of one thing has in common. Places that are not here are names of themselves. */
  readonly #ids: ReadonlyMap<Place, string>;

  constructor(ids: ReadonlyMap<Place, string> = new Map()) {
    this.#ids = ids;
  }

  idOf(place: Place): string {
    return this.#ids.get(place) ?? place;
  }
}

/** Every name under which domains and other volumes may know a volume. */
export function namesOfVolume(volume: VolumeRef, path: string | undefined): readonly Place[] {
  const { pool, name, key } = volume;
  const named = [path, key].flatMap((one) => (one === undefined || one === '' ? [] : placesOf(one)));
  // What has no path and no address is an image of Ceph: its volumes are called "pool/image".
  const images = named.filter((one) => /^[^/:]+\/[^:]+$/.test(one)).map((one) => `rbd:${one}`);
  return [...new Set([...named, ...images, volumePlace({ pool, name })])];
}

/** What a volume stands on: relative to its own folder. */
export function placesBelow({ path, backing }: Pick<ChainLink, 'path' | 'backing'>): readonly Place[] {
  if (backing === undefined) return [];
  return placesOf(backing, path?.startsWith('/') ? dirname(path) : undefined);
}

/**
 * Finds out which sources mean the same: by their spelling, by what is there where the host is this machine (links to
 * files and folders, device links), and by the host's own look-up.
 *
 * @param sources what domains name besides, and what volumes stand on beyond others
 * @param local whether the host is this machine
 * @throws LibvirtError where the connection fails
 */
export async function settleIdentity(
  hypervisor: Hypervisor,
  volumes: readonly UnsettledLink[],
  sources: Iterable<Place>,
  local: boolean,
): Promise<VolumeIdentity> {
  const named = volumes.map((volume) => ({ names: namesOfVolume(volume, volume.path), volume }));
  const others = new Set([...volumes.flatMap(placesBelow), ...sources]);
  const paths = new Set(
    [...named.flatMap(({ names }) => names), ...others].filter((one) => one.startsWith('/')),
  );
  const there = local ? await inodes([...paths]) : new Map<Place, string>();
  const ids = new Map<Place, string>();
  for (const { names } of named) {
    const known = names.map((name) => ids.get(name) ?? there.get(name)).find((one) => one !== undefined);
    for (const name of names) if (!ids.has(name)) ids.set(name, known ?? names[0] ?? name);
  }
  const unsettled: Place[] = [];
  for (const place of others) {
    if (ids.has(place)) continue;
    const file = there.get(place);
    if (file !== undefined) ids.set(place, file);
    // libvirt takes ".." for a name like any other: those are settled by their short spelling.
    else if (place.startsWith('/') && !place.includes('/../')) unsettled.push(place);
  }
  await inTurns(unsettled.slice(0, mostAsked), asked, async (place) => {
    const volume = await lookup(hypervisor, place);
    const id = volume && ids.get(volumePlace(volume));
    if (id !== undefined) ids.set(place, id);
  });
  return new VolumeIdentity(ids);
}

/**
 * Other names of the same files, where the host is this machine: without links, and as a pool calls them whose folder is
 * one. For what is only looked at: no file is asked for its numbers.
 *
 * @throws LibvirtError
 */
export async function namesByLinks(
  hypervisor: Hypervisor,
  places: Iterable<Place>,
): Promise<ReadonlyMap<Place, readonly Place[]>> {
  const found = new Map<Place, readonly Place[]>();
  if (!(await isOnThisMachine(hypervisor))) return found;
  const options = { priority: 'background' } as const;
  const pools = await hypervisor.pools.list(options);
  const folders = new Map<string, string>();
  for (const pool of isUnsupported(pools) ? [] : pools.filter(({ active }) => active)) {
    const { path } = describePool(await hypervisor.pools.xml(pool, options));
    const real = path === undefined ? undefined : await realpath(path).catch(() => undefined);
    if (path !== undefined && real !== undefined && real !== path) folders.set(real, path);
  }
  const paths = [...places].filter((place) => place.startsWith('/'));
  await inTurns(paths, lookedAt, async (place) => {
    const real = await realpath(place).catch(() => place);
    const folder = folders.get(dirname(real));
    const names = [real, ...(folder === undefined ? [] : [`${folder}/${basename(real)}`])];
    found.set(
      place,
      names.filter((name) => name !== place),
    );
  });
  return found;
}

/** Links with what they are and stand on. */
export function settledLinks<T extends UnsettledLink>(
  volumes: readonly T[],
  identity: VolumeIdentity,
): readonly (T & ChainLink)[] {
  return volumes.map((volume) => ({
    ...volume,
    id: identity.idOf(volumePlace(volume)),
    bases: placesBelow(volume).map((place) => identity.idOf(place)),
  }));
}

/** Whether a host is this machine, so that its files can be looked at. */
export async function isOnThisMachine(hypervisor: Hypervisor): Promise<boolean> {
  try {
    return isThisMachine((await hypervisor.hostInfo()).hostname);
  } catch {
    // Names that cannot be looked at are compared by their spelling.
    return false;
  }
}

/** What lies at each path, by the numbers of its file system; of a device those of the device. */
async function inodes(paths: readonly Place[]): Promise<ReadonlyMap<Place, string>> {
  const found = new Map<Place, string>();
  await inTurns(paths, lookedAt, async (path) => {
    try {
      const file = await stat(path, { bigint: true });
      if (file.isFile()) found.set(path, `file ${file.dev} ${file.ino}`);
      else if (file.isBlockDevice()) found.set(path, `device ${file.rdev}`);
    } catch {
      // It is not there, or may not be looked at.
    }
  });
  return found;
}

/** libvirt finds devices by other links to them, and keys are in the list already. */
async function lookup({ volumes }: Hypervisor, path: string): Promise<VolumeRef | undefined> {
  try {
    return await volumes.lookupByPath(path);
  } catch (error) {
    if ((error as LibvirtError).kind === 'closed') throw error;
    return undefined;
  }
}
