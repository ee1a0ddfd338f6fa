import { inTurns } from '../inventory/in-turns.js';
import { describeDomain } from '../libvirt/domain-xml.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { VolumeRef } from '../libvirt/storage.js';
import type { HostFacts } from './host-facts.js';
import type { Finding } from './plan.js';
import type { VmRequest } from './request.js';
import { holdersOf, linkOfVolume, readHostVolumes } from './volume-holders.js';

const askedAtOnce = 5;

/**
 * What only one domain can have, and another one has already: a MAC address that was asked for, the disk that is
 * imported.
 *
 * @param imported the volume of the disk
 * @throws LibvirtError
 */
export async function conflictFindings(
  hypervisor: Hypervisor,
  { mac }: Pick<VmRequest, 'mac'>,
  imported: VolumeRef | undefined,
  facts: HostFacts,
): Promise<readonly Finding[]> {
  const [owner, holders] = await Promise.all([
    mac === undefined ? undefined : ownerOf(hypervisor, mac, facts),
    imported === undefined ? [] : holdersNow(hypervisor, imported),
  ]);
  const findings: Finding[] = [];
  if (owner !== undefined)
    findings.push({
      level: 'error',
      field: 'network',
      part: 'card.mac',
      message: `the domain ${owner} has the MAC address ${mac} already`,
      fix: 'Choose another one, or leave it out: one that nobody has is made.',
    });
  if (imported !== undefined && holders.length > 0)
    findings.push({
      level: 'error',
      field: 'source',
      message: `the volume ${imported.name} of the pool ${imported.pool} is used by ${holders.join(', ')}`,
      fix: 'Two that write to it destroy it. Clone it first, or let the new disk stand on it: --image POOL/VOLUME',
    });
  return findings;
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

async function holdersNow(hypervisor: Hypervisor, volume: VolumeRef): Promise<readonly string[]> {
  const host = await readHostVolumes(hypervisor, { refresh: true });
  const link = linkOfVolume(host, volume);
  return link === undefined ? [] : holdersOf(host, link);
}
