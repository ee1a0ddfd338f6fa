import { DomainState } from '../../../libvirt/domain-state.js';
import type { HostItem, HostStream } from '../../server/host-stream.js';
import type { LabDomain } from '../domain.js';
import type { World } from '../world.js';
import { type BootLog, bootLog } from './boot-log.js';

/** What a guest says last. */
const lastWords: Partial<Record<DomainState, string>> = {
  [DomainState.shutdown]: 'reboot: Power down',
  [DomainState.crashed]: 'Kernel panic - not syncing: Fatal exception in interrupt',
};

const Key = { backspace: 0x08, lineFeed: 0x0a, enter: 0x0d, space: 0x20, delete: 0x7f } as const;

/**
 * A client's end of a domain's serial port. Unlike a real one it begins with what was said since the boot, so
 * that whoever looks at a lab sees something. What is typed is echoed, and answered with the prompt again.
 */
export class LabConsole implements HostStream {
  readonly #world: World;
  readonly #domain: LabDomain;
  #log: BootLog;
  /** Guest time of the boot that the log is of. */
  #bootedAt: number;
  #said = 0;
  #state: DomainState;
  readonly #typed: Uint8Array[] = [];
  readonly #queue: Uint8Array[] = [];
  #ended = false;
  #wake: (() => void) | undefined;
  #cancel = () => {};

  constructor(world: World, domain: LabDomain) {
    this.#world = world;
    this.#domain = domain;
    this.#log = bootLog(world, domain);
    this.#bootedAt = domain.bootedAt;
    this.#state = domain.state;
    this.changed();
  }

  async next(): Promise<HostItem | undefined> {
    while (this.#queue.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#queue.length === 0 ? undefined : { data: Buffer.concat(this.#queue.splice(0)) };
  }

  take(item: HostItem): void {
    // A terminal has no holes.
    if ('hole' in item || this.#ended) return;
    this.#typed.push(item.data);
    this.changed();
  }

  close(): void {
    this.end();
    if (this.#domain.console === this) this.#domain.console = undefined;
  }

  /** The host gives the console to somebody else, or the domain is off. */
  end(): void {
    this.#ended = true;
    this.#cancel();
    this.#wake?.();
  }

  /** The domain's state may be another, or time has passed. */
  changed(): void {
    if (this.#ended) return;
    this.#cancel();
    const { state, active } = this.#domain;
    if (state !== this.#state) {
      this.#state = state;
      const words = lastWords[state];
      if (words !== undefined) this.#say(`\r\n[${this.#seconds.toFixed(6).padStart(12)}] ${words}\r\n`);
    }
    if (!active) this.end();
    else if (state === DomainState.running) this.#goOn();
  }

  /** Seconds of guest time since the boot. */
  get #seconds(): number {
    return this.#domain.guestSeconds(this.#world.now()) - this.#bootedAt;
  }

  /** Says what is due by now, and comes back when there is more. */
  #goOn(): void {
    if (this.#bootedAt !== this.#domain.bootedAt) {
      this.#bootedAt = this.#domain.bootedAt;
      this.#log = bootLog(this.#world, this.#domain);
      this.#said = 0;
    }
    const { lines } = this.#log;
    for (let line = lines[this.#said]; line !== undefined; line = lines[this.#said]) {
      const left = line.at - this.#seconds;
      // A timer may fire a little early.
      if (left > 0.001) {
        this.#cancel = this.#world.clock.after(left * 1000, () => this.changed());
        break;
      }
      this.#say(line.text);
      this.#said += 1;
    }
    for (const data of this.#typed.splice(0)) for (const key of data) this.#echo(key);
  }

  /** As a terminal does that was never told otherwise. */
  #echo(key: number): void {
    if (key === Key.enter || key === Key.lineFeed) {
      this.#say(`\r\n${this.#said === this.#log.lines.length ? this.#log.prompt : ''}`);
    } else if (key === Key.delete || key === Key.backspace) this.#say('\b \b');
    else if (key < Key.space) this.#say(`^${String.fromCharCode(key + 0x40)}`);
    else this.#say(Uint8Array.of(key));
  }

  #say(words: string | Uint8Array): void {
    this.#queue.push(typeof words === 'string' ? Buffer.from(words) : words);
    this.#wake?.();
  }
}
