import { LibvirtError } from '../libvirt/errors.js';
import type { DomainEvent, NetworkEvent, PoolEvent } from '../libvirt/events.js';
import type { ConnectionMetrics, HostInfo, Hypervisor, StatsGroup } from '../libvirt/hypervisor.js';
import type { Ask } from '../transport/endpoint.js';
import { type ActionContext, type ActionOutcome, ActionRunner, type Notify } from './action-runner.js';
import { backoff, mayHeal } from './backoff.js';
import type { Clock } from './clock.js';
import type { DomainActionId } from './domain-actions.js';
import type { DomainRecord } from './domain-record.js';
import { DomainTable } from './domain-table.js';
import { HostRecord } from './host-record.js';
import { NetworkWatch } from './network-watch.js';
import type { Listing, Network, Pool } from './object-types.js';
import { PoolWatch } from './pool-watch.js';
import { Session, type SessionContext } from './session.js';
import type { Connection, ConnectionStatus } from './types.js';
import { Watcher, type WatcherContext } from './watcher.js';

export type OpenHypervisor = (
  uri: string,
  hooks: { readonly signal: AbortSignal; onStep(step: string): void; readonly ask?: Ask | undefined },
) => Promise<Hypervisor>;

/** What all connections of an inventory share. */
export interface ConnectionContext {
  readonly open: OpenHypervisor;
  /** Asks a person; absent where nobody is there. */
  readonly ask?: Ask | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly historyLength: number;
  interval(): number;
  groups(): readonly StatsGroup[];
  readonly notify: Notify;
  changed(): void;
}

/** The life of one connection: connecting, at work, lost, coming back. Independent of every other one. */
export class HostConnection implements Connection, WatcherContext, ActionContext, SessionContext {
  readonly id: string;
  readonly uri: string;
  readonly clock: Clock;
  readonly notify: Notify;
  readonly interval: () => number;
  readonly groups: () => readonly StatsGroup[];
  readonly load: HostRecord;
  readonly table: DomainTable;
  readonly networkWatch = new NetworkWatch(this);
  readonly poolWatch = new PoolWatch(this);
  readonly #context: ConnectionContext;
  #givenName: string | undefined;
  readonly #watcher = new Watcher(this);
  readonly #actions = new ActionRunner(this);
  #status: ConnectionStatus = { state: 'disconnected' };
  #info: HostInfo | undefined;
  #session: Session | undefined;
  /** Aborted when the person wants something else of the connection than its present course. */
  #life: AbortController | undefined;
  /** It has been there since the person wanted it to be: where it is not, it was lost. */
  #hasBeenUp = false;
  #inTrouble = false;
  #revision = 0;

  constructor(id: string, target: { uri: string; name?: string | undefined }, context: ConnectionContext) {
    this.id = id;
    this.uri = target.uri;
    this.clock = context.clock;
    this.notify = context.notify;
    this.interval = context.interval;
    this.groups = context.groups;
    this.#givenName = target.name;
    this.#context = context;
    this.load = new HostRecord(context.historyLength);
    this.table = new DomainTable(id, context.historyLength);
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
    return this.table.records;
  }

  get networks(): Listing<Network> {
    return this.networkWatch.listing;
  }

  get pools(): Listing<Pool> {
    return this.poolWatch.listing;
  }

  get stale(): boolean {
    return this.#status.state !== 'connected' || this.#session?.stale === true;
  }

  get metrics(): ConnectionMetrics | undefined {
    return this.#session?.hypervisor.metrics;
  }

  get listRevision(): number {
    return this.table.listRevision;
  }

  get revision(): number {
    return this.#revision;
  }

  /** The open connection, while there is one. */
  get hypervisor(): Hypervisor | undefined {
    return this.#status.state === 'connected' ? this.#session?.hypervisor : undefined;
  }

  record(uuid: string): DomainRecord | undefined {
    return this.table.records.get(uuid);
  }

  /** Calls it otherwise; the connection goes on. */
  rename(name: string): void {
    this.#givenName = name;
    this.changed();
  }

  /** Begins to connect, or tries again at once where it waits to; nothing where it is connected. */
  connect(): void {
    if (this.#status.state === 'connected' || this.#status.state === 'connecting') return;
    this.#life?.abort();
    const life = new AbortController();
    this.#life = life;
    void this.#live(life.signal);
  }

  /** Ends the connection at whatever point it is; the last known state stays. Resolves when it is closed. */
  async disconnect(): Promise<void> {
    const session = this.#session;
    this.#life?.abort();
    this.#life = undefined;
    this.#hasBeenUp = false;
    this.#endSession(session);
    this.#setStatus({ state: 'disconnected' });
    await session?.hypervisor.close();
  }

  refresh(): Promise<void> {
    const objects = [this.networkWatch.refresh(), this.poolWatch.refresh()];
    return Promise.all([this.#session?.refresh(), ...objects]).then(() => {});
  }

  /** Reads the list anew, for what no event tells. Never rejects. */
  readList(): Promise<void> {
    return this.#session?.readList() ?? Promise.resolve();
  }

  /** The interval is another one. */
  reschedule(): void {
    this.#session?.reschedule();
  }

  /** Somebody looks at this domain: its details are read and kept up to date until the returned call. */
  watchDomain(uuid: string): () => void {
    return this.#watcher.watch(uuid);
  }

  watched(): readonly string[] {
    return this.#watcher.watched();
  }

  /** Does something to a domain; resolves with what happened, and never rejects. */
  act(action: DomainActionId, domain: DomainRecord): Promise<ActionOutcome> {
    return this.#actions.run(action, domain);
  }

  onEvent(event: DomainEvent): void {
    this.#watcher.onEvent(event);
    this.#actions.onEvent(event);
    if (event.type !== 'io-error') return;
    const reason = event.reason === '' ? '' : ` (${event.reason})`;
    this.notify({ level: 'error', text: `${event.domain.name}: I/O error on ${event.path}${reason}` });
  }

  onObjectEvent(event: NetworkEvent | PoolEvent): void {
    if (event.type === 'network') this.networkWatch.onChange();
    else this.poolWatch.onEvent(event);
  }

  onStats(asked: number): void {
    this.#actions.onStats(asked);
  }

  /** Says once that the values have become old, and why. */
  onTrouble(error: LibvirtError | undefined): void {
    const tell = error !== undefined && error.kind !== 'closed' && error.kind !== 'unsupported';
    if (tell && !this.#inTrouble) {
      const text = `${this.name}: no statistics: ${error.message}`;
      this.notify({ level: 'warning', text, hint: error.hint });
    }
    this.#inTrouble = tell;
  }

  /** Something about this connection or one of its domains changed. */
  changed(): void {
    this.#revision += 1;
    this.#context.changed();
  }

  async #live(signal: AbortSignal): Promise<void> {
    this.#setStatus({ state: 'connecting', since: this.clock.now() });
    let failures = 0;
    while (!signal.aborted) {
      const error = await this.#oneLife(signal, () => {
        failures = 0;
      });
      if (signal.aborted) return;
      const heals = mayHeal(error, this.#hasBeenUp);
      failures += 1;
      const wait = backoff(failures, this.#context.random);
      if (heals && this.#hasBeenUp) {
        const retryAt = this.clock.now() + wait;
        this.#setStatus({ state: 'reconnecting', attempt: failures, retryAt, error });
      } else {
        // Tries that may heal it go on unseen: a status that flickers tells less than the error.
        this.#setStatus({ state: 'failed', error });
      }
      if (!heals) return;
      await this.#pause(wait, signal);
    }
  }

  /** From the attempt to connect to the end of the connection; resolves with why it ended. */
  async #oneLife(signal: AbortSignal, onConnected: () => void): Promise<LibvirtError> {
    let hypervisor: Hypervisor | undefined;
    let session: Session | undefined;
    try {
      const onStep = (step: string): void => this.#step(step, signal);
      hypervisor = await this.#context.open(this.uri, { signal, onStep, ...this.#asks(signal) });
      const closed = hypervisor.closed.then(reasonOf);
      if (signal.aborted) return reasonOf(undefined);
      session = new Session(hypervisor, this);
      this.#session = session;
      const early = await Promise.race([session.begin(), closed]);
      if (early !== undefined || signal.aborted) return reasonOf(early ?? undefined);
      this.#info = session.info ?? this.#info;
      onConnected();
      this.#connected();
      const reason = await closed;
      if (!signal.aborted) this.#lost(reason);
      return reason;
    } catch (error) {
      return reasonOf(error);
    } finally {
      this.#endSession(session);
      void hypervisor?.close();
    }
  }

  #connected(): void {
    const isBack = this.#hasBeenUp;
    this.#hasBeenUp = true;
    this.#inTrouble = false;
    this.#setStatus({ state: 'connected', since: this.clock.now() });
    if (isBack) this.notify({ level: 'success', text: `${this.name}: connected again` });
    this.#watcher.reload();
    void this.networkWatch.refresh();
    void this.poolWatch.refresh();
  }

  #lost({ message, hint }: LibvirtError): void {
    this.notify({ level: 'warning', text: `${this.name}: connection lost: ${message}`, hint });
  }

  #endSession(session: Session | undefined): void {
    if (session === undefined) return;
    session.end();
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#watcher.pause();
    this.networkWatch.pause();
    this.poolWatch.pause();
    this.#actions.abandon();
  }

  #step(step: string, signal: AbortSignal): void {
    const status = this.#status;
    if (status.state === 'connecting' && !signal.aborted) this.#setStatus({ ...status, step });
  }

  /** While a person is asked the status says so: theirs is the next move. */
  #asks(life: AbortSignal): { readonly ask?: Ask } {
    const { ask } = this.#context;
    if (ask === undefined) return {};
    const asking = (is: boolean): void => {
      const status = this.#status;
      if (life.aborted || (status.state !== 'connecting' && status.state !== 'reconnecting')) return;
      this.#setStatus({ ...status, asking: is });
    };
    return {
      ask: async (prompt, signal) => {
        asking(true);
        try {
          return await ask({ ...prompt, connection: this.name }, signal);
        } finally {
          asking(false);
        }
      },
    };
  }

  #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.clock.clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.clock.setTimeout(end, milliseconds);
      signal.addEventListener('abort', end);
    });
  }

  #setStatus(status: ConnectionStatus): void {
    this.#status = status;
    this.changed();
  }
}

/** Why a connection is over, in the one form of errors; a daemon may end it without a word. */
function reasonOf(reason: unknown): LibvirtError {
  if (reason instanceof LibvirtError) return reason;
  const message = reason instanceof Error ? reason.message : 'the daemon closed the connection';
  return new LibvirtError({ kind: 'closed', message, cause: reason });
}
