import { inTurns } from '../inventory/in-turns.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { VolumeRef } from '../libvirt/storage.js';
import { describeDomain } from '../libvirt/xml/domain-description-xml.js';
import { shortList } from '../text/units.js';
import { virtdeckLine } from './by-hand.js';
import type { HostFacts } from './host-facts.js';
import type { Finding } from './plan.js';
import type { VmRequest } from './request/vm-request.js';
import {
  holdersOf,
  linkOfVolume,
  readHostVolumes,
  strangersOf,
  usersOfLink,
  writersOf,
} from './volume-holders.js';

const askedAtOnce = 5;

/** What a request would use of the host. */
export interface Wanted {
  readonly request: Pick<VmRequest, 'mac' | 'source' | 'disk'>;
  /** The volume that is imported, or that the new disk is made from, where it is there already. */
  readonly volume: VolumeRef | undefined;
  /** What opens the host; undefined: what libvirt would choose. */
  readonly connection: string | undefined;
}

/**
 * What only one domain can have, and another one has already: a MAC address that was asked for, the disk that is
 * imported, or that a new one would stand on.
 *
 * @throws LibvirtError
 */
export async function conflictFindings(
  hypervisor: Hypervisor,
  wanted: Wanted,
  facts: HostFacts,
): Promise<readonly Finding[]> {
  const { mac, source } = wanted.request;
  const [owner, taken] = await Promise.all([
    mac === undefined ? undefined : ownerOf(hypervisor, mac, facts),
    source.kind === 'import' ? importFindings(hypervisor, wanted) : baseFindings(hypervisor, wanted),
  ]);
  if (owner === undefined) return taken;
  const message = `the domain ${owner} has the MAC address ${mac} already`;
  const fix = 'Choose another one, or leave it out: one that nobody has is made.';
  return [{ level: 'error', field: 'network', part: 'card.mac', message, fix }, ...taken];
}

async function importFindings(
  hypervisor: Hypervisor,
  { volume, connection }: Wanted,
): Promise<readonly Finding[]> {
  if (volume === undefined) return [];
  const host = await readHostVolumes(hypervisor, { refresh: true });
  const { pool, name } = volume;
  const holders = holdersOf(host, volume);
  if (holders.length === 0) {
    const strangers = strangersOf(host).filter((one) => one !== `volume ${pool}/${name}`);
    const message = `whether these use the volume ${name} of the pool ${pool} is not known: ${shortList(strangers)}`;
    return strangers.length === 0 ? [] : [{ level: 'warning', field: 'source', message }];
  }
  const link = linkOfVolume(host, volume);
  const written = link === undefined || usersOfLink(host, link).some(({ writes }) => writes);
  const advice = written
    ? copyOf('Two that write to it destroy it.', volume, connection)
    : {
        fix: 'Writing to it destroys what stands on it. Let the new disk stand on it as well',
        options: `--image ${pool}/${name}`,
      };
  const message = `the volume ${name} of the pool ${pool} is used by ${shortList(holders)}`;
  return [{ level: 'error', field: 'source', message, ...advice }];
}

/** A disk that its domain writes to is no base: what stands on it breaks with the first block that changes. */
async function baseFindings(
  hypervisor: Hypervisor,
  { request: { source, disk }, volume, connection }: Wanted,
): Promise<readonly Finding[]> {
  if (source.kind !== 'image' || volume === undefined) return [];
  const writers = await writersOf(hypervisor, volume);
  if (writers.length === 0) return [];
  const { name, pool } = volume;
  const domains = writers.map(({ domain, target }) => `${domain} (${target})`).join(', ');
  const message = `the volume ${name} of the pool ${pool} is a disk of the domain ${domains}, which writes to it`;
  if (source.image.kind === 'catalogue' || source.image.kind === 'url')
    return [
      {
        level: 'error',
        field: 'source',
        message,
        fix: 'It is not the image any more. Undefine that domain with its disk, or choose another pool.',
        options: '--pool',
      },
    ];
  if (disk?.mode === 'copy')
    return [
      {
        level: 'warning',
        field: 'source',
        message,
        fix: 'Shut it down first: what is copied while it changes does not fit together.',
      },
    ];
  return [
    {
      level: 'error',
      field: 'source',
      message,
      ...copyOf('A disk that stands on it breaks when it changes.', volume, connection),
    },
  ];
}

function copyOf(
  why: string,
  { pool, name }: VolumeRef,
  connection: string | undefined,
): Pick<Finding, 'fix' | 'options'> {
  const clone = virtdeckLine(connection, 'vol', 'clone', pool, name, 'NEWNAME');
  return {
    fix: `${why} Shut it down. Then clone it (${clone}), or let the new disk be a full copy of it.`,
    options: `--image ${pool}/${name} --copy`,
  };
}

async function ownerOf(
  hypervisor: Hypervisor,
  wanted: string,
  { domains }: HostFacts,
): Promise<string | undefined> {
  const macs = await inTurns(domains, askedAtOnce, async (domain) => {
    try {
      const { interfaces } = describeDomain(await hypervisor.domainXml(domain));
      return interfaces.map(({ mac }) => mac?.toLowerCase());
    } catch (error) {
      if ((error as LibvirtError).kind === 'closed') throw error;
      return [];
    }
  });
  const at = macs.findIndex((of) => of.includes(wanted.toLowerCase()));
  return domains[at]?.name;
}
