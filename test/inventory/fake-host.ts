import { DomainState } from '../../source/libvirt/domain-state.js';
import { LibvirtError } from '../../source/libvirt/errors.js';
import type { HypervisorEvent, LifecycleEvent } from '../../source/libvirt/events.js';
import type {
  AddressSource,
  ConnectionMetrics,
  DomainListing,
  DomainRef,
  DomainStats,
  HostInfo,
  HostStats,
  Hypervisor,
  InterfaceAddress,
  StatsGroup,
  StatsOptions,
} from '../../source/libvirt/hypervisor.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type FakeDomain = Mutable<DomainListing> & Mutable<DomainStats>;
type Method = Exclude<
  keyof Hypervisor,
  'networks' | 'pools' | 'volumes' | 'onEvent' | 'closed' | 'metrics' | 'close'
>;

const info: HostInfo = {
  hostname: 'stardust',
  uri: 'qemu:///system',
  type: 'QEMU',
  libvirtVersion: '9.0.0',
  hypervisorVersion: '7.2.0',
  cpuModel: 'EPYC',
  cpus: 4,
  mhz: 2400,
  numaNodes: 1,
  sockets: 1,
  cores: 4,
  threads: 1,
  memory: 16 * 1024 * 1024,
};

const listed = ({ name, uuid, id, autostart, persistent, managedSave }: FakeDomain): DomainListing => ({
  name,
  uuid,
  id,
  autostart,
  persistent,
  managedSave,
});

/** A uuid for a number, as libvirt writes them. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A host that a test scripts: what it holds, what it refuses, what it answers late. */
export class FakeHost {
  readonly domains = new Map<string, FakeDomain>();
  /** Methods called, in order, over all connections. */
  readonly calls: string[] = [];
  readonly failures = new Map<Method, Error>();
  /** What domainXml answers, by uuid. */
  readonly xml = new Map<string, string>();
  readonly addresses = new Map<AddressSource, readonly InterfaceAddress[]>();
  hostStats: HostStats = { cpu: { busy: 0, total: 0 }, memory: { total: 1000, free: 400 } };
  /** Whom the newest statistics allowed to ask one by one. */
  closely: readonly string[] = [];
  connections: FakeHypervisor[] = [];
  #held = new Map<Method, (() => void)[]>();
  #nextId = 1;
  #added = 0;

  /** The open connection. */
  get link(): FakeHypervisor {
    const link = this.connections.at(-1);
    if (link === undefined) throw new Error('no connection was opened');
    return link;
  }

  open(): FakeHypervisor {
    const link = new FakeHypervisor(this);
    this.connections.push(link);
    return link;
  }

  add(name: string, patch: Partial<FakeDomain> = {}): FakeDomain {
    this.#added += 1;
    const state = patch.state ?? DomainState.shutOff;
    const domain: FakeDomain = {
      uuid: uuid(this.#added),
      name,
      id: state === DomainState.shutOff ? -1 : this.#nextId++,
      autostart: false,
      persistent: true,
      managedSave: false,
      state,
      reason: 0,
      cpuTime: 0,
      vcpuCurrent: 2,
      vcpuMaximum: 2,
      vcpuTimes: undefined,
      balloonCurrent: 1_048_576,
      balloonMaximum: 1_048_576,
      balloonUsable: undefined,
      balloonAvailable: undefined,
      balloonUnused: undefined,
      balloonRss: undefined,
      blockRead: 0,
      blockWritten: 0,
      netReceived: 0,
      netSent: 0,
      ...patch,
    };
    this.domains.set(domain.uuid, domain);
    return domain;
  }

  addRunning(name: string, patch: Partial<FakeDomain> = {}): FakeDomain {
    return this.add(name, { state: DomainState.running, ...patch });
  }

  /** Changes a domain and tells nobody. */
  become(domain: FakeDomain, state: DomainState): void {
    domain.state = state;
    const active = state !== DomainState.shutOff;
    if (!active) domain.id = -1;
    else if (domain.id < 0) domain.id = this.#nextId++;
  }

  /** Sends a lifecycle event of a domain as it is now. */
  tell(domain: FakeDomain, event: LifecycleEvent, detail: string): void {
    this.emit({ type: 'lifecycle', domain: refOf(domain), event, detail });
  }

  emit(event: HypervisorEvent): void {
    for (const link of this.connections) link.emit(event);
  }

  /** From now on this method answers only when `release` is called; what it answers is fixed at the call. */
  hold(method: Method): void {
    this.#held.set(method, []);
  }

  /** The held answers of a method go out. */
  release(method: Method): void {
    const waiting = this.#held.get(method) ?? [];
    this.#held.delete(method);
    for (const go of waiting) go();
  }

  async answer<T>(method: Method, what: string, value: () => T): Promise<T> {
    this.calls.push(what);
    const failure = this.failures.get(method);
    const answer = failure ? undefined : value();
    const held = this.#held.get(method);
    if (held) await new Promise<void>((go) => held.push(go));
    if (failure) throw failure;
    return answer as T;
  }

  count(call: string): number {
    return this.calls.filter((one) => one === call).length;
  }
}

export function refOf({ name, uuid: own, id }: DomainRef): DomainRef {
  return { name, uuid: own, id };
}

/** One connection to a FakeHost. */
export class FakeHypervisor implements Hypervisor {
  readonly metrics: ConnectionMetrics = { calls: 0, bytesReceived: 0, bytesSent: 0, latencies: [] };
  readonly closed: Promise<Error | undefined>;
  readonly #host: FakeHost;
  readonly #listeners = new Set<(event: HypervisorEvent) => void>();
  #close: (reason: Error | undefined) => void = () => {};
  isClosed = false;
  declare readonly networks: Hypervisor['networks'];
  declare readonly pools: Hypervisor['pools'];
  declare readonly volumes: Hypervisor['volumes'];
  declare readonly defineDomain: Hypervisor['defineDomain'];
  declare readonly undefineDomain: Hypervisor['undefineDomain'];
  declare readonly updateDevice: Hypervisor['updateDevice'];
  declare readonly keptXmls: Hypervisor['keptXmls'];
  declare readonly capabilities: Hypervisor['capabilities'];
  declare readonly domainCapabilities: Hypervisor['domainCapabilities'];
  declare readonly openConsole: Hypervisor['openConsole'];

  constructor(host: FakeHost) {
    this.#host = host;
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  hostInfo = () => this.#answer('hostInfo', 'hostInfo', () => info);
  hostStats = () => this.#answer('hostStats', 'hostStats', () => this.#host.hostStats);
  listDomains = () =>
    this.#answer('listDomains', 'listDomains', () => [...this.#host.domains.values()].map(listed));
  domainStats = (_groups?: readonly StatsGroup[], { closely }: StatsOptions = {}) =>
    this.#answer('domainStats', 'domainStats', () => {
      this.#host.closely = [...(closely ?? [])];
      return [...this.#host.domains.values()].map((domain) => ({ ...domain }));
    });
  domainState = (domain: DomainRef) =>
    this.#answer('domainState', `state ${domain.name}`, () => {
      const { state = DomainState.noState, reason = 0 } = this.#host.domains.get(domain.uuid) ?? {};
      return { state, reason };
    });
  lookupDomain = (name: string) =>
    this.#answer('lookupDomain', `lookup ${name}`, () => {
      throw new Error('not scripted');
    });
  domainXml = (domain: DomainRef) =>
    this.#answer('domainXml', `xml ${domain.name}`, () => this.#host.xml.get(domain.uuid) ?? '<domain/>');
  interfaceAddresses = (domain: DomainRef, source: AddressSource) =>
    this.#answer('interfaceAddresses', `${source} ${domain.name}`, () => [
      ...(this.#host.addresses.get(source) ?? []),
    ]);

  start = (domain: DomainRef) => this.#act('start', domain);
  shutdown = (domain: DomainRef) => this.#act('shutdown', domain);
  reboot = (domain: DomainRef) => this.#act('reboot', domain);
  destroy = (domain: DomainRef) => this.#act('destroy', domain);
  suspend = (domain: DomainRef) => this.#act('suspend', domain);
  resume = (domain: DomainRef) => this.#act('resume', domain);
  wakeup = (domain: DomainRef) => this.#act('wakeup', domain);
  managedSave = (domain: DomainRef) => this.#act('managedSave', domain);
  setAutostart = (domain: DomainRef, on: boolean) =>
    this.#answer('setAutostart', `autostart ${domain.name} ${on ? 'on' : 'off'}`, () => {
      const own = this.#host.domains.get(domain.uuid);
      if (own) own.autostart = on;
    });

  onEvent(listener: (event: HypervisorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  emit(event: HypervisorEvent): void {
    if (!this.isClosed) for (const listener of this.#listeners) listener(event);
  }

  async close(): Promise<void> {
    this.#end(undefined);
  }

  /** The other side goes away. */
  die(): void {
    this.#end(new LibvirtError({ kind: 'closed', message: 'the daemon is gone' }));
  }

  /** The other side ends it without a reason. */
  hangUp(): void {
    this.#end(undefined);
  }

  #end(reason: Error | undefined): void {
    this.isClosed = true;
    this.#close(reason);
  }

  #act(method: Method, domain: DomainRef): Promise<void> {
    return this.#answer(method, `${method} ${domain.name}`, () => {});
  }

  #answer<T>(method: Method, what: string, value: () => T): Promise<T> {
    if (this.isClosed) {
      return Promise.reject(new LibvirtError({ kind: 'closed', message: 'the connection is closed' }));
    }
    return this.#host.answer(method, what, value);
  }
}
