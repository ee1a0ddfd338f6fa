import { createStore } from 'zustand/vanilla';
import type { ActionOutcome } from '../../source/inventory/action-runner.js';
import type { DomainActionId } from '../../source/inventory/domain-actions.js';
import { unread, type Volume } from '../../source/inventory/object-types.js';
import type { Operation } from '../../source/inventory/operate.js';
import { Ring } from '../../source/inventory/ring.js';
import type {
  Connection,
  ConnectionStatus,
  Domain,
  DomainDetails,
  InventoryState,
  Notice,
} from '../../source/inventory/types.js';
import { DomainState, isActive } from '../../source/libvirt/domain-state.js';
import type { HostInfo, Hypervisor, StatsGroup } from '../../source/libvirt/hypervisor.js';
import type { TuiInventory } from '../../source/tui/services/inventory-port.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type FakeDomain = Mutable<Domain>;
export type FakeConnection = Mutable<Omit<Connection, 'domains' | 'load'>> & {
  domains: Map<string, FakeDomain>;
  load: Mutable<Connection['load']>;
};

export interface DomainSpec {
  readonly name: string;
  readonly state?: DomainState;
  /** Guest CPU samples, oldest first. */
  readonly cpu?: readonly number[];
  readonly memory?: number;
  readonly patch?: Partial<FakeDomain>;
}

const gib = 1024 * 1024;

export const hostInfo: HostInfo = {
  hostname: 'stardust',
  uri: 'qemu:///system',
  type: 'QEMU',
  libvirtVersion: '9.0.0',
  hypervisorVersion: '7.2.0',
  cpuModel: 'EPYC-Rome',
  cpus: 16,
  mhz: 2400,
  numaNodes: 1,
  sockets: 1,
  cores: 8,
  threads: 2,
  memory: 31 * gib,
};

/** An inventory whose every change a test makes itself; calls that would go to a host are recorded. */
export class FakeInventory implements TuiInventory {
  readonly store = createStore<InventoryState>(() => ({
    connections: [],
    notices: [],
    interval: 2000,
    revision: 0,
  }));
  readonly calls: string[] = [];
  now = Date.now();
  #notices = 0;
  #hosts = 0;

  addHost(name: string, specs: readonly DomainSpec[], patch: Partial<FakeConnection> = {}): FakeConnection {
    this.#hosts += 1;
    const connection: FakeConnection = {
      id: `c${this.#hosts}`,
      name,
      uri: 'qemu:///system',
      status: { state: 'connected', since: this.now },
      info: { ...hostInfo, hostname: name },
      load: { cpu: new Ring(600), memoryUsed: new Ring(600), memoryTotal: 31 * gib, updatedAt: this.now },
      domains: new Map(),
      networks: unread,
      pools: unread,
      stale: false,
      metrics: undefined,
      listRevision: 1,
      revision: 1,
      ...patch,
    };
    for (const spec of specs) this.addDomain(connection, spec);
    this.store.setState((state) => ({ connections: [...state.connections, connection] }));
    this.changed();
    return connection;
  }

  addDomain(connection: FakeConnection, spec: DomainSpec): FakeDomain {
    const state = spec.state ?? DomainState.running;
    const number = connection.domains.size;
    const uuid = `${connection.id}-${number}-0000-4000-8000-000000000000`;
    const history = {
      cpuGuest: new Ring(600),
      cpuHost: new Ring(600),
      memory: new Ring(600),
      diskRead: new Ring(600),
      diskWrite: new Ring(600),
      netReceive: new Ring(600),
      netSend: new Ring(600),
    };
    for (const value of spec.cpu ?? []) history.cpuGuest.push(value);
    const active = runs(state);
    const domain: FakeDomain = {
      uuid,
      connectionId: connection.id,
      name: spec.name,
      id: active ? number + 1 : -1,
      state,
      reason: 0,
      autostart: false,
      persistent: true,
      managedSave: false,
      vcpus: 2,
      memoryCurrent: active ? 2 * gib : undefined,
      memoryMaximum: 2 * gib,
      cpuGuest: active ? spec.cpu?.at(-1) : undefined,
      cpuHost: undefined,
      memoryUsed: active ? (spec.memory ?? 1.2 * gib) : undefined,
      history,
      vcpuHistory: [],
      untold: [],
      updatedAt: active ? this.now : 0,
      startedAt: undefined,
      pending: undefined,
      details: undefined,
      revision: 1,
      ...spec.patch,
    };
    connection.domains.set(uuid, domain);
    return domain;
  }

  /** Publishes: what a real inventory does after each change. `list`: names or states changed as well. */
  changed(options: { readonly list?: boolean } = {}): void {
    for (const connection of this.store.getState().connections as FakeConnection[]) {
      connection.revision += 1;
      if (options.list === true) connection.listRevision += 1;
    }
    this.store.setState((state) => ({ connections: [...state.connections], revision: state.revision + 1 }));
  }

  setStatus(
    connection: FakeConnection,
    status: ConnectionStatus,
    stale = status.state !== 'connected',
  ): void {
    connection.status = status;
    connection.stale = stale;
    this.changed();
  }

  setState(domain: FakeDomain, state: DomainState): void {
    domain.state = state;
    domain.id = runs(state) ? 1 : -1;
    domain.revision += 1;
    this.changed({ list: true });
  }

  /** New values for every running domain and its host. */
  tick(value: (domain: FakeDomain, number: number) => number): void {
    for (const connection of this.store.getState().connections as FakeConnection[]) {
      if (connection.status.state !== 'connected') continue;
      let number = 0;
      for (const domain of connection.domains.values()) {
        number += 1;
        if (!isActive(domain)) continue;
        const cpu = value(domain, number);
        domain.history.cpuGuest.push(cpu);
        domain.cpuGuest = cpu;
        domain.memoryUsed = (1 + cpu / 100) * gib;
        domain.history.memory.push(domain.memoryUsed);
        for (const ring of ['diskRead', 'diskWrite', 'netReceive', 'netSend'] as const) {
          domain.history[ring].push(cpu * 12_345);
        }
        domain.updatedAt = this.now;
        domain.revision += 1;
      }
      connection.load.cpu.push(value(connection.domains.values().next().value as FakeDomain, 0));
      connection.load.memoryUsed.push(11.2 * gib);
      connection.load.updatedAt = this.now;
    }
    this.changed();
  }

  notice(level: Notice['level'], text: string, hint?: string): void {
    this.#notices += 1;
    const notice: Notice = { id: this.#notices, at: this.now, level, text, hint };
    this.store.setState((state) => ({ notices: [...state.notices, notice], revision: state.revision + 1 }));
  }

  setDetails(domain: FakeDomain, details: Partial<DomainDetails>): void {
    domain.details = {
      title: undefined,
      description: undefined,
      os: undefined,
      interfaces: [],
      disks: [],
      xml: '',
      addresses: [],
      ...details,
    };
    domain.revision += 1;
    this.changed();
  }

  add({ uri, name = uri }: { readonly uri: string; readonly name?: string | undefined }): string {
    this.calls.push(`add ${name} ${uri}`);
    return this.addHost(name, [], { uri, info: undefined, status: { state: 'disconnected' } }).id;
  }

  async remove(id: string): Promise<void> {
    this.calls.push(`remove ${id}`);
    this.store.setState((state) => ({ connections: state.connections.filter((one) => one.id !== id) }));
    this.changed();
  }

  change(id: string, { uri, name }: { readonly uri: string; readonly name: string }): string {
    this.calls.push(`change ${id} ${name} ${uri}`);
    this.store.setState(({ connections }) => ({
      connections: connections.map((one) => (one.id === id ? { ...one, name, uri } : one)),
    }));
    this.changed();
    return id;
  }

  connect(id: string): void {
    this.calls.push(`connect ${id}`);
  }

  async disconnect(id: string): Promise<void> {
    this.calls.push(`disconnect ${id}`);
  }

  lookClosely(connectionId: string, uuid: string): () => void {
    return this.watchDomain(connectionId, uuid);
  }

  setExtraGroups(groups: readonly StatsGroup[]): void {
    this.calls.push(`also ask for ${groups.join(' ')}`);
  }

  setInterval(milliseconds: number): void {
    this.calls.push(`interval ${milliseconds}`);
    this.store.setState((state) => ({ interval: milliseconds, revision: state.revision + 1 }));
  }

  async refresh(): Promise<void> {
    this.calls.push('refresh');
  }

  watchDomain(_connectionId: string, uuid: string): () => void {
    this.calls.push(`look ${uuid}`);
    return () => this.calls.push(`unlook ${uuid}`);
  }

  watchPools(connectionId: string): () => void {
    this.calls.push(`watch pools of ${connectionId}`);
    return () => this.calls.push(`unwatch pools of ${connectionId}`);
  }

  watchNetworks(connectionId: string): () => void {
    this.calls.push(`watch networks of ${connectionId}`);
    return () => this.calls.push(`unwatch networks of ${connectionId}`);
  }

  watchVolumes(connectionId: string, pool: string): () => void {
    this.calls.push(`watch volumes of ${connectionId} ${pool}`);
    return () => this.calls.push(`unwatch volumes of ${connectionId} ${pool}`);
  }

  /** The names that were asked for last, by whoever draws volumes. */
  wantedVolumes: readonly string[] = [];

  wantVolumes(_connectionId: string, _pool: string, names: readonly string[]): void {
    this.wantedVolumes = names;
  }

  async readAllVolumes(connectionId: string, pool: string): Promise<readonly Volume[]> {
    this.calls.push(`read all volumes of ${pool}`);
    const { connections } = this.store.getState();
    const pools = connections.find(({ id }) => id === connectionId)?.pools.items ?? [];
    return pools.find(({ uuid }) => uuid === pool)?.volumes.items ?? [];
  }

  /** What stands behind `operate`, `ask` and `openAnother`; a test puts in what it needs. */
  hypervisor: Partial<Hypervisor> = {};

  async operate(_connectionId: string, operation: Operation): Promise<ActionOutcome> {
    this.calls.push(operation.pending);
    try {
      await operation.call(this.hypervisor as Hypervisor);
      this.notice('success', operation.done);
      return { ok: true, text: operation.done };
    } catch (error) {
      const text = `${operation.failed}: ${(error as Error).message}`;
      this.notice('error', text);
      return { ok: false, text };
    }
  }

  async ask<T>(connectionId: string, call: (hypervisor: Hypervisor) => Promise<T>): Promise<T> {
    const { connections } = this.store.getState();
    const domains = connections.find(({ id }) => id === connectionId)?.domains ?? new Map<string, Domain>();
    // What a verdict over volumes asks besides.
    const quiet = { listDomains: async () => [...domains.values()], keptXmls: async () => [] };
    const pools = { list: async () => [], ...this.hypervisor.pools };
    return call({ ...quiet, ...this.hypervisor, pools } as unknown as Hypervisor);
  }

  async openAnother(connectionId: string, _signal: AbortSignal): Promise<Hypervisor> {
    this.calls.push(`open another ${connectionId}`);
    const close = async (): Promise<void> => {
      this.calls.push(`close ${connectionId}`);
    };
    return { listDomains: async () => [], ...this.hypervisor, close } as Hypervisor;
  }

  async act(connectionId: string, uuid: string, action: DomainActionId): Promise<ActionOutcome> {
    const domain = this.store
      .getState()
      .connections.find(({ id }) => id === connectionId)
      ?.domains.get(uuid);
    this.calls.push(`${action} ${domain?.name}`);
    return { ok: true, text: `${domain?.name}: ${action}` };
  }
}

const idle: readonly DomainState[] = [DomainState.shutOff, DomainState.crashed, DomainState.noState];

function runs(state: DomainState): boolean {
  return !idle.includes(state);
}
