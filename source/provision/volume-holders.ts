import { allVolumes, type DescribedVolume, linkOf } from '../inventory/all-volumes.js';
import {
  isOnThisMachine,
  namesOfVolume,
  placesBelow,
  settledLinks,
  settleIdentity,
  type UnsettledLink,
  type VolumeIdentity,
} from '../inventory/volume-identity.js';
import { readVolumeUse, usersBy, type VolumeUse, type VolumeUser } from '../inventory/volume-users.js';
import { type ChainLink, dependents, sameOnes } from '../libvirt/backing-chain.js';
import { isActive } from '../libvirt/domain-state.js';
import { isUnsupported, type LibvirtError } from '../libvirt/errors.js';
import type { DomainListing, Hypervisor } from '../libvirt/hypervisor.js';
import { type Place, placesOf, volumePlace } from '../libvirt/source-places.js';
import type { PoolRef, VolumeRef } from '../libvirt/storage.js';
import { type Layers, layersBelow } from './outer-layers.js';

/** A volume and its place among those that stand on one another. */
export type VolumeLink = UnsettledLink & ChainLink & { readonly volume: DescribedVolume };

/** A volume that could not be read, or a whole pool. */
export interface Unread {
  readonly pool: string;
  /** Undefined: whatever lies in the pool. */
  readonly name?: string | undefined;
  readonly error?: LibvirtError | undefined;
}

/** What is known of all volumes of a host and of who holds them: read once, for however many questions. */
export interface HostVolumes<T extends UnsettledLink & ChainLink = VolumeLink> {
  readonly links: readonly T[];
  /** What may stand on any volume. */
  readonly unread: readonly Unread[];
  /** By what things are, besides what they are called. */
  readonly use: VolumeUse;
  readonly identity: VolumeIdentity;
}

/** Who holds what, by every name. */
export type HostNames = Pick<HostVolumes, 'use' | 'identity'>;

/**
 * Reads the XML of every volume and of every domain.
 *
 * @param options.refresh lets the host look for volumes anew first: overlays that were made by hand are seen then
 * @throws LibvirtError
 */
export async function readHostVolumes(
  hypervisor: Hypervisor,
  { refresh = false }: { readonly refresh?: boolean } = {},
): Promise<HostVolumes> {
  const lost = refresh ? await refreshPools(hypervisor) : [];
  const [{ volumes, unread }, use] = await Promise.all([allVolumes(hypervisor), readUse(hypervisor)]);
  const links = volumes.map((volume) => ({ ...linkOf(volume), volume }));
  return settled(hypervisor, links, [...unread, ...lost], use);
}

/** Who holds what on a host. @throws LibvirtError */
export async function readUse(hypervisor: Hypervisor): Promise<VolumeUse> {
  return readVolumeUse(hypervisor, await hypervisor.listDomains());
}

/** Settles which of all that was read means the same. @throws LibvirtError where the connection fails */
export async function settled<T extends UnsettledLink>(
  hypervisor: Hypervisor,
  volumes: readonly T[],
  unread: readonly Unread[],
  told: VolumeUse,
): Promise<HostVolumes<T & ChainLink>> {
  const local = await isOnThisMachine(hypervisor);
  const known = new Set(volumes.flatMap((volume) => namesOfVolume(volume, volume.path)));
  const bases = volumes.flatMap(placesBelow);
  const layers: ReadonlyMap<Place, Layers> = local
    ? await layersBelow(new Set([...told.places.keys(), ...bases]), known)
    : new Map();
  const use = { ...told, places: withLayers(told.places, layers) };
  const beyond = [...layers.values()].flatMap((one) => [...one.data, ...one.bases]);
  const identity = await settleIdentity(hypervisor, volumes, [...use.places.keys(), ...beyond], local);
  const links = settledLinks(volumes, identity).map((link) => {
    const of = (places: readonly Place[]): readonly Layers[] =>
      places.flatMap((one) => layers.get(one) ?? []);
    const own = of(namesOfVolume(link, link.path));
    const beyond = [...own, ...of(placesBelow(link))].flatMap((one) => [...one.data, ...one.bases]);
    if (beyond.length === 0) return link;
    const data = own.flatMap((one) => one.data);
    return { ...link, data, beyond: beyond.map((place) => identity.idOf(place)) };
  });
  return { links, unread, use: { ...use, places: byIdentity(use.places, identity) }, identity };
}

/** Who holds an image holds what that stands on, also where libvirt does not tell it. */
function withLayers(places: VolumeUse['places'], layers: ReadonlyMap<Place, Layers>): VolumeUse['places'] {
  const whole = new Map<Place, readonly VolumeUser[]>(places);
  const add = (place: Place, users: readonly VolumeUser[]): unknown =>
    whole.set(place, [...(whole.get(place) ?? []), ...users]);
  for (const [place, users] of places) {
    const { data = [], bases = [] } = layers.get(place) ?? {};
    const readers = users.map((user) => ({ ...user, writes: false }));
    for (const one of data) add(one, users);
    for (const one of bases) add(one, readers);
  }
  return whole;
}

/** Who holds a thing by one of its names holds it by all. */
function byIdentity(places: VolumeUse['places'], identity: VolumeIdentity): VolumeUse['places'] {
  const whole = new Map<Place, readonly VolumeUser[]>(places);
  for (const [place, users] of places) {
    const id = identity.idOf(place);
    if (id !== place) whole.set(id, [...(whole.get(id) ?? []), ...users]);
  }
  return whole;
}

/**
 * Lets the host look for volumes anew in all its pools.
 *
 * @returns pools that it could not look into: libvirt takes such a pool for stopped, and what lies there is not known any
 * more
 */
export async function refreshPools({ pools }: Pick<Hypervisor, 'pools'>): Promise<readonly Unread[]> {
  const listed = await pools.list();
  if (isUnsupported(listed)) return [];
  const active = listed.filter((pool) => pool.active);
  const errors = await Promise.all(active.map((pool) => refreshPool(pools, pool)));
  const failed = active.flatMap((pool, at) =>
    errors[at] === undefined ? [] : [{ pool, error: errors[at] }],
  );
  if (failed.length === 0) return [];
  const after = await pools.list();
  const running = new Set(
    isUnsupported(after) ? [] : after.flatMap(({ active, uuid }) => (active ? [uuid] : [])),
  );
  return failed.flatMap(({ pool, error }) => (running.has(pool.uuid) ? [] : [{ pool: pool.name, error }]));
}

/**
 * Lets the host look for a pool's volumes, and into them. libvirt refuses it while it makes a volume there; what it
 * knows stands then.
 *
 * @returns why not
 * @throws LibvirtError where the connection fails
 */
export async function refreshPool(
  pools: Hypervisor['pools'],
  pool: PoolRef,
): Promise<LibvirtError | undefined> {
  try {
    await pools.refresh(pool);
    return undefined;
  } catch (error) {
    if ((error as LibvirtError).kind !== 'libvirt') throw error;
    return error as LibvirtError;
  }
}

/** The volume behind a disk's source, in whatever spelling: a path, a device, "pool/volume". */
export function linkAt<T extends UnsettledLink & ChainLink>(
  host: HostVolumes<T>,
  places: readonly Place[],
): T | undefined {
  const known = names(host);
  for (const place of places) {
    const link = known.get(place) ?? known.get(host.identity.idOf(place));
    if (link !== undefined) return link;
  }
  return undefined;
}

const named = new WeakMap<HostVolumes<UnsettledLink & ChainLink>, ReadonlyMap<Place, unknown>>();

/** Every name of every volume. Of two with the same id a name leads to its own one. */
function names<T extends UnsettledLink & ChainLink>(host: HostVolumes<T>): ReadonlyMap<Place, T> {
  const known = named.get(host);
  if (known !== undefined) return known as ReadonlyMap<Place, T>;
  const made = new Map<Place, T>();
  for (const link of host.links)
    for (const name of namesOfVolume(link, link.path)) if (!made.has(name)) made.set(name, link);
  for (const link of host.links) if (!made.has(link.id)) made.set(link.id, link);
  named.set(host, made);
  return made;
}

/** The volume of a handle; undefined where it could not be read, or is gone. */
export function linkOfVolume<T extends UnsettledLink & ChainLink>(
  host: HostVolumes<T>,
  volume: Pick<VolumeRef, 'pool' | 'name'>,
): T | undefined {
  return names(host).get(volumePlace(volume));
}

/** Domains that hold a volume itself, each once. */
export function usersOfLink<T extends UnsettledLink & ChainLink>(
  { links, use }: HostVolumes<T>,
  link: T,
): readonly VolumeUser[] {
  // Those that are called otherwise and are the same file have their users too.
  const all = sameOnes(link, links);
  return usersBy(use, [link.id, ...[link, ...all].flatMap((one) => namesOfVolume(one, one.path))]);
}

/** Domains that hold a file that may be no volume at all, e.g. the NVRAM of one of them. */
export function usersOfFile({ use, identity }: HostNames, path: string): readonly VolumeUser[] {
  const places = placesOf(path);
  return usersBy(use, [...places, ...places.map((place) => identity.idOf(place))]);
}

/**
 * Domains that hold a volume itself, by whatever name they know it.
 *
 * @param domains those that are asked; all of the host unless told
 * @throws LibvirtError
 */
export async function usersNow(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  domains?: readonly DomainListing[],
): Promise<readonly VolumeUser[]> {
  const path = await hypervisor.volumes.path(volume);
  const own = { ...volume, path, backing: undefined };
  const use = await readVolumeUse(hypervisor, domains ?? (await hypervisor.listDomains()));
  const host = await settled(hypervisor, [own], [], use);
  return host.links.flatMap((link) => usersOfLink(host, link));
}

/** Domains that write to a volume: what stands on it breaks as soon as they do. @throws LibvirtError */
export async function writersOf(hypervisor: Hypervisor, volume: VolumeRef): Promise<readonly VolumeUser[]> {
  return (await usersNow(hypervisor, volume)).filter(({ writes }) => writes);
}

/** What is not asked for: the domain itself, and volumes that go together with this one. */
export interface HolderOptions {
  readonly domain?: string;
  readonly together?: ReadonlySet<ChainLink>;
}

/** Who would break without a volume: a domain that holds it, a volume that stands on it, and whoever holds that. */
export interface Holder {
  readonly kind: 'domain' | 'volume';
  /** "db-1", "default/web-2.qcow2" */
  readonly name: string;
  /** Of a domain: "vda", "nvram". */
  readonly target?: string;
  /** Of a domain that holds it by another volume only: that one's name. */
  readonly by?: string;
}

/** Each domain and each volume once: first who holds the volume itself. */
export function holders<T extends UnsettledLink & ChainLink>(
  host: HostVolumes<T>,
  link: T,
  { domain, together }: HolderOptions = {},
): readonly Holder[] {
  const above = dependents(link, host.links);
  const found = new Map<string, Holder>();
  const add = (holder: Holder): void => {
    const key = `${holder.kind} ${holder.name}`;
    if (!found.has(key)) found.set(key, holder);
  };
  for (const one of [link, ...above])
    for (const user of usersOfLink(host, one)) {
      if (user.domain === domain) continue;
      const by = one === link ? {} : { by: one.name };
      add({ kind: 'domain', name: user.domain, target: user.target, ...by });
    }
  for (const one of above) if (!together?.has(one)) add({ kind: 'volume', name: `${one.pool}/${one.name}` });
  return [...found.values()];
}

/** As `holders`, of a volume that could not be read itself as well: domains and other volumes may name it. */
export function holdersOfVolume<T extends UnsettledLink & ChainLink>(
  host: HostVolumes<T>,
  volume: VolumeRef,
  options?: HolderOptions,
): readonly Holder[] {
  const { key, pool, name } = volume;
  const bare = { key, pool, name, path: key, backing: undefined, bases: [], id: host.identity.idOf(key) };
  const link = linkOfVolume(host, volume);
  return link === undefined
    ? holders<UnsettledLink & ChainLink>(host, bare, options)
    : holders(host, link, options);
}

/** As `holders`, in words: "domain db-1", "volume default/web-2.qcow2". */
export function holdersOf<T extends UnsettledLink & ChainLink>(
  host: HostVolumes<T>,
  volume: VolumeRef,
  options?: HolderOptions,
): readonly string[] {
  return holdersOfVolume(host, volume, options).map(({ kind, name }) => `${kind} ${name}`);
}

/** Who would break without the volumes of a pool, in words, each once; its own volumes go together. */
export function holdersOfPool<T extends UnsettledLink & ChainLink>(
  host: HostVolumes<T>,
  pool: string,
): readonly string[] {
  const own = host.links.filter((link) => link.pool === pool);
  const together = new Set<ChainLink>(own);
  const found = own.flatMap((link) => holdersOf(host, link, { together }));
  return [...new Set([...found, ...strangersOf(host).map((one) => `perhaps ${one}`)])];
}

/**
 * Who would break by another size or by other contents of a volume, in words: what stands on it, domains that run, and
 * those that wake up from a saved state, which knows the disk as it was. Any other that is off finds its disk as it is
 * by then.
 *
 * @param domains of the host
 */
export function brokenByChange<T extends UnsettledLink & ChainLink>(
  host: HostVolumes<T>,
  volume: VolumeRef,
  domains: Iterable<Pick<DomainListing, 'id' | 'name' | 'managedSave'>>,
): readonly string[] {
  const awake = new Set([...domains].flatMap((one) => (isActive(one) || one.managedSave ? [one.name] : [])));
  const known = holdersOfVolume(host, volume);
  const self = `volume ${volume.pool}/${volume.name}`;
  return [
    ...known.flatMap(({ kind, name }) => (kind === 'volume' || awake.has(name) ? [`${kind} ${name}`] : [])),
    ...strangersOf(host).flatMap((one) => (one === self ? [] : [`perhaps ${one}, which cannot be read`])),
  ];
}

/** Who cannot be read, and may use any volume. */
export function strangersOf(
  { use, unread }: Pick<HostVolumes, 'use' | 'unread'>,
  { domain }: HolderOptions = {},
): readonly string[] {
  return [
    ...use.unknown.filter((name) => name !== domain).map((name) => `domain ${name}`),
    ...unread.map(({ pool, name }) =>
      name === undefined ? `a volume of the pool ${pool}` : `volume ${pool}/${name}`,
    ),
  ];
}
