import { DomainState } from '../../libvirt/domain-state.js';
import type { LabDomain } from '../world/domain.js';

type Test = (domain: LabDomain) => boolean;

const plainStates: readonly number[] = [DomainState.running, DomainState.paused, DomainState.shutOff];

/**
 * virConnectListAllDomainsFlags in its groups: within a group any set bit lets a domain through, and every
 * group with a set bit must. Snapshots and checkpoints: no domain has any yet.
 */
const filters: readonly (readonly (readonly [number, Test])[])[] = [
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
  const tests = filters
    .map((group) => group.filter(([bit]) => flags & bit).map(([, test]) => test))
    .filter((group) => group.length > 0);
  const all = [...domains];
  if (tests.length === 0) return all;
  return all.filter((domain) => tests.every((group) => group.some((test) => test(domain))));
}
