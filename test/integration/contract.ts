import type { Requirement } from '../support/requirements.js';
import { requires } from '../support/requirements.js';
import { describeDefinitions } from './contract/definitions.js';
import { describeDomainLists } from './contract/domains.js';
import { describeEnd } from './contract/end.js';
import { describeEvents } from './contract/events.js';
import { describeHost } from './contract/host.js';
import { describeNetworks } from './contract/networks.js';
import { describePower } from './contract/power.js';
import { describeStorage } from './contract/storage.js';
import { Bench, type ContractSubject } from './contract/subject.js';
import { describeWaiting } from './contract/waiting.js';

/**
 * What every implementation of `Hypervisor` must do, whatever is behind it, with the real virsh as the second
 * client that tells whether it is true. What drivers may differ in is named in `subject.can`.
 */
export function describeHypervisorContract(name: string, subject: ContractSubject): void {
  const needs: Requirement[] = ['libvirtd', ...(subject.needs ?? [])];
  requires(...needs)(name, () => {
    const bench = Bench.around(subject);
    describeHost(subject, bench);
    describeDomainLists(subject, bench);
    describePower(subject, bench);
    describeDefinitions(subject, bench);
    describeEvents(bench);
    describeNetworks(subject, bench);
    describeStorage(subject, bench);
    describeWaiting(bench);
    // Last: it ends the host.
    describeEnd(bench);
  });
}
