import type { DomainRef } from '../libvirt/hypervisor.js';

/**
 * The domain that a person means, as virsh takes it: an id, a UUID or a name. A domain whose name is a number
 * is found by it when no domain has that id.
 */
export function findDomain<T extends DomainRef>(domains: readonly T[], key: string): T | undefined {
  const id = /^\d+$/.test(key) ? Number(key) : undefined;
  return (
    domains.find((domain) => id !== undefined && domain.id === id) ??
    domains.find((domain) => domain.uuid === key.toLowerCase()) ??
    domains.find((domain) => domain.name === key)
  );
}
