import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { createOpener } from '../../source/hosts/opener.js';
import { Inventory } from '../../source/inventory/inventory.js';
import type { TuiOptions } from '../../source/tui/app/run.js';
import { runTui } from '../../source/tui/app/run.js';

class Keyboard extends Readable {
  readonly isTTY = true;
  override _read(): void {}
  setRawMode(): this {
    return this;
  }
  ref(): void {}
  unref(): void {}
}

class Screen extends EventEmitter {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
  written = '';
  write(data: string): boolean {
    this.written += data;
    return true;
  }
}

/** The whole full-screen program in this process, on a simulated host, with a keyboard and a screen to try it by. */
export class Program {
  readonly inventory: Inventory;
  readonly ended: Promise<number>;
  /** The exit code, once it has ended. */
  code: number | undefined;
  readonly #keyboard = new Keyboard();
  readonly #screen = new Screen();

  constructor(uri = 'lab:///', options: Partial<TuiOptions> = {}) {
    const open = createOpener();
    this.inventory = new Inventory({
      open: (host, hooks) => open(host || undefined, { ...hooks, events: true, keepalive: true }),
    });
    this.inventory.connect(this.inventory.add({ uri, name: 'lab' }));
    this.ended = runTui({
      inventory: this.inventory,
      version: '0',
      open: (host, hooks) => open(host || undefined, hooks),
      stdin: this.#keyboard as unknown as NodeJS.ReadStream,
      stdout: this.#screen as unknown as NodeJS.WriteStream,
      environment: { LANG: 'C.UTF-8', EDITOR: 'true' },
      ...options,
    });
    void this.ended.then((code) => {
      this.code = code;
    });
  }

  /** Bytes as a terminal sends them; what follows from them at once is done when this resolves. */
  async type(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.#keyboard.push(key);
      // The parser of keys waits a moment for what may come behind a lone Esc.
      await pause(key === '\u001B' ? 25 : 0);
    }
  }

  resize(columns: number, rows: number): void {
    this.#screen.columns = columns;
    this.#screen.rows = rows;
    this.#screen.written = '';
    this.#screen.emit('resize');
  }

  /** All that was written since the window last changed, without its escape sequences: every text of the screen. */
  get text(): string {
    return this.#screen.written.replace(/\u001B\[[\d;?]*[A-Za-z]/g, ' ');
  }

  async close(): Promise<void> {
    // Nothing is typed any more where it has ended.
    if (this.code === undefined) await this.type('\u0003', '\u0003');
    await this.ended;
    await this.inventory.dispose();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds === 0) setImmediate(resolve);
    else setTimeout(resolve, milliseconds);
  });
}
