import { allVolumes, type DescribedVolume, linkOf } from '../inventory/all-volumes.js';
import { readVolumeUse, usersOf, type VolumeUse } from '../inventory/volume-users.js';
import { backingChain, dependents } from '../libvirt/backing-chain.js';
import { type DomainDisk, describeDomain } from '../libvirt/domain-xml.js';
import { ErrorCode, LibvirtError } from '../libvirt/errors.js';
import type { DomainListing, Hypervisor } from '../libvirt/hypervisor.js';
import { type VolumeRef, wholeVolumeTimeout } from '../libvirt/storage.js';
import { type DomainNote, readDomainNote } from '../libvirt/xml/domain-note-xml.js';
import { bytes } from '../text/size.js';

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
  /** Its disks that are no volume of an active pool: they stay. */
  readonly elsewhere: readonly { readonly target: string; readonly source: string }[];
}

/** What became of the volumes that were to go. */
export interface Removed {
  readonly deleted: readonly VolumeRef[];
  readonly kept: readonly { readonly volume: VolumeRef; readonly error: LibvirtError }[];
}

/** What a removal needs to know of the whole host: read once, for however many domains. */
interface HostVolumes {
  readonly volumes: readonly DescribedVolume[];
  /** Volumes that may stand on any other. */
  readonly unread: readonly VolumeRef[];
  readonly use: VolumeUse;
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
  const [{ volumes, unread }, use] = await Promise.all([
    allVolumes(hypervisor),
    hypervisor.listDomains().then((all) => readVolumeUse(hypervisor, all)),
  ]);
  return Promise.all(domains.map((domain) => planRemoval(hypervisor, domain, { volumes, unread, use })));
}

async function planRemoval(
  hypervisor: Hypervisor,
  domain: DomainListing,
  host: HostVolumes,
): Promise<Removal> {
  const { disks, note } = await readDisks(hypervisor, domain);
  const links = host.volumes.map((volume) => ({ ...linkOf(volume), volume }));
  const linkAt = (source: string) =>
    links.find(
      ({ path, volume }) =>
        path === source || volume.key === source || `${volume.pool}/${volume.name}` === source,
    );
  const found = disks
    .flatMap((disk) => {
      const link = disk.source === undefined ? undefined : linkAt(disk.source);
      return link === undefined ? [] : [{ disk, link }];
    })
    .filter(({ link }, at, all) => all.findIndex((other) => other.link === link) === at);
  const seed = note?.seed === undefined ? undefined : linkAt(note.seed);
  // The note is the domain's, and anybody's who may edit it: it alone makes no volume a seed.
  const looseSeed =
    seed?.name.endsWith('-seed.iso') && found.every(({ link }) => link !== seed) ? [seed] : [];
  const own = new Set([...found.map(({ link }) => link), ...looseSeed]);
  const usersOfLink = (link: (typeof links)[number]): readonly string[] => {
    const above = dependents(link, links).filter((other) => !own.has(other));
    const others = [link, ...dependents(link, links)].flatMap(({ volume, path }) =>
      usersOf(host.use, volume, path).filter((user) => user.domain !== domain.name),
    );
    const known = [
      ...others.map((user) => `domain ${user.domain}`),
      ...above.map(({ pool, name }) => `volume ${pool}/${name}`),
    ];
    const unknown = [
      ...host.use.unknown.filter((name) => name !== domain.name).map((name) => `domain ${name}`),
      ...host.unread.map(({ pool, name }) => `volume ${pool}/${name}`),
    ];
    return [...new Set([...known, ...unknown.map((what) => `perhaps ${what}, which cannot be read`)])];
  };
  const made = (link: (typeof links)[number], role: VolumeRole, about: string): RemovableVolume => {
    const users = usersOfLink(link);
    const ours =
      role === 'seed' || (role === 'disk' && (link.backing !== undefined || note?.image !== undefined));
    const { volume } = link;
    return {
      volume: { pool: volume.pool, name: volume.name, key: volume.key },
      role,
      about: `${about}, ${bytes(volume.capacity)}`,
      users,
      proposed: ours && users.length === 0,
    };
  };
  const bases = found.flatMap(({ disk, link }) =>
    backingChain(link, links).below.flatMap(({ volume: base }) =>
      base === undefined || own.has(base) ? [] : [{ base, disk }],
    ),
  );
  return {
    domain,
    volumes: [
      ...found.map(({ disk, link }) => made(link, link === seed ? 'seed' : roleOf(disk), disk.target)),
      ...looseSeed.map((link) => made(link, 'seed', 'not attached')),
      ...bases
        .filter(({ base }, at) => bases.findIndex((other) => other.base === base) === at)
        .map(({ base, disk }) => made(base, 'base', `${disk.target} stands on it`)),
    ],
    elsewhere: disks.flatMap(({ target, source }) =>
      source === undefined || linkAt(source) !== undefined ? [] : [{ target, source }],
    ),
  };
}

/** Each source once, of the domain as it runs and as it starts next. */
async function readDisks(
  hypervisor: Hypervisor,
  domain: DomainListing,
): Promise<{ readonly disks: readonly DomainDisk[]; readonly note: DomainNote | undefined }> {
  const later = domain.id !== -1 && domain.persistent;
  const [now, next] = await Promise.all([
    hypervisor.domainXml(domain),
    later ? hypervisor.domainXml(domain, { inactive: true }) : undefined,
  ]);
  const all = [now, ...(next === undefined ? [] : [next])].flatMap((xml) => describeDomain(xml).disks);
  return {
    disks: all.filter((disk, at) => all.findIndex(({ source }) => source === disk.source) === at),
    note: readDomainNote(next ?? now),
  };
}

function roleOf({ device }: DomainDisk): VolumeRole {
  return device === 'cdrom' || device === 'floppy' ? 'medium' : 'disk';
}

/**
 * Forces the domain off where it runs, undefines it, and deletes the volumes chosen. A volume that cannot be deleted,
 * or that somebody else uses by now, is told in the outcome; the others go all the same.
 *
 * @param chosen keys of volumes of the plan
 * @throws LibvirtError where the domain stays; no volume was touched then
 */
export async function removeDomain(
  hypervisor: Hypervisor,
  { domain, volumes }: Removal,
  chosen: ReadonlySet<string>,
): Promise<Removed> {
  const now = await hypervisor.lookupDomain(domain.name);
  if (now.uuid !== domain.uuid) throw changed(`${domain.name} is another domain now`);
  if (now.id !== -1 && domain.id === -1) throw changed(`${domain.name} has been started since`);
  if (now.id !== -1) await stopped(hypervisor.destroy(now));
  // A transient domain is gone as soon as it is off.
  if (domain.persistent) await hypervisor.undefineDomain(now);
  const going = volumes.filter(({ volume, users }) => chosen.has(volume.key) && users.length === 0);
  const deleted: VolumeRef[] = [];
  const kept: { volume: VolumeRef; error: LibvirtError }[] = [];
  if (going.length === 0) return { deleted, kept };
  const others = await usersNow(hypervisor);
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
  return { deleted, kept };
}

/** Who uses a volume after the domain is gone: much may have happened while a question stood there. */
async function usersNow(hypervisor: Hypervisor): Promise<(volume: VolumeRef) => Promise<readonly string[]>> {
  try {
    const use = await readVolumeUse(hypervisor, await hypervisor.listDomains());
    return async (volume) => {
      const path = await hypervisor.volumes.path(volume);
      return usersOf(use, volume, path).map((user) => `domain ${user.domain}`);
    };
  } catch (error) {
    return () => Promise.reject(error);
  }
}

/** What is off by itself meanwhile is off. */
async function stopped(stopping: Promise<void>): Promise<void> {
  try {
    await stopping;
  } catch (error) {
    if ((error as LibvirtError).code !== ErrorCode.operationInvalid) throw error;
  }
}

function changed(message: string): LibvirtError {
  return new LibvirtError({ kind: 'libvirt', message, hint: 'Nothing of it was deleted: look again.' });
}

function used(users: readonly string[]): LibvirtError {
  return new LibvirtError({ kind: 'libvirt', message: `it is used by ${users.join(', ')} by now` });
}
