import { stripVTControlCharacters } from 'node:util';
import type { ByteStream } from '../libvirt/byte-stream.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';

/** How many lines of a guest's console are kept, and of how many characters. */
const linesKept = 20;
const lineLength = 400;

/** The newest lines of a serial console, as text: a guest writes what it likes, in any pieces. */
export class ConsoleTail {
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #open = '';

  /** Whole lines, and the one that has no end yet; without a terminal's control sequences. */
  get lines(): readonly string[] {
    const open = plain(this.#open);
    return open === '' ? this.#lines : [...this.#lines, open];
  }

  /** Takes what has arrived; true when a line has ended. */
  add(data: Uint8Array): boolean {
    const parts = (this.#open + this.#decoder.decode(data, { stream: true })).split('\n');
    // A guest may write for ever without an end of line.
    this.#open = (parts.pop() ?? '').slice(-10 * lineLength);
    this.#lines = [...this.#lines, ...parts.map(plain)].filter((line) => line !== '').slice(-linesKept);
    return parts.length > 0;
  }
}

/** Consoles that people of this process have borrowed, and how often, by the domains' UUIDs. */
const borrowed = new Map<string, number>();
const watches = new Map<string, Set<ConsoleWatch>>();

/**
 * Takes a domain's console for a person from those of this process that only watch it: libvirt gives a console to
 * one client at a time. Resolves when they have let it go.
 *
 * @returns gives it back; they watch it again where they still want to
 */
export async function borrowConsole(uuid: string): Promise<() => void> {
  borrowed.set(uuid, (borrowed.get(uuid) ?? 0) + 1);
  await Promise.all([...(watches.get(uuid) ?? [])].map((watch) => watch.giveWay()));
  let back = false;
  return () => {
    if (back) return;
    back = true;
    const left = (borrowed.get(uuid) ?? 1) - 1;
    if (left > 0) borrowed.set(uuid, left);
    else {
      borrowed.delete(uuid);
      for (const watch of watches.get(uuid) ?? []) watch.comeBack();
    }
  };
}

/**
 * Keeps the newest lines of a domain's console, as far as it is to be had: whoever takes it over by force may have
 * it, and so may a person of this process who borrows it.
 */
export class ConsoleWatch {
  readonly #domain: DomainRef;
  readonly #connect: (() => Promise<Hypervisor>) | undefined;
  readonly #changed: () => void;
  readonly #tail = new ConsoleTail();
  #reading: ConsoleReading | undefined;

  /**
   * @param connect undefined: the console is left alone
   * @param changed a line has ended
   */
  constructor(domain: DomainRef, connect: (() => Promise<Hypervisor>) | undefined, changed: () => void) {
    this.#domain = domain;
    this.#connect = connect;
    this.#changed = changed;
  }

  get lines(): readonly string[] {
    return this.#tail.lines;
  }

  begin(): void {
    const { uuid } = this.#domain;
    const others = watches.get(uuid) ?? new Set();
    watches.set(uuid, others.add(this));
    if (!borrowed.has(uuid)) this.comeBack();
  }

  /** Resolves when the console is free. Never rejects. */
  async end(): Promise<void> {
    const { uuid } = this.#domain;
    const others = watches.get(uuid);
    others?.delete(this);
    if (others?.size === 0) watches.delete(uuid);
    await this.giveWay();
  }

  /** Resolves when the console is free. Never rejects. */
  async giveWay(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    await reading?.end();
  }

  comeBack(): void {
    if (this.#connect === undefined || this.#reading !== undefined) return;
    this.#reading = new ConsoleReading(this.#domain, this.#connect, (data) => {
      if (this.#tail.add(data)) this.#changed();
    });
  }
}

/** One stream of a console, on a connection of its own, until either of them ends. */
class ConsoleReading {
  readonly #take: (data: Uint8Array) => void;
  #over = false;
  /** Once the host has been asked for the stream. */
  #opening: Promise<ByteStream> | undefined;
  #hypervisor: Hypervisor | undefined;

  constructor(domain: DomainRef, connect: () => Promise<Hypervisor>, take: (data: Uint8Array) => void) {
    this.#take = take;
    void this.#read(domain, connect);
  }

  /** Resolves when the host has the console back. Never rejects. */
  async end(): Promise<void> {
    this.#over = true;
    const stream = await this.#opening?.catch(() => undefined);
    await stream?.abort();
    await this.#hypervisor?.close();
  }

  async #read(domain: DomainRef, connect: () => Promise<Hypervisor>): Promise<void> {
    let hypervisor: Hypervisor | undefined;
    try {
      hypervisor = await connect();
      if (this.#over) return;
      this.#hypervisor = hypervisor;
      this.#opening = hypervisor.openConsole(domain);
      for await (const item of await this.#opening) {
        if (this.#over) return;
        if ('data' in item) this.#take(item.data);
      }
    } catch {
      // Somebody else has the console or has taken it, or there is none: nothing depends on it.
    } finally {
      // `end` closes it after the stream.
      if (!this.#over || this.#hypervisor === undefined) await hypervisor?.close();
    }
  }
}

/** What a terminal would show of a line at the end: after a carriage return it is written over. */
function plain(line: string): string {
  const shown = stripVTControlCharacters(line).replace(/\r+$/, '');
  return shown
    .slice(shown.lastIndexOf('\r') + 1)
    .trimEnd()
    .slice(0, lineLength);
}
