import { type Address, mergeAddresses, readAddresses } from '../inventory/domain-addresses.js';
import { type Reach, reachOf } from '../inventory/domain-reach.js';
import { LibvirtError } from '../libvirt/errors.js';
import { isDomainEvent } from '../libvirt/events.js';
import type { AddressSource, DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { type DomainDescription, describeDomain } from '../libvirt/xml/domain-description-xml.js';
import { ConsoleWatch } from './console-tail.js';
import { type DiskError, GuestHalted, haltOf } from './guest-halted.js';

/** How far a guest is on its way to an address. */
export interface AddressProgress {
  readonly phase: 'booting' | 'lease' | 'agent';
  /** What DHCP has given it. */
  readonly lease: string | undefined;
  readonly agentConnected: boolean;
  /** Addresses that its agent tells and that do not lead to it, e.g. "172.17.0.1 (docker0)". */
  readonly useless: readonly string[];
  /** The newest lines of its serial console, the oldest first; may hold anything a guest can write. */
  readonly console: readonly string[];
}

export interface FoundAddress {
  readonly reach: Reach;
  /** Undefined where no address leads to it: `reach` tells how else, or that nothing does. */
  readonly address: string | undefined;
  readonly family: 'ipv4' | 'ipv6' | undefined;
  readonly source: AddressSource | undefined;
  /** All addresses that lead to it, the one to use first. */
  readonly all: readonly string[];
}

export interface AwaitOptions {
  /** Whose word is final. */
  readonly source: 'agent' | 'lease';
  readonly signal: AbortSignal;
  /** Milliseconds; undefined waits for as long as it takes. */
  readonly timeout: number | undefined;
  readonly onProgress: (progress: AddressProgress) => void;
  /**
   * A connection for the console's stream; undefined: the console is left alone. It is let go before the wait is
   * over, and while a person has it (`borrowConsole`).
   */
  readonly connect: (() => Promise<Hypervisor>) | undefined;
  /** Milliseconds between looks for what no event tells: a lease, an agent that was there before. */
  readonly every?: number;
}

/** There was no address in time; the domain exists and runs. */
export class AddressTimeout extends Error {
  override readonly name = 'AddressTimeout';
  readonly progress: AddressProgress;

  constructor(progress: AddressProgress) {
    super('no address in time');
    this.progress = progress;
  }
}

/** A lease makes no event. */
const lookEvery = 2000;
/** How many looks in a row tell the same, before it is believed. */
const steadyLease = 3;
const steadyIpv6 = 6;
const ends: readonly string[] = ['suspended', 'stopped', 'crashed', 'undefined', 'shutdown'];
/** The agent is there before the guest's DHCP client is done, at times. */
const askAgentEvery = 500;

/**
 * Waits until the guest has an address, by the events of its agent; leases are looked for at intervals. The
 * newest lines of the console are kept meanwhile.
 *
 * @throws AddressTimeout; GuestHalted where it has stopped or libvirt has paused it, now or before; LibvirtError of
 * kind `aborted` when `signal` ended it, and where the connection is over
 */
export async function awaitAddress(
  hypervisor: Hypervisor,
  domain: DomainRef,
  options: AwaitOptions,
): Promise<FoundAddress> {
  const wait = new AddressWait(hypervisor, domain, options);
  try {
    return await wait.result();
  } finally {
    await wait.end();
  }
}

class AddressWait {
  readonly #hypervisor: Hypervisor;
  readonly #domain: DomainRef;
  readonly #options: AwaitOptions;
  readonly #console: ConsoleWatch;
  readonly #known = new Map<AddressSource, readonly Address[]>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #agentConnected = false;
  #description: DomainDescription | undefined;
  /** What the last disk error said, which comes before the pause that it causes. */
  #diskError: DiskError | undefined;
  /** What would be told, and how many times in a row it was. */
  #candidate: { readonly text: string; times: number } = { text: '', times: 0 };
  #ended = false;
  #settle: { resolve(found: FoundAddress): void; reject(error: unknown): void } | undefined;
  #asking = false;
  #unlisten: (() => void) | undefined;
  #unabort: (() => void) | undefined;

  constructor(hypervisor: Hypervisor, domain: DomainRef, options: AwaitOptions) {
    this.#hypervisor = hypervisor;
    this.#domain = domain;
    this.#options = options;
    this.#console = new ConsoleWatch(domain, options.connect, () => this.#tell());
  }

  result(): Promise<FoundAddress> {
    const { signal, timeout } = this.#options;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      const abort = (): void => reject(new LibvirtError({ kind: 'aborted', message: 'cancelled' }));
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#unabort = () => signal.removeEventListener('abort', abort);
      if (timeout !== undefined) this.#after(timeout, () => reject(new AddressTimeout(this.#progress())));
      this.#unlisten = this.#hypervisor.onEvent((event) => {
        if (!isDomainEvent(event) || event.domain.uuid !== this.#domain.uuid) return;
        if (event.type === 'agent') this.#setAgent(event.connected);
        if (event.type === 'io-error') this.#diskError = event;
        // What the state and its reason are now tells more than the event.
        if (event.type === 'lifecycle' && ends.includes(event.event)) void this.#seeEnd();
      });
      void this.#hypervisor.closed.then((reason) => reject(this.#lost(reason)));
      // Nothing may happen for long: that it is waited for is news.
      this.#tell();
      void this.#look();
      this.#console.begin();
    });
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#unlisten?.();
    this.#unabort?.();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#console.end();
  }

  /** What no event tells, or told before anybody listened. */
  async #look(): Promise<void> {
    const { source, every = lookEvery } = this.#options;
    const [lease] = await Promise.all([
      this.#ask('lease'),
      this.#agentConnected ? undefined : this.#seeAgent(),
      this.#seeEnd(),
    ]);
    if (this.#ended) return;
    if (lease !== undefined) this.#tell();
    // An initramfs may ask by another client id than the system, which gets another lease a few seconds later.
    if (source === 'lease' && this.#isSteady(lease, steadyLease)) return this.#found(lease);
    this.#after(every, () => void this.#look());
  }

  /** A running domain's XML tells whether its agent has opened the channel. */
  async #seeAgent(): Promise<void> {
    try {
      const { agentConnected } = await this.#describe();
      if (agentConnected && !this.#agentConnected) this.#setAgent(true);
    } catch {
      // The domain's end is seen by its state, and the connection's by itself.
    }
  }

  async #describe(): Promise<DomainDescription> {
    this.#description = describeDomain(await this.#hypervisor.domainXml(this.#domain));
    return this.#description;
  }

  /** A guest may have stopped before anybody listened; an event is not always there in time. */
  async #seeEnd(): Promise<void> {
    try {
      const all = await this.#hypervisor.domainStats(['state']);
      if (this.#ended) return;
      const now = all.find(({ uuid }) => uuid === this.#domain.uuid);
      const halt = haltOf(this.#domain.name, now, this.#diskError);
      if (halt !== undefined)
        this.#settle?.reject(new GuestHalted(halt.message, halt.fix, this.#console.lines));
    } catch {
      // The connection's end is told by itself.
    }
  }

  #setAgent(connected: boolean): void {
    if (this.#ended) return;
    this.#agentConnected = connected;
    this.#tell();
    if (connected && this.#options.source === 'agent') void this.#askAgent();
  }

  async #askAgent(): Promise<void> {
    if (this.#asking || this.#ended) return;
    this.#asking = true;
    const reach = await this.#ask('agent');
    this.#asking = false;
    if (this.#ended || !this.#agentConnected) return;
    // IPv6 comes first at times: it is given a moment for an IPv4 address.
    const v6 = reach?.kind === 'address' && reach.address.family === 'ipv6';
    if (this.#isSteady(reach, v6 ? steadyIpv6 : 1)) return this.#found(reach);
    this.#tell();
    this.#after(askAgentEvery, () => void this.#askAgent());
  }

  #isSteady(reach: Reach | undefined, times: number): reach is Reach {
    if (reach === undefined) return false;
    const text = JSON.stringify(reach);
    const before = this.#candidate.text === text ? this.#candidate.times : 0;
    this.#candidate = { text, times: before + 1 };
    return before + 1 >= times;
  }

  /** How the guest is reached by the word of one source. */
  async #ask(source: AddressSource): Promise<Reach | undefined> {
    try {
      const description = this.#description ?? (await this.#describe());
      this.#known.set(source, await readAddresses(this.#hypervisor, this.#domain, source, description));
      return this.#reachBy(source);
    } catch {
      return undefined;
    }
  }

  #by(source: AddressSource): readonly Address[] {
    const known = this.#known.get(source);
    if (known === undefined || this.#description === undefined) return [];
    return mergeAddresses(new Map([[source, known]]), this.#description);
  }

  #reachBy(source: AddressSource): Reach | undefined {
    if (this.#description === undefined) return undefined;
    const reach = reachOf({ ...this.#description, addresses: this.#by(source) });
    return source === 'agent' || reach?.kind === 'address' ? reach : undefined;
  }

  #found(reach: Reach): void {
    const usable = this.#by(this.#options.source).filter(({ beyond }) => beyond === undefined);
    const { address, family, source } = reach.kind === 'address' ? reach.address : noAddress;
    this.#settle?.resolve({ reach, address, family, source, all: usable.map((one) => one.address) });
  }

  #progress(): AddressProgress {
    const lease = this.#by('lease')[0]?.address;
    const phase = this.#agentConnected ? 'agent' : lease === undefined ? 'booting' : 'lease';
    const useless = this.#agentConnected ? this.#useless() : [];
    return { phase, lease, agentConnected: this.#agentConnected, useless, console: this.#console.lines };
  }

  #tell(): void {
    if (!this.#ended) this.#options.onProgress(this.#progress());
  }

  #useless(): readonly string[] {
    const usable = this.#by('agent').filter(({ beyond }) => beyond !== 'inner');
    const told = (this.#known.get('agent') ?? []).filter(({ address }) => !/^(127\.|::1$)/.test(address));
    return told
      .filter(({ address }) => !usable.some((one) => one.address === address))
      .map(({ address, interface: name }) => `${address} (${name})`);
  }

  #lost(reason: Error | undefined): LibvirtError {
    return new LibvirtError({
      kind: 'closed',
      message: `the connection ended${reason === undefined ? '' : `: ${reason.message}`}`,
      hint: `${this.#domain.name} exists and is running: virtdeck list`,
    });
  }

  #after(milliseconds: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#ended) work();
    }, milliseconds);
    this.#timers.add(timer);
  }
}

const noAddress = { address: undefined, family: undefined, source: undefined };
