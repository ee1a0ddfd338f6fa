import { DomainState } from '../../libvirt/domain-state.js';
import type { LabDomain } from '../world/domain.js';
import { either, type Filter, filtered } from './filters.js';

const plainStates: readonly number[] = [DomainState.running, DomainState.paused, DomainState.shutOff];

/**
 * virConnectListAllDomainsFlags in its groups. Snapshots and checkpoints: no domain has any yet.
 */
const filters: readonly (readonly Filter<LabDomain>[])[] = [
  either(1, ({ active }) => active),
  either(4, ({ persistent }) => persistent),
  [
    [16, ({ state }) => state === DomainState.running],
    [32, ({ state }) => state === DomainState.paused],
    [64, ({ state }) => state === DomainState.shutOff],
    [128, ({ state }) => !plainStates.includes(state)],
  ],
  either(256, ({ managedSave }) => managedSave),
  either(1024, ({ autostart }) => autostart),
  either(4096, () => false),
  either(16_384, () => false),
];

/** The domains that the flags of a list or statistics call let through. */
export function filterDomains(domains: Iterable<LabDomain>, flags: number): LabDomain[] {
  return filtered(domains, filters, flags);
}
