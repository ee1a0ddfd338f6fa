import type { LibvirtError } from '../libvirt/errors.js';
import type { HypervisorEvent } from '../libvirt/events.js';
import type { ConnectionMetrics, HostInfo, Hypervisor, StatsGroup } from '../libvirt/hypervisor.js';
import { backoff, mayHeal } from './backoff.js';
import type { Clock } from './clock.js';
import type { DomainRecord } from './domain-record.js';
import { DomainTable } from './domain-table.js';
import { HostRecord } from './host-record.js';
import { Session } from './session.js';
import type { Connection, ConnectionStatus } from './types.js';
import { Watcher } from './watcher.js';

export type OpenHypervisor = (
  uri: string,
  hooks: { readonly signal: AbortSignal; onStep(step: string): void },
) => Promise<Hypervisor>;

/** What all connections of an inventory share. */
export interface ConnectionContext {
  readonly open: OpenHypervisor;
  readonly clock: Clock;
  readonly random: () => number;
  readonly historyLength: number;
  interval(): number;
  groups(): readonly StatsGroup[];
  changed(): void;
}

/** The life of one connection: connecting, at work, lost, coming back. Independent of every other one. */
export class HostConnection implements Connection {
  readonly id: string;
  readonly uri: string;
  readonly load: HostRecord;
  readonly #table: DomainTable;
  readonly #context: ConnectionContext;
  readonly #givenName: string | undefined;
  readonly #watcher: Watcher;
  readonly #listeners = new Set<(event: HypervisorEvent) => void>();
  #status: ConnectionStatus = { state: 'disconnected' };
  #info: HostInfo | undefined;
  #session: Session | undefined;
  #life: AbortController | undefined;
  #revision = 0;

  constructor(id: string, target: { uri: string; name?: string | undefined }, context: ConnectionContext) {
    this.id = id;
    this.uri = target.uri;
    this.#givenName = target.name;
    this.#context = context;
    this.load = new HostRecord(context.historyLength);
    this.#table = new DomainTable(id, context.historyLength);
    this.#watcher = new Watcher(this, context.clock);
  }

  get name(): string {
    return this.#givenName ?? this.#info?.hostname ?? this.uri;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get info(): HostInfo | undefined {
    return this.#info;
  }

  get domains(): ReadonlyMap<string, DomainRecord> {
    return this.#table.records;
  }

  get stale(): boolean {
    return this.#status.state !== 'connected';
  }

  get metrics(): ConnectionMetrics | undefined {
    return this.#session?.hypervisor.metrics;
  }

  get listRevision(): number {
    return this.#table.listRevision;
  }

  get revision(): number {
    return this.#revision;
  }

  /** The open connection, while there is one. */
  get hypervisor(): Hypervisor | undefined {
    return this.#status.state === 'connected' ? this.#session?.hypervisor : undefined;
  }

  /** Begins to connect, or tries again at once where it waits to; nothing where it is connected. */
  connect(): void {
    if (this.#status.state === 'connected' || this.#status.state === 'connecting') return;
    this.#life?.abort();
    const life = new AbortController();
    this.#life = life;
    void this.#live(life.signal);
  }

  /** Ends the connection at whatever point it is; the last known state stays. */
  async disconnect(): Promise<void> {
    this.#life?.abort();
    this.#life = undefined;
    const session = this.#session;
    this.#endSession();
    this.#setStatus({ state: 'disconnected' });
    await session?.hypervisor.close();
  }

  refresh(): Promise<void> {
    return this.#session?.refresh() ?? Promise.resolve();
  }

  /** The interval is another one. */
  reschedule(): void {
    this.#session?.reschedule();
  }

  /** Somebody looks at this domain: its details are read and kept up to date until the returned call. */
  look(uuid: string): () => void {
    return this.#watcher.look(uuid);
  }

  /** Hears this connection's events, after they are applied. Returns the way to stop. */
  onEvent(listener: (event: HypervisorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something about this connection or one of its domains changed. */
  touch(): void {
    this.#revision += 1;
    this.#context.changed();
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#context;
    this.#setStatus({ state: 'connecting', since: clock.now() });
    let failures = 0;
    while (!signal.aborted) {
      const error = await this.#oneLife(signal, () => {
        failures = 0;
      });
      if (signal.aborted) return;
      if (!mayHeal(error)) {
        this.#setStatus({ state: 'failed', error });
        return;
      }
      failures += 1;
      const wait = backoff(failures, random);
      this.#setStatus({ state: 'reconnecting', attempt: failures, retryAt: clock.now() + wait, error });
      await this.#pause(wait, signal);
    }
  }

  /** From the attempt to connect to the end of the connection; resolves with why it ended. */
  async #oneLife(signal: AbortSignal, onConnected: () => void): Promise<LibvirtError> {
    const { clock } = this.#context;
    let hypervisor: Hypervisor | undefined;
    try {
      hypervisor = await this.#context.open(this.uri, { signal, onStep: (step) => this.#step(step) });
      const session = this.#newSession(hypervisor);
      if (signal.aborted) throw new Error('given up');
      this.#session = session;
      await Promise.race([session.begin(), hypervisor.closed.then((reason) => Promise.reject(reason))]);
      if (signal.aborted) throw new Error('given up');
      this.#info = session.info;
      onConnected();
      this.#setStatus({ state: 'connected', since: clock.now() });
      this.#watcher.reload();
      return (await hypervisor.closed) as LibvirtError;
    } catch (error) {
      return error as LibvirtError;
    } finally {
      if (!signal.aborted) this.#endSession();
      void hypervisor?.close();
    }
  }

  #newSession(hypervisor: Hypervisor): Session {
    const { clock, interval, groups } = this.#context;
    return new Session(hypervisor, {
      clock,
      interval,
      groups,
      table: this.#table,
      load: this.load,
      changed: () => this.touch(),
      onEvent: (event) => {
        for (const listener of this.#listeners) listener(event);
      },
    });
  }

  #endSession(): void {
    this.#session?.end();
    this.#session = undefined;
  }

  #step(step: string): void {
    const status = this.#status;
    if (status.state === 'connecting') this.#setStatus({ ...status, step });
  }

  #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, milliseconds);
      signal.addEventListener(
        'abort',
        () => {
          clock.clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }

  #setStatus(status: ConnectionStatus): void {
    this.#status = status;
    this.touch();
  }
}
