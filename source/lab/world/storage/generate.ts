import { poolDefinition } from '../../xml/pool-xml.js';
import { element, type XmlNode } from '../../xml/tree.js';
import { diskAllocation } from '../counters.js';
import type { LabDisk } from '../definition.js';
import type { LabDomain } from '../domain.js';
import type { Random } from '../random.js';
import { extent } from './layer.js';
import type { Place } from './place.js';
import { LabPool } from './pool.js';
import type { Backing } from './qcow2.js';
import type { Storage } from './storage.js';
import { LabVolume, type VolumeType } from './volume.js';
import { seedOf } from './volume-changes.js';

export interface StorageGeneration {
  readonly seed: number;
  /** Of the default pool. */
  readonly uuid: string;
  readonly domains: readonly LabDomain[];
  /** Volumes of a pool of many; none unless told. */
  readonly volumes: number;
  readonly random: Random;
  readonly now: number;
}

const kib = 1024;
const mib = 1024 ** 2;
const gib = 1024 ** 3;
const tib = 1024 ** 4;
const images = '/var/lib/libvirt/images';
/** Every so-manieth domain stands on the base image of its system. */
const overlayEvery = 3;
/** The base of one domain's disk was removed by somebody who took it for unused. */
const brokenDomain = 11;
const missingBase = 'fedora-38.qcow2';
/** The guests of this role stand on an image that itself stands on a base image. */
const goldenRole = 'web';
/** In a pool of many, every so-manieth volume is the base of those up to the next. */
const groupSize = 10;

/** What a generated volume is told by. */
interface Plan {
  readonly name: string;
  readonly format: string;
  readonly capacity: number;
  /** Bytes of a file that has no holes; with `density` the share of a raw file that is data. */
  readonly allocation: number;
  readonly density?: number;
  readonly backing?: Backing | undefined;
  readonly type?: VolumeType;
  readonly key?: string;
}

/**
 * The storage of a new host: the images of its domains in the default pool, with the base images that some
 * stand on; a small pool of installation media; a file server's export that is not mounted; a volume group
 * that no pool looks after; and, if asked for, a pool of many volumes.
 */
export function generateStorage(storage: Storage, generation: StorageGeneration): void {
  const { uuid, domains, volumes, random } = generation;
  const place = (path: string, capacity: number, others: number, plans: readonly Plan[]) =>
    fill(storage, storage.newPlace(path, capacity, others), path, plans, generation);
  place(images, Math.ceil(2 + domains.length * 0.15) * tib, 40 * gib, imagePlans(domains));
  place('/var/lib/libvirt/isos', 200 * gib, 30 * gib, isoPlans);
  place('/var/lib/libvirt/nas', 8 * tib, 3 * tib, nasPlans);
  place('/dev/vg0', 500 * gib, 0, logicalPlans);
  const pool = (
    name: string,
    type: string,
    children: readonly XmlNode[],
    active: boolean,
    id = random.uuid(),
  ) => {
    const named = [element('name', {}, name), element('uuid', {}, id), ...children];
    const made = new LabPool(poolDefinition(element('pool', { type }, named), random), true);
    made.place = active ? storage.places.get(made.definition.path ?? '') : undefined;
    made.autostart = active;
    storage.pools.set(id, made);
  };
  pool('default', 'dir', [target(images)], true, uuid);
  pool('isos', 'dir', [target('/var/lib/libvirt/isos')], true);
  const source = element('source', {}, [
    element('host', { name: 'nas.example' }),
    element('dir', { path: '/export/vm' }),
    element('format', { type: 'nfs' }),
  ]);
  pool('nas', 'netfs', [source, target('/var/lib/libvirt/nas')], false);
  if (volumes === 0) return;
  place('/srv/archive', Math.ceil(1 + volumes * 0.01) * tib, 100 * gib, archivePlans(volumes));
  pool('archive', 'dir', [target('/srv/archive')], true);
}

function target(path: string): XmlNode {
  const permissions = ['0711', '0', '0'];
  const parts = ['mode', 'owner', 'group'].map((tag, index) => element(tag, {}, permissions[index]));
  return element('target', {}, [element('path', {}, path), element('permissions', {}, parts)]);
}

/** The disks of the domains, and what they stand on. */
function imagePlans(domains: readonly LabDomain[]): Plan[] {
  const bases = new Set<string>();
  const disks = domains.flatMap((domain, index) =>
    domain.definition.disks.flatMap((disk) => {
      if (disk.source === undefined) return [];
      const base = baseOf(domain, disk, index);
      if (base !== undefined) bases.add(base);
      const backing = base === undefined ? undefined : { path: `${images}/${base}`, format: 'qcow2' };
      const name = disk.source.slice(images.length + 1);
      return [
        {
          name,
          format: disk.format,
          capacity: disk.capacity,
          allocation: diskAllocation(domain, disk),
          backing,
        },
      ];
    }),
  );
  const golden = [...bases].filter((name) => name.startsWith('golden-'));
  for (const name of golden) bases.add(name.slice('golden-'.length));
  bases.delete(missingBase);
  const baseImages = [...bases].sort().map((name): Plan => {
    const stem = name.replace(/^golden-/, '');
    const backing = stem === name ? undefined : { path: `${images}/${stem}`, format: 'qcow2' };
    return { name, format: 'qcow2', capacity: 4 * gib, allocation: backing ? 96 * mib : 384 * mib, backing };
  });
  const template = { name: 'template.img', format: 'raw', capacity: 64 * mib, allocation: 0, density: 0.25 };
  return [...disks, ...baseImages, template];
}

/** The base image of a domain's first disk, where it has one. */
function baseOf({ definition }: LabDomain, disk: LabDisk, index: number): string | undefined {
  if (disk.format !== 'qcow2') return undefined;
  if (index === brokenDomain) return missingBase;
  if (index % overlayEvery !== 0) return undefined;
  // "http://debian.org/debian/12"
  const base = `${definition.os.id.split('/').slice(-2).join('-')}.qcow2`;
  return definition.name.includes(goldenRole) ? `golden-${base}` : base;
}

const isoPlans: readonly Plan[] = [
  { name: 'debian-12.5.0-amd64-netinst.iso', format: 'raw', capacity: 629 * mib, allocation: 629 * mib },
  { name: 'seed.iso', format: 'raw', capacity: 366 * kib, allocation: 368 * kib },
  { name: 'virtio-win-0.1.248.iso', format: 'raw', capacity: 708 * mib, allocation: 708 * mib },
];

const nasPlans: readonly Plan[] = ['monday', 'wednesday', 'friday'].map((day) => ({
  name: `backup-${day}.qcow2`,
  format: 'qcow2',
  capacity: 100 * gib,
  allocation: 31 * gib,
}));

const logicalPlans: readonly Plan[] = ['swap', 'scratch'].map((name, index) => ({
  name,
  format: 'raw',
  type: 'block',
  key: `vG0${name}-0000-0000-0000-0000-0000-00000${index}`,
  capacity: (8 + 32 * index) * gib,
  allocation: (8 + 32 * index) * gib,
}));

/** Many volumes, in groups that stand on one base each; here and there the base is another's. */
function archivePlans(count: number): Plan[] {
  const nameOf = (index: number) =>
    `vol-${String(index).padStart(5, '0')}.${index % 7 === 3 ? 'img' : 'qcow2'}`;
  return Array.from({ length: count }, (_, index) => {
    const name = nameOf(index);
    const raw = name.endsWith('.img');
    const base = index - (index % groupSize);
    const missing = index % 1000 === 17;
    const backing =
      raw || index === base || nameOf(base).endsWith('.img')
        ? undefined
        : { path: `/srv/archive/${missing ? 'lost.qcow2' : nameOf(base)}`, format: 'qcow2' };
    const capacity = (1 + (index % 40)) * gib;
    return {
      name,
      format: raw ? 'raw' : 'qcow2',
      capacity,
      allocation: Math.floor(capacity / 8),
      backing,
      density: 0.125,
    };
  });
}

function fill(
  storage: Storage,
  place: Place,
  path: string,
  plans: readonly Plan[],
  { seed, now }: StorageGeneration,
): void {
  for (const { name, format, capacity, allocation, density = 1, backing, type, key } of plans) {
    const facts = { name, path: `${path}/${name}`, key, type, format, capacity, backing, now };
    const raw = format === 'raw';
    const length = raw ? capacity : allocation;
    const layers = [{ end: length, seed: seedOf({ seed }, facts.path), density: raw ? density : 1 }];
    const taken = raw && density < 1 ? extent * Math.ceil((length / extent) * density) : allocation;
    place.volumes.set(name, new LabVolume(facts, { length, allocation: taken, layers }, storage.store));
  }
}
