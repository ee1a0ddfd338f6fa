import { createStore, type StoreApi } from 'zustand/vanilla';
import { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor, StatsGroup } from '../libvirt/hypervisor.js';
import type { Ask } from '../transport/endpoint.js';
import type { ActionOutcome } from './action-runner.js';
import { type Clock, systemClock } from './clock.js';
import type { DomainActionId } from './domain-actions.js';
import { type ConnectionContext, HostConnection, type OpenHypervisor } from './host-connection.js';
import type { Volume } from './object-types.js';
import { type Operation, operate } from './operate.js';
import type { Connection, Domain, InventoryState, Notice } from './types.js';

export interface InventoryOptions {
  /** Opens a connection, registered for events. */
  readonly open: OpenHypervisor;
  /** Asks a person for passwords and the like; absent where nobody is there. */
  readonly ask?: Ask | undefined;
  /** Milliseconds between two looks at the statistics; 2,000 unless told. */
  readonly interval?: number;
  readonly clock?: Clock;
  /** Between 0 and 1, for the reconnection's jitter. */
  readonly random?: () => number;
  /** Samples kept of each value: ten minutes at 2 s unless told. */
  readonly historyLength?: number;
  /** What is asked of each domain at each tick, whoever looks: states, CPU and memory unless told. */
  readonly groups?: readonly StatsGroup[];
}

const noticesKept = 200;
const longestNotice = 10_000;
const usualGroups: readonly StatsGroup[] = ['state', 'cpu', 'balloon'];
/** Asked for besides while somebody looks closely at a domain: half of an answer's size at 10,000 domains. */
const closeGroups: readonly StatsGroup[] = ['vcpu', 'interface', 'block'];

/**
 * The live state of every connection, and the one place where screens and commands hear of changes. What is
 * in the store's state is read only; connections and domains are live records that carry a revision.
 */
export class Inventory {
  readonly store: StoreApi<InventoryState>;
  #connections = new Map<string, HostConnection>();
  readonly #context: ConnectionContext;
  readonly #clock: Clock;
  #notices: readonly Notice[] = [];
  #nextId = 1;
  #nextNotice = 1;
  #interval: number;
  readonly #groups: readonly StatsGroup[];
  #extraGroups: readonly StatsGroup[] = [];
  #lookingClosely = 0;
  #scheduled = false;

  constructor(options: InventoryOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#interval = options.interval ?? 2000;
    this.#groups = options.groups ?? usualGroups;
    this.#context = {
      open: options.open,
      ask: options.ask,
      clock: this.#clock,
      random: options.random ?? Math.random,
      historyLength: options.historyLength ?? 300,
      interval: () => this.#interval,
      groups: () => this.#wantedGroups(),
      notify: (notice) => this.notify(notice),
      changed: () => this.#changed(),
    };
    this.store = createStore<InventoryState>(() => this.#state(0));
  }

  /** Adds a connection, not yet connected. Returns its id. */
  add(target: { readonly uri: string; readonly name?: string | undefined }): string {
    const id = `c${this.#nextId}`;
    this.#nextId += 1;
    this.#connections.set(id, new HostConnection(id, target, this.#context));
    this.#changed();
    return id;
  }

  async remove(id: string): Promise<void> {
    const connection = this.#connections.get(id);
    this.#connections.delete(id);
    this.#changed();
    await connection?.disconnect();
  }

  /**
   * Another name or another URI of a connection, which keeps its place. One that leads elsewhere is another
   * connection, and connects where the old one was not at rest.
   *
   * @returns the id that it has now
   */
  change(id: string, target: { readonly uri: string; readonly name: string }): string {
    const old = this.#connections.get(id);
    if (old === undefined) return this.add(target);
    if (old.uri === target.uri) {
      old.rename(target.name);
      return id;
    }
    const made = new HostConnection(`c${this.#nextId}`, target, this.#context);
    this.#nextId += 1;
    const all = [...this.#connections.values()].map((one) => (one === old ? made : one));
    this.#connections = new Map(all.map((one) => [one.id, one]));
    this.#changed();
    if (old.status.state !== 'disconnected') made.connect();
    void old.disconnect();
    return made.id;
  }

  connect(id: string): void {
    this.#connections.get(id)?.connect();
  }

  async disconnect(id: string): Promise<void> {
    await this.#connections.get(id)?.disconnect();
  }

  connection(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  domain(connectionId: string, uuid: string): Domain | undefined {
    return this.#connections.get(connectionId)?.domains.get(uuid);
  }

  /** Milliseconds between two looks at the statistics of each host. */
  setInterval(milliseconds: number): void {
    this.#interval = milliseconds;
    // At once, not with the next batch of changes: two presses of a key may come together.
    this.store.setState(this.#state(this.store.getState().revision + 1), true);
    for (const connection of this.#connections.values()) connection.reschedule();
  }

  /** What is asked of each domain besides, from the next tick on: groups that nobody shows cost the hosts time. */
  setExtraGroups(groups: readonly StatsGroup[]): void {
    this.#extraGroups = groups;
  }

  /** Looks at one connection, or all, now. */
  async refresh(id?: string): Promise<void> {
    const chosen = [...this.#connections.values()].filter((one) => id === undefined || one.id === id);
    await Promise.all(chosen.map((connection) => connection.refresh()));
  }

  /** Somebody looks at this domain: its details are read and kept up to date until the returned call. */
  watchDomain(connectionId: string, uuid: string): () => void {
    return this.#connections.get(connectionId)?.watchDomain(uuid) ?? (() => {});
  }

  /**
   * As `look`, and from now on each vCPU of the domain has a history of its own; disk and network rates are
   * asked for until the returned call.
   */
  lookClosely(connectionId: string, uuid: string): () => void {
    this.#connections.get(connectionId)?.record(uuid)?.keepVcpus();
    const stop = this.watchDomain(connectionId, uuid);
    this.#lookingClosely += 1;
    let looking = true;
    return () => {
      if (looking) this.#lookingClosely -= 1;
      looking = false;
      stop();
    };
  }

  /** Does something to a domain; resolves with what happened, and never rejects. */
  async act(connectionId: string, uuid: string, action: DomainActionId): Promise<ActionOutcome> {
    const connection = this.#connections.get(connectionId);
    const domain = connection?.record(uuid);
    if (connection === undefined || domain === undefined) {
      const text = 'The domain is not there any more.';
      this.notify({ level: 'warning', text });
      return { ok: false, text };
    }
    return connection.act(action, domain);
  }

  /** Somebody looks at the networks of a connection: they are read and kept up to date until the returned call. */
  watchNetworks(connectionId: string): () => void {
    return this.#connections.get(connectionId)?.networkWatch.watch() ?? (() => {});
  }

  /** As `watchNetworks`, for the storage pools. */
  watchPools(connectionId: string): () => void {
    return this.#connections.get(connectionId)?.poolWatch.watch() ?? (() => {});
  }

  /** As `watchNetworks`, for the volumes of a pool; the pools must be watched as well. */
  watchVolumes(connectionId: string, pool: string): () => void {
    return this.#connections.get(connectionId)?.poolWatch.lookInto(pool) ?? (() => {});
  }

  /** These volumes are on the screen: what there is to know of them is read. */
  wantVolumes(connectionId: string, pool: string, names: readonly string[]): void {
    this.#connections.get(connectionId)?.poolWatch.want(pool, names);
  }

  /** Every volume of a pool with all there is to know, however long it takes; e.g. for backing chains. */
  async readAllVolumes(connectionId: string, pool: string): Promise<readonly Volume[]> {
    return (await this.#connections.get(connectionId)?.poolWatch.readAll(pool)) ?? [];
  }

  /** Does something to a network, a pool or a volume; resolves with what happened, and never rejects. */
  async operate(connectionId: string, operation: Operation): Promise<ActionOutcome> {
    const connection = this.#connections.get(connectionId);
    const outcome =
      connection === undefined
        ? ({ ok: false, text: `${operation.failed}: the connection is not there any more` } as const)
        : await operate(connection, operation);
    const level = outcome.ok ? 'success' : 'error';
    this.notify({ level, text: outcome.text, hint: outcome.ok ? undefined : outcome.hint });
    return outcome;
  }

  /** Asks a host something that changes nothing and is told to nobody. Rejects with a LibvirtError. */
  ask<T>(connectionId: string, call: (hypervisor: Hypervisor) => Promise<T>): Promise<T> {
    const hypervisor = this.#connections.get(connectionId)?.hypervisor;
    return hypervisor === undefined ? Promise.reject(notConnected()) : call(hypervisor);
  }

  /** Another connection to the same host, for streams; the caller closes it. */
  openAnother(connectionId: string, signal: AbortSignal): Promise<Hypervisor> {
    const connection = this.#connections.get(connectionId);
    if (connection === undefined) return Promise.reject(notConnected());
    return this.#context.open(connection.uri, { signal, onStep: () => {} });
  }

  /** Tells the person something. */
  notify(notice: Pick<Notice, 'level' | 'text' | 'hint'>): void {
    const { level, text, hint } = notice;
    const entry = {
      level,
      // An error of a host may have 4 MiB, and hundreds are kept.
      text: text.slice(0, longestNotice),
      hint: hint?.slice(0, longestNotice),
      id: this.#nextNotice,
      at: this.#clock.now(),
    };
    this.#nextNotice += 1;
    this.#notices = [...this.#notices.slice(1 - noticesKept), entry];
    this.#changed();
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.disconnect()));
  }

  #wantedGroups(): readonly StatsGroup[] {
    const close = this.#lookingClosely === 0 ? [] : closeGroups;
    return [...new Set([...this.#groups, ...this.#extraGroups, ...close])];
  }

  /** Many changes of one moment become one change of the store. */
  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.store.setState(this.#state(this.store.getState().revision + 1), true);
    });
  }

  #state(revision: number): InventoryState {
    return {
      connections: [...this.#connections.values()],
      notices: this.#notices,
      interval: this.#interval,
      revision,
    };
  }
}

function notConnected(): LibvirtError {
  return new LibvirtError({ kind: 'closed', message: 'the host is not connected' });
}
