import { type Address, mergeAddresses } from '../inventory/domain-addresses.js';
import { describeDomain } from '../libvirt/domain-xml.js';
import { ErrorCode, isUnsupported, LibvirtError } from '../libvirt/errors.js';
import { isDomainEvent } from '../libvirt/events.js';
import type { AddressSource, DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { ConsoleWatch } from './console-tail.js';

/** How far a guest is on its way to an address. */
export interface AddressProgress {
  readonly phase: 'booting' | 'lease' | 'agent';
  /** What DHCP has given it. */
  readonly lease: string | undefined;
  readonly agentConnected: boolean;
  /** The newest lines of its serial console, the oldest first; may hold anything a guest can write. */
  readonly console: readonly string[];
}

export interface FoundAddress {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly source: AddressSource;
  /** All of them, the one to use first. */
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
/** The agent is there before the guest's DHCP client is done, at times. */
const askAgentEvery = 500;

/**
 * Waits until the guest has an address, by the events of its agent; leases are looked for at intervals. The
 * newest lines of the console are kept meanwhile.
 *
 * @throws AddressTimeout; LibvirtError of kind `aborted` when `signal` ended it, and where the domain has stopped
 * or the connection is over
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
        if (event.type === 'lifecycle' && ['stopped', 'crashed', 'undefined'].includes(event.event))
          reject(this.#stopped(event.event, event.detail));
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
    if (lease) this.#tell();
    if (source === 'lease' && lease) return this.#found();
    this.#after(every, () => void this.#look());
  }

  /** A running domain's XML tells whether its agent has opened the channel. */
  async #seeAgent(): Promise<void> {
    try {
      const { agentConnected } = describeDomain(await this.#hypervisor.domainXml(this.#domain));
      if (agentConnected && !this.#agentConnected) this.#setAgent(true);
    } catch {
      // The domain's end is told by an event, and the connection's by itself.
    }
  }

  /** A guest may stop as soon as it has begun, before anybody listened. */
  async #seeEnd(): Promise<void> {
    const { name } = this.#domain;
    try {
      const { id } = await this.#hypervisor.lookupDomain(name);
      if (id < 0) this.#settle?.reject(this.#stopped('stopped', 'it is shut off'));
    } catch (error) {
      if ((error as LibvirtError).code === ErrorCode.noDomain)
        this.#settle?.reject(this.#stopped('undefined', ''));
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
    const known = await this.#ask('agent');
    this.#asking = false;
    if (this.#ended || !this.#agentConnected) return;
    if (known) this.#found();
    else this.#after(askAgentEvery, () => void this.#askAgent());
  }

  /** Whether the source knows an address that leads to the guest. */
  async #ask(source: AddressSource): Promise<boolean> {
    try {
      const answer = await this.#hypervisor.interfaceAddresses(this.#domain, source);
      if (isUnsupported(answer)) return false;
      this.#known.set(
        source,
        answer.map((address) => ({ ...address, source })),
      );
    } catch {
      return false;
    }
    return this.#by(source).length > 0;
  }

  #by(source: AddressSource): readonly Address[] {
    const known = this.#known.get(source);
    return known === undefined ? [] : mergeAddresses(new Map([[source, known]]));
  }

  #found(): void {
    const { source } = this.#options;
    const addresses = this.#by(source);
    const [first] = addresses;
    if (first === undefined) return;
    const { address, family } = first;
    this.#settle?.resolve({ address, family, source, all: addresses.map((one) => one.address) });
  }

  #progress(): AddressProgress {
    const lease = this.#by('lease')[0]?.address;
    const phase = this.#agentConnected ? 'agent' : lease === undefined ? 'booting' : 'lease';
    return { phase, lease, agentConnected: this.#agentConnected, console: this.#console.lines };
  }

  #tell(): void {
    if (!this.#ended) this.#options.onProgress(this.#progress());
  }

  #stopped(event: string, detail: string): LibvirtError {
    const { name } = this.#domain;
    const what = event === 'undefined' ? 'was undefined' : `${event} (${detail})`;
    return new LibvirtError({
      kind: 'libvirt',
      message: `${name} ${what} before it had an address`,
      hint: lastWords(this.#console.lines),
    });
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

function lastWords(lines: readonly string[]): string | undefined {
  const last = lines.filter((line) => line.trim() !== '').slice(-3);
  return last.length === 0 ? undefined : `Its console said last: ${last.join(' / ')}`;
}
