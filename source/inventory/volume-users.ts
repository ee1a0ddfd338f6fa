import { dirname } from 'node:path';
import { isActive } from '../libvirt/domain-state.js';
import { ErrorCode, type LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import type { Place } from '../libvirt/source-places.js';
import type { VolumeRef } from '../libvirt/storage.js';
import { type DomainSource, domainSources } from '../libvirt/xml/domain-sources-xml.js';
import { type Clock, systemClock } from './clock.js';
import { inTurns } from './in-turns.js';
import type { Domain } from './types.js';
import { namesByLinks, namesOfVolume } from './volume-identity.js';

/** A domain that holds a volume. */
export interface VolumeUser {
  readonly domain: string;
  /** As the guest's bus names the disk, e.g. "vda"; or what it is else: "kernel", "nvram", "filesystem". */
  readonly target: string;
  /** It is a disk of it, or another file that it may change. */
  readonly writes: boolean;
}

/** Who holds what, by what domains' XML says. */
export interface VolumeUse {
  readonly places: ReadonlyMap<Place, readonly VolumeUser[]>;
  /** Folders of the host that domains share: all in them is held. */
  readonly folders: ReadonlyMap<Place, readonly VolumeUser[]>;
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

const nobody: VolumeUse = { places: new Map(), folders: new Map(), unknown: [] };

interface Known {
  readonly revision: number;
  readonly held: readonly Held[];
}

/** What a domain holds. */
type Held = VolumeUser & Pick<DomainSource, 'places' | 'folder'>;

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

  /** What is known so far. */
  get use(): VolumeUse {
    return this.#use;
  }

  /** Reads it in the background, where what is known is a minute old. */
  read(): void {
    if (this.#readAt !== undefined && this.#now() - this.#readAt < staysFor) return;
    this.#readAt = this.#now();
    void this.#readForColumn();
  }

  async #readForColumn(): Promise<void> {
    const all = [...this.#options.domains()];
    const chosen = all.slice(0, mostDomains);
    let links: ReadonlyMap<Place, readonly Place[]> = new Map();
    try {
      links = await this.#options.ask(async (hypervisor) => {
        await inTurns(chosen, asked, (domain) => this.#readOne(hypervisor, domain));
        const places = [...this.#known.values()].flatMap(({ held }) => held.flatMap((one) => one.places));
        return namesByLinks(hypervisor, new Set(places));
      });
    } catch {
      // The connection is over: what was known stays, and is asked for again later.
    }
    const here = new Set(all.map(({ uuid }) => uuid));
    for (const uuid of [...this.#known.keys()]) if (!here.has(uuid)) this.#known.delete(uuid);
    const held = [...this.#known.values()].flatMap((known) =>
      known.held.map((one) => ({
        ...one,
        places: one.places.flatMap((place) => [place, ...(links.get(place) ?? [])]),
      })),
    );
    const unknown = all.filter(({ uuid }) => !this.#known.has(uuid)).map(({ name }) => name);
    this.#use = joinUse(held, unknown);
    this.#options.changed();
  }

  async #readOne(hypervisor: Hypervisor, domain: Domain): Promise<void> {
    const { uuid, revision, name } = domain;
    if (this.#known.get(uuid)?.revision === revision) return;
    try {
      const held = heldBy(name, await hypervisor.domainXml(domain, { priority: 'background' }));
      this.#known.set(uuid, { revision, held });
    } catch {
      // A domain that is gone, or may not be read: its volumes show no user.
    }
  }
}

/**
 * Reads the XML of every domain, that of its next start and of its snapshots included: for what must not go wrong.
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
      const now = hypervisor.domainXml(domain);
      // A disk that was taken out of the running domain only is back at its next start.
      const later = isActive(domain) && domain.persistent;
      const next = later ? hypervisor.domainXml(domain, { inactive: true }) : undefined;
      const kept = hypervisor.keptXmls(domain);
      const texts = await Promise.all([now, next, kept]);
      return texts.flat().flatMap((xml) => (xml === undefined ? [] : heldBy(domain.name, xml)));
    } catch (error) {
      const { kind, code } = error as LibvirtError;
      if (kind === 'closed') throw error;
      // One that is gone uses nothing.
      if (code !== ErrorCode.noDomain) unknown.push(domain.name);
      return [];
    }
  });
  return joinUse(found.flat(), unknown);
}

/** Which domains hold a volume, each once. @param names everything that it is called */
export function usersBy({ places, folders }: VolumeUse, names: Iterable<Place>): readonly VolumeUser[] {
  const users = new Map<string, VolumeUser>();
  const add = (found: readonly VolumeUser[] = []): void => {
    for (const user of found) {
      const known = users.get(user.domain);
      if (known === undefined || (user.writes && !known.writes)) users.set(user.domain, user);
    }
  };
  for (const name of names) {
    add(places.get(name));
    if (folders.size > 0 && name.startsWith('/'))
      for (let folder = dirname(name); folder !== '/'; folder = dirname(folder)) add(folders.get(folder));
  }
  return [...users.values()];
}

/** As `usersBy`, as far as spelling tells: for what is only looked at. */
export function usersOf(use: VolumeUse, volume: VolumeRef, path: string | undefined): readonly VolumeUser[] {
  return usersBy(use, namesOfVolume(volume, path));
}

function heldBy(domain: string, xml: string): readonly Held[] {
  return domainSources(xml).map(({ as, places, folder, writes }) => ({
    domain,
    target: as,
    places,
    folder,
    writes,
  }));
}

function joinUse(held: readonly Held[], unknown: readonly string[]): VolumeUse {
  const places = new Map<Place, VolumeUser[]>();
  const folders = new Map<Place, VolumeUser[]>();
  for (const { domain, target, writes, places: named, folder } of held)
    for (const place of named) {
      const user = { domain, target, writes };
      for (const lists of folder ? [places, folders] : [places]) {
        const users = lists.get(place);
        if (users === undefined) lists.set(place, [user]);
        else users.push(user);
      }
    }
  return { places, folders, unknown };
}
