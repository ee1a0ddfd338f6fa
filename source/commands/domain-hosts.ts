import type { DomainListing, Hypervisor } from '../libvirt/hypervisor.js';
import type { CommandIo } from './command.js';
import { type ConnectionChoice, openHosts } from './connections.js';
import { findDomain } from './domain-search.js';
import { reportError, reportProblem } from './failures.js';

/** A host that answers, with its domains. */
export interface DomainHost {
  readonly connection: ConnectionChoice;
  readonly hypervisor: Hypervisor;
  readonly domains: readonly DomainListing[];
}

/** A domain that a person named, and where it is. */
export interface FoundDomain extends Omit<DomainHost, 'domains'> {
  readonly domain: DomainListing;
}

/** The hosts that answer, with their domains; those that do not are reported. */
export async function searchHosts(
  connections: readonly ConnectionChoice[],
  io: CommandIo,
  options: { readonly events?: boolean } = {},
): Promise<{ open: DomainHost[]; failed: boolean }> {
  const opened = await openHosts(connections, io, options);
  const hosts = await Promise.all(
    opened.map(async (host): Promise<DomainHost | undefined> => {
      try {
        if ('error' in host) throw host.error;
        return { ...host, domains: await host.hypervisor.listDomains() };
      } catch (error) {
        reportError(io, host.connection.label, error);
        if ('hypervisor' in host) await host.hypervisor.close();
        return undefined;
      }
    }),
  );
  const open = hosts.filter((host) => host !== undefined);
  return { open, failed: open.length < hosts.length };
}

/** The one domain of that name, UUID or id; undefined, and said, where there is none or more than one. */
export function matchDomain(
  key: string,
  hosts: readonly DomainHost[],
  io: CommandIo,
): FoundDomain | undefined {
  const matches = hosts.flatMap(({ connection, hypervisor, domains }) => {
    const domain = findDomain(domains, key);
    return domain ? [{ connection, hypervisor, domain }] : [];
  });
  const [match] = matches;
  if (matches.length === 1) return match;
  if (match !== undefined) {
    const labels = matches.map(({ connection }) => connection.label).join(', ');
    reportProblem(io, `'${key}' is on more than one host (${labels}): choose one with -c`);
  } else if (hosts.length > 0) reportProblem(io, `failed to get domain '${key}'`);
  return undefined;
}
