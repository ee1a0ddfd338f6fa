import { backingChain } from '../libvirt/backing-chain.js';
import { ErrorCode, LibvirtError } from '../libvirt/errors.js';
import type { DomainListing, Hypervisor } from '../libvirt/hypervisor.js';
import { placesOf } from '../libvirt/source-places.js';
import { type VolumeRef, wholeVolumeTimeout } from '../libvirt/storage.js';
import { type DomainNote, readDomainNote } from '../libvirt/xml/domain-note-xml.js';
import { type DiskPlace, diskPlaces } from '../libvirt/xml/domain-sources-xml.js';
import { bytes } from '../text/size.js';
import { shortList } from '../text/units.js';
import { type Nvram, nvramIn, stopped, undefineDomain } from './undefine-domain.js';
import {
  type HolderOptions,
  type HostVolumes,
  holdersOf,
  linkAt,
  readHostVolumes,
  strangersOf,
  type VolumeLink,
} from './volume-holders.js';

/** What a volume is to a domain: cloud-init's files, a disk, what lies in a drive, what a disk stands on. */
export type VolumeRole = 'seed' | 'disk' | 'medium' | 'base';

/** A volume that may go with its domain. */
export interface RemovableVolume {
  readonly volume: VolumeRef;
  readonly role: VolumeRole;
  /** "vda, 10 GiB" */
  readonly about: string;
  /** Who would break: "domain db-1", "volume default/web-2.qcow2". What is used by others is never deleted here. */
  readonly users: readonly string[];
  /** It goes unless somebody decides otherwise: the seed, and disks that were made for this domain. */
  readonly proposed: boolean;
}

/** A domain, and what would go with it. */
export interface Removal {
  readonly domain: DomainListing;
  readonly volumes: readonly RemovableVolume[];
  /** The file with its UEFI variables; undefined where it has none. */
  readonly nvram: Nvram | undefined;
  /** Its disks that are no volume of an active pool: they stay. */
  readonly elsewhere: readonly { readonly target: string; readonly source: string }[];
}

/** What became of the volumes that were to go. */
export interface Removed {
  readonly deleted: readonly VolumeRef[];
  readonly kept: readonly { readonly volume: VolumeRef; readonly error: LibvirtError }[];
  /** The file with its UEFI variables, and whether it is gone. */
  readonly nvram: (Nvram & { readonly deleted: boolean }) | undefined;
}

/**
 * Looks what would go with domains of one host: the volumes behind their disks, what these stand on, and who else
 * uses them.
 *
 * @throws LibvirtError
 */
export async function planRemovals(
  hypervisor: Hypervisor,
  domains: readonly DomainListing[],
): Promise<readonly Removal[]> {
  const host = await readHostVolumes(hypervisor, { refresh: true });
  return Promise.all(
    domains.map(async (domain) => planRemoval(host, domain, await readDisks(host, hypervisor, domain))),
  );
}

/** A volume that belongs to a domain, and how. */
interface Belonging {
  readonly link: VolumeLink;
  readonly role: VolumeRole;
  /** "vda", "vda stands on it" */
  readonly place: string;
}

function planRemoval(host: HostVolumes, domain: DomainListing, known: Disks): Removal {
  const { disks, nvram } = known;
  const own = ownVolumes(host, known);
  const together = new Set(own.map(({ link }) => link));
  const options: HolderOptions = { domain: domain.name, together };
  const strangers = strangersOf(host, options).map((what) => `perhaps ${what}, which cannot be read`);
  const removable = ({ link, role, place }: Belonging): RemovableVolume => {
    const users = [...holdersOf(host, link, options), ...strangers];
    const { pool, name, key, capacity } = link.volume;
    const made = role === 'disk' && (link.backing !== undefined || known.note?.image !== undefined);
    return {
      volume: { pool, name, key },
      role,
      about: `${place}, ${bytes(capacity)}`,
      users,
      proposed: (role === 'seed' || made) && users.length === 0,
    };
  };
  return {
    domain,
    volumes: [...own, ...basesOf(host, own)].map(removable),
    nvram,
    elsewhere: disks.flatMap(({ target, source, places }) => {
      if (places.length === 0) return [];
      const link = linkAt(host, places);
      if (link === undefined) return [{ target, source }];
      return dataOf(host, link).flatMap((one) =>
        one.link === undefined ? [{ target: `${target}, its data`, source: one.place }] : [],
      );
    }),
  };
}

/** The volumes behind the disks, each once, and the seed where it is in no drive any more. */
function ownVolumes(host: HostVolumes, { disks, note }: Disks): readonly Belonging[] {
  const seed = note?.seed === undefined ? undefined : linkAt(host, placesOf(note.seed));
  const attached = disks.flatMap((disk): readonly Belonging[] => {
    const link = linkAt(host, disk.places);
    if (link === undefined) return [];
    return [{ link, role: link === seed ? 'seed' : roleOf(disk), place: disk.target }];
  });
  const data = attached.flatMap(({ link, role, place }) =>
    dataOf(host, link).flatMap(({ link: holding }): readonly Belonging[] =>
      holding === undefined ? [] : [{ link: holding, role, place: `${place}, its data` }],
    ),
  );
  const own = eachOnce([...attached, ...data]);
  // The note is the domain's, and anybody's who may edit it: it alone makes no volume a seed.
  if (!seed?.name.endsWith('-seed.iso') || own.some(({ link }) => link === seed)) return own;
  return [...own, { link: seed, role: 'seed', place: 'not attached' }];
}

/**
 * The other files that hold the data of a volume (a qcow2's external data file, the extents of a VMDK), and which
 * volumes they are. Not what is behind a device: that holds more than this one.
 */
function dataOf(host: HostVolumes, { volume, data = [] }: VolumeLink) {
  if (volume.type !== 'file') return [];
  return data.map((place) => ({ place, link: linkAt(host, [place]) }));
}

/** What its volumes stand on, as far as that is none of them. */
function basesOf({ links }: HostVolumes, own: readonly Belonging[]): readonly Belonging[] {
  const bases = own.flatMap(({ link, place }) =>
    backingChain(link, links).below.flatMap(({ volume: base }): readonly Belonging[] =>
      base === undefined || own.some((one) => one.link === base)
        ? []
        : [{ link: base, role: 'base', place: `${place} stands on it` }],
    ),
  );
  return eachOnce(bases);
}

function eachOnce(all: readonly Belonging[]): readonly Belonging[] {
  return all.filter(({ link }, at) => all.findIndex((other) => other.link === link) === at);
}

/** What a domain's XML says of it. */
interface Disks {
  readonly disks: readonly DiskPlace[];
  readonly note: DomainNote | undefined;
  readonly nvram: Nvram | undefined;
}

/** Each source once, of the domain as it runs and as it starts next. */
async function readDisks(host: HostVolumes, hypervisor: Hypervisor, domain: DomainListing): Promise<Disks> {
  const later = domain.id !== -1 && domain.persistent;
  const [now, next] = await Promise.all([
    hypervisor.domainXml(domain),
    later ? hypervisor.domainXml(domain, { inactive: true }) : undefined,
  ]);
  const all = [now, ...(next === undefined ? [] : [next])].flatMap(diskPlaces);
  return {
    disks: all.filter((disk, at) => all.findIndex(({ source }) => source === disk.source) === at),
    note: readDomainNote(next ?? now),
    nvram: domain.persistent ? nvramIn(host, domain.name, next ?? now) : undefined,
  };
}

function roleOf({ device }: DiskPlace): VolumeRole {
  return device === 'cdrom' || device === 'floppy' ? 'medium' : 'disk';
}

/**
 * Forces the domain off where it runs, undefines it, and deletes the volumes chosen. A volume that cannot be deleted,
 * or that somebody else uses by now, is told in the outcome; the others go all the same.
 *
 * @param chosen keys of volumes of the plan
 * @param options.keepNvram leaves the file with its UEFI variables, which stays in any case where others hold it
 * @throws LibvirtError where the domain stays; no volume was touched then
 */
export async function removeDomain(
  hypervisor: Hypervisor,
  { domain, volumes }: Removal,
  chosen: ReadonlySet<string>,
  { keepNvram = false }: { readonly keepNvram?: boolean } = {},
): Promise<Removed> {
  const now = await hypervisor.lookupDomain(domain.name);
  if (now.uuid !== domain.uuid) throw changed(`${domain.name} is another domain now`);
  if (now.id !== -1 && domain.id === -1) throw changed(`${domain.name} has been started since`);
  if (now.id !== -1) await stopped(hypervisor.destroy(now));
  // A transient domain is gone as soon as it is off.
  const file = domain.persistent ? await undefineDomain(hypervisor, now, { keepNvram }) : undefined;
  const nvram = file && { ...file, deleted: !keepNvram && file.users.length === 0 };
  const going = volumes.filter(({ volume, users }) => chosen.has(volume.key) && users.length === 0);
  const deleted: VolumeRef[] = [];
  const kept: { volume: VolumeRef; error: LibvirtError }[] = [];
  if (going.length === 0) return { deleted, kept, nvram };
  const others = await holdersNow(hypervisor, going);
  for (const { volume } of going) {
    try {
      const users = await others(volume);
      if (users.length > 0) throw used(users);
      await hypervisor.volumes.delete(volume, { timeout: wholeVolumeTimeout });
      deleted.push(volume);
    } catch (error) {
      if ((error as LibvirtError).code === ErrorCode.noVolume) deleted.push(volume);
      else kept.push({ volume, error: error as LibvirtError });
    }
  }
  return { deleted, kept, nvram };
}

/** Who would break without a volume after the domain is gone: much may have happened while a question stood there. */
async function holdersNow(
  hypervisor: Hypervisor,
  going: readonly RemovableVolume[],
): Promise<(volume: VolumeRef) => Promise<readonly string[]>> {
  try {
    const host = await readHostVolumes(hypervisor, { refresh: true });
    const strangers = strangersOf(host).map((one) => `perhaps ${one}`);
    const keys = new Set(going.map(({ volume }) => volume.key));
    const together = new Set(host.links.filter(({ volume }) => keys.has(volume.key)));
    return async (volume) => [...holdersOf(host, volume, { together }), ...strangers];
  } catch (error) {
    return () => Promise.reject(error);
  }
}

function changed(message: string): LibvirtError {
  return new LibvirtError({ kind: 'libvirt', message, hint: 'Nothing of it was deleted: look again.' });
}

function used(users: readonly string[]): LibvirtError {
  return new LibvirtError({ kind: 'libvirt', message: `it is used by ${shortList(users)} by now` });
}
