import { isActive } from '../libvirt/domain-state.js';
import { describeDomain } from '../libvirt/domain-xml.js';
import { ErrorCode, type LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import type { VolumeRef } from '../libvirt/storage.js';
import { type Clock, systemClock } from './clock.js';
import { inTurns } from './in-turns.js';
import type { Domain } from './types.js';

/** A domain that has a volume as a disk. */
export interface VolumeUser {
  readonly domain: string;
  /** As the guest's bus names the disk, e.g. "vda". */
  readonly target: string;
}

/** Who uses what, by what a domain's XML says of its disks: a path, a device, "pool/volume". */
export interface VolumeUse {
  readonly places: ReadonlyMap<string, readonly VolumeUser[]>;
  /** Domains whose disks are not known: one of them may use a volume too. */
  readonly unknown: readonly string[];
}

export interface VolumeUsersOptions {
  /** Asks the connection; rejects where there is none. */
  readonly ask: <T>(call: (hypervisor: Hypervisor) => Promise<T>) => Promise<T>;
  readonly domains: () => Iterable<Domain>;
  readonly changed: () => void;
  readonly clock?: Pick<Clock, 'now'>;
}

/** The column is an extra: so often is asked at most, and for so many domains. */
const staysFor = 60_000;
const mostDomains = 500;
/** Asked for at once; the connection itself keeps at most three background calls in flight. */
const asked = 8;

const nobody: VolumeUse = { places: new Map(), unknown: [] };

interface Known {
  readonly revision: number;
  readonly disks: readonly (VolumeUser & { readonly source: string })[];
}

/** Which domains use the volumes of a connection, out of the domains' XML. */
export class VolumeUsers {
  readonly #options: VolumeUsersOptions;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  #use: VolumeUse = nobody;
  #readAt: number | undefined;

  constructor(options: VolumeUsersOptions) {
    this.#options = options;
    const { clock = systemClock } = options;
    this.#now = () => clock.now();
  }

  /** What is known so far; reads it in the background where that is a minute old. */
  look(): VolumeUse {
    if (this.#readAt === undefined || this.#now() - this.#readAt >= staysFor) {
      this.#readAt = this.#now();
      void this.#readForColumn();
    }
    return this.#use;
  }

  /**
   * Reads the XML of every domain anew, that of its next start included: for what must not go wrong.
   * Rejects with a LibvirtError where the connection fails.
   */
  async readFresh(): Promise<VolumeUse> {
    return this.#options.ask((hypervisor) => readVolumeUse(hypervisor, [...this.#options.domains()]));
  }

  async #readForColumn(): Promise<void> {
    const all = [...this.#options.domains()];
    const chosen = all.slice(0, mostDomains);
    try {
      await this.#options.ask((hypervisor) =>
        inTurns(chosen, asked, (domain) => this.#readOne(hypervisor, domain)),
      );
    } catch {
      // The connection is over: what was known stays, and is asked for again later.
    }
    const here = new Set(all.map(({ uuid }) => uuid));
    for (const uuid of [...this.#known.keys()]) if (!here.has(uuid)) this.#known.delete(uuid);
    const disks = [...this.#known.values()].flatMap((known) => known.disks);
    const unknown = all.filter(({ uuid }) => !this.#known.has(uuid)).map(({ name }) => name);
    this.#use = { places: byPlace(disks), unknown };
    this.#options.changed();
  }

  async #readOne(hypervisor: Hypervisor, domain: Domain): Promise<void> {
    const { uuid, revision, details, name } = domain;
    if (this.#known.get(uuid)?.revision === revision) return;
    try {
      // Somebody looks at it, or did: its disks are here already.
      const disks =
        details === undefined
          ? disksOf(name, await hypervisor.domainXml(domain, { priority: 'background' }))
          : withSource(name, details.disks);
      this.#known.set(uuid, { revision, disks });
    } catch {
      // A domain that is gone, or may not be read: its volumes show no user.
    }
  }
}

/**
 * Reads the XML of every domain, that of its next start included: for what must not go wrong.
 *
 * @throws LibvirtError where the connection fails; a domain that cannot be read is in `unknown`
 */
export async function readVolumeUse(
  hypervisor: Hypervisor,
  domains: readonly (DomainRef & Pick<Domain, 'persistent'>)[],
): Promise<VolumeUse> {
  const unknown: string[] = [];
  const found = await inTurns(domains, asked, async (domain) => {
    try {
      const now = chainsOf(domain.name, await hypervisor.domainXml(domain));
      // A disk that was taken out of the running domain only is back at its next start.
      const later = isActive(domain) && domain.persistent;
      const next = later ? chainsOf(domain.name, await hypervisor.domainXml(domain, { inactive: true })) : [];
      return [...now, ...next];
    } catch (error) {
      const { kind, code } = error as LibvirtError;
      if (kind === 'closed') throw error;
      // One that is gone uses nothing.
      if (code !== ErrorCode.noDomain) unknown.push(domain.name);
      return [];
    }
  });
  return { places: byPlace(found.flat()), unknown };
}

/** Which domains have a volume as a disk, each once. */
export function usersOf(
  { places }: VolumeUse,
  volume: VolumeRef,
  path: string | undefined,
): readonly VolumeUser[] {
  const names = new Set([path, volume.key, `${volume.pool}/${volume.name}`]);
  const users = [...names].flatMap((name) => (name === undefined ? [] : (places.get(name) ?? [])));
  return users.filter((user, at) => users.findIndex((other) => other.domain === user.domain) === at);
}

function disksOf(domain: string, xml: string): Known['disks'] {
  return withSource(domain, describeDomain(xml).disks);
}

/** With what the disks stand on: an overlay may lie where no pool is. */
function chainsOf(domain: string, xml: string): Known['disks'] {
  return withSource(
    domain,
    describeDomain(xml).disks.flatMap(({ target, source, backing }) =>
      [source, ...backing].map((place) => ({ target, source: place })),
    ),
  );
}

function withSource(
  domain: string,
  disks: readonly { readonly target: string; readonly source: string | undefined }[],
): Known['disks'] {
  return disks.flatMap(({ target, source }) => (source === undefined ? [] : [{ domain, target, source }]));
}

function byPlace(disks: Known['disks']): Map<string, VolumeUser[]> {
  const places = new Map<string, VolumeUser[]>();
  for (const { source, domain, target } of disks) {
    const users = places.get(source);
    if (users === undefined) places.set(source, [{ domain, target }]);
    else users.push({ domain, target });
  }
  return places;
}
