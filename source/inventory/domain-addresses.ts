import type { DomainDescription } from '../libvirt/domain-xml.js';
import { isUnsupported } from '../libvirt/errors.js';
import type { AddressSource, DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import type { DomainDetails } from './types.js';

export type Address = DomainDetails['addresses'][number];

/** Where addresses are looked for, the one that is believed first at the front. */
const sources: readonly AddressSource[] = ['agent', 'lease'];

/**
 * Where it is worth asking: without an interface of libvirt's there is no lease, and without an agent's
 * channel, or with nothing at its other end, no agent to ask.
 */
export function sourcesFor({ interfaces, agent }: DomainDescription): readonly AddressSource[] {
  return sources.filter((source) => (source === 'agent' ? agent : interfaces.length > 0));
}

/** The addresses that one source knows. What cannot be had is left empty: no reason to show an error. */
export async function readAddresses(
  hypervisor: Hypervisor,
  domain: DomainRef,
  source: AddressSource,
): Promise<readonly Address[]> {
  try {
    const answer = await hypervisor.interfaceAddresses(domain, source, { priority: 'background' });
    return isUnsupported(answer) ? [] : answer.map((address) => ({ ...address, source }));
  } catch {
    return [];
  }
}

/**
 * Each address once, under the source that is believed first; what a person would use first: IPv4, then
 * IPv6. Loopback and link-local addresses lead nowhere from outside and are left out.
 */
export function mergeAddresses(known: ReadonlyMap<AddressSource, readonly Address[]>): readonly Address[] {
  const seen = new Set<string>();
  const merged = sources
    .flatMap((source) => known.get(source) ?? [])
    .filter(({ address }) => !seen.has(address) && seen.add(address))
    .filter(({ address }) => !/^(127\.|169\.254\.|::1$|fe[89ab][0-9a-f]:)/i.test(address));
  return merged.sort((a, b) => (a.family === b.family ? 0 : a.family === 'ipv4' ? -1 : 1));
}
