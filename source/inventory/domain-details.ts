import { describeDomain } from '../libvirt/domain-xml.js';
import { isUnsupported } from '../libvirt/errors.js';
import type { AddressSource, DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import type { DomainDetails } from './types.js';

type Address = DomainDetails['addresses'][number];

/** Where addresses are looked for, the one that is believed first at the front. */
const sources: readonly AddressSource[] = ['agent', 'lease'];

/**
 * Everything that is asked of one domain alone, because somebody looks at it. What cannot be had is left
 * empty: details are no reason to show an error.
 */
export async function readDetails(
  hypervisor: Hypervisor,
  domain: DomainRef,
  running: boolean,
): Promise<DomainDetails> {
  const [xml, addresses] = await Promise.all([
    hypervisor.domainXml(domain).catch(() => '<domain/>'),
    running ? readAddresses(hypervisor, domain) : [],
  ]);
  return { ...describeDomain(xml), addresses };
}

async function readAddresses(hypervisor: Hypervisor, domain: DomainRef): Promise<Address[]> {
  const answers = await Promise.all(
    sources.map(async (source) => {
      const answer = await hypervisor.interfaceAddresses(domain, source).catch(() => []);
      return isUnsupported(answer) ? [] : answer.map((address) => ({ ...address, source }));
    }),
  );
  const seen = new Set<string>();
  return answers
    .flat()
    .filter(({ address }) => !seen.has(address) && seen.add(address))
    .filter(({ address }) => !isLoopback(address))
    .sort((a, b) => rank(a) - rank(b));
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** What a person would type into ssh comes first: IPv4, then global IPv6, then link-local. */
function rank({ address, family }: Address): number {
  if (/^(fe80:|169\.254\.)/i.test(address)) return 2;
  return family === 'ipv4' ? 0 : 1;
}
