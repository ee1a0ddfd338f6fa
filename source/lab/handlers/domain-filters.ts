import { DomainState } from '../../libvirt/domain-state.js';
import type { LabDomain } from '../world/domain.js';
import { type Filter, filtered } from './filters.js';

const plainStates: readonly number[] = [DomainState.running, DomainState.paused, DomainState.shutOff];

/**
 * virConnectListAllDomainsFlags in its groups. Snapshots and checkpoints: no domain has any yet.
 */
const filters: readonly (readonly Filter<LabDomain>[])[] = [
  [
    [1, (domain) => domain.active],
    [2, (domain) => !domain.active],
  ],
  [
    [4, (domain) => domain.persistent],
    [8, (domain) => !domain.persistent],
  ],
  [
    [16, ({ state }) => state === DomainState.running],
    [32, ({ state }) => state === DomainState.paused],
    [64, ({ state }) => state === DomainState.shutOff],
    [128, ({ state }) => !plainStates.includes(state)],
  ],
  [
    [256, (domain) => domain.managedSave],
    [512, (domain) => !domain.managedSave],
  ],
  [
    [1024, (domain) => domain.autostart],
    [2048, (domain) => !domain.autostart],
  ],
  [
    [4096, () => false],
    [8192, () => true],
  ],
  [
    [16_384, () => false],
    [32_768, () => true],
  ],
];

/** The domains that the flags of a list or statistics call let through. */
export function filterDomains(domains: Iterable<LabDomain>, flags: number): LabDomain[] {
  return filtered(domains, filters, flags);
}
