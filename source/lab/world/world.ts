import { DomainState } from '../../libvirt/domain-state.js';
import type { domainEvents, objectEvents } from '../../wire/events.js';
import type { EventMessage } from '../../wire/procedure.js';
import { refuse } from '../errors.js';
import type { Clock } from './clock.js';
import type { Definition } from './definition.js';
import { LabDomain } from './domain.js';
import type { EventFields, RaisedEvent } from './events.js';
import { generateDomains } from './generate.js';
import { type HostFacts, HostLoad, hostFor } from './host.js';
import { generateNetworks } from './networks/generate.js';
import { Networks } from './networks/networks.js';
import { Random, seedFor } from './random.js';
import { generateStorage } from './storage/generate.js';
import { Storage } from './storage/storage.js';

export interface WorldOptions {
  readonly seed: number;
  readonly domains: number;
  readonly names: readonly string[];
  readonly hostname: string;
  /** Volumes of a pool of many; none unless told. */
  readonly volumes?: number;
  readonly clock: Clock;
}

/** The host needs a life before the lab began, or its counters would start at zero. */
const hostUptime = 42 * 86_400_000;

/** Everything the simulated host is and has. It knows nothing of clients: whoever listens hears its events. */
export class World {
  readonly seed: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly host: HostFacts;
  readonly hostLoad: HostLoad;
  readonly networks: Networks;
  readonly storage = new Storage();
  /** In the order of creation, by UUID. */
  readonly domains = new Map<string, LabDomain>();
  readonly #byName = new Map<string, LabDomain>();
  readonly #byId = new Map<number, LabDomain>();
  readonly #listeners = new Set<(event: RaisedEvent) => void>();
  #lastId = 0;
  #created = 0;

  constructor({ seed, domains, names, hostname, volumes = 0, clock }: WorldOptions) {
    const now = clock.now();
    this.seed = seed;
    this.clock = clock;
    this.random = new Random(seedFor(seed, -1));
    this.host = hostFor(hostname, domains, this.random);
    this.hostLoad = new HostLoad(this.host, now, hostUptime);
    this.networks = new Networks((...event) => this.tellOf('network', ...event));
    const [network, pool] = [this.random.uuid(), this.random.uuid()];
    const generated = generateDomains({ seed, count: domains, names, now, nextId: () => this.#nextId() });
    for (const domain of generated) this.#register(domain);
    this.#created = domains;
    // Draws of their own: what they draw shifts nothing that comes after.
    const random = new Random(seedFor(seed, -3));
    generateNetworks(this.networks, { uuid: network, domains: generated, random });
    generateStorage(this.storage, { seed, uuid: pool, domains: generated, volumes, random, now });
  }

  now(): number {
    return this.clock.now();
  }

  /** Calls `listener` for everything that happens, until the returned function is called. */
  listen(listener: (event: RaisedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells everybody what happened to a domain. */
  tell<M extends (typeof domainEvents)[keyof typeof domainEvents]>(
    message: M,
    domain: LabDomain,
    fields: Omit<EventFields<M>, 'dom'>,
  ): void {
    this.raise({
      family: 'domain',
      id: message.id,
      message: message as EventMessage<unknown>,
      key: domain.uuid,
      fields: { dom: domain.wire, ...fields },
    });
  }

  /** Tells everybody what happened to something else. */
  raise(event: RaisedEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** As `tell`, for the other families of events. */
  tellOf<M extends (typeof objectEvents)[keyof typeof objectEvents]>(
    family: RaisedEvent['family'],
    message: M,
    key: string,
    fields: EventFields<M>,
  ): void {
    this.raise({ family, id: message.id, message: message as EventMessage<unknown>, key, fields });
  }

  /** The domain that a client's handle means. Throws as libvirt does: the UUID decides. */
  domain({ uuid, name }: { readonly uuid: string; readonly name: string }): LabDomain {
    const domain = this.domains.get(uuid);
    if (domain === undefined) throw refuse.noDomain(`no domain with matching uuid '${uuid}' (${name})`);
    return domain;
  }

  domainByName(name: string): LabDomain | undefined {
    return this.#byName.get(name);
  }

  domainById(id: number): LabDomain | undefined {
    return this.#byId.get(id);
  }

  /** A new domain of somebody's making. */
  add(definition: Definition): LabDomain {
    const ordinal = this.#created++;
    const domain = new LabDomain(definition, ordinal, seedFor(this.seed, ~ordinal), this.now());
    this.#register(domain);
    return domain;
  }

  remove(domain: LabDomain): void {
    domain.cancelPlans();
    this.domains.delete(domain.uuid);
    this.#byName.delete(domain.name);
    this.#byId.delete(domain.id);
  }

  redefine(domain: LabDomain, definition: Definition): void {
    this.#byName.delete(domain.name);
    this.change(domain, () => domain.redefine(definition, seedFor(this.seed, ~domain.ordinal)));
    this.#byName.set(domain.name, domain);
  }

  /** Tells the domains that a volume has another size by now. */
  resizeDisks(path: string, capacity: number): void {
    for (const { definition } of this.domains.values()) {
      for (const disk of definition.disks) if (disk.source === path) disk.capacity = capacity;
    }
  }

  /** Runs `alter`, which may change the domain's state, id and balloon, and keeps the books. */
  change(domain: LabDomain, alter: () => void): void {
    this.hostLoad.settle(this.now());
    this.#demand(domain, -1);
    this.#byId.delete(domain.id);
    alter();
    if (domain.active) this.#byId.set(domain.id, domain);
    this.#demand(domain, 1);
  }

  /** Gives an inactive domain an id; call inside `change`. */
  activate(domain: LabDomain): void {
    domain.id = this.#nextId();
  }

  #register(domain: LabDomain): void {
    this.domains.set(domain.uuid, domain);
    this.#byName.set(domain.name, domain);
    if (domain.active) this.#byId.set(domain.id, domain);
    this.#demand(domain, 1);
  }

  #demand(domain: LabDomain, sign: 1 | -1): void {
    const { demand } = this.hostLoad;
    if (domain.active) demand.memory += sign * domain.balloon;
    if (domain.state === DomainState.running)
      demand.cpus += sign * domain.load.mean * domain.definition.vcpus;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}
