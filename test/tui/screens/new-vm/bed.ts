import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Inventory } from '../../../../source/inventory/inventory.js';
import { createLab, type Lab, type LabOptions } from '../../../../source/lab/lab.js';
import { openLab } from '../../../../source/lab/open.js';
import type { Fault } from '../../../../source/lab/server/faults.js';
import { width } from '../../../../source/text/width.js';
import { registerHandlers } from '../../../../source/tui/app/handlers.js';
import { openProgram, type ProgramOptions } from '../../../../source/tui/app/program.js';
import { Dispatcher } from '../../../../source/tui/input/dispatcher.js';
import { createUiStore } from '../../../../source/tui/kit/ui-state.js';
import type { ManagerModel } from '../../../../source/tui/screens/manager/model.js';
import { PaneStack } from '../../../../source/tui/services/pane-stack.js';
import { Prompts } from '../../../../source/tui/services/prompts.js';
import type { ScreenHost } from '../../../../source/tui/services/screen-host.js';
import { memorySettings } from '../../../../source/tui/services/settings-port.js';
import type { Capabilities } from '../../../../source/tui/terminal/capabilities.js';
import { TerminalLease } from '../../../../source/tui/terminal/terminal-lease.js';
import { Look } from '../../../../source/tui/theme/look.js';
import { plain } from '../../manager-harness.js';

export const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV somebody@somewhere';

export interface BedOptions {
  readonly lab?: LabOptions;
  readonly columns?: number;
  readonly rows?: number;
  readonly capabilities?: Partial<Capabilities>;
  /** What goes wrong from the first call on; the connection is not waited for then. */
  readonly faults?: readonly Fault[];
}

/** The program without a terminal, on a simulated host: keys in, lines out; all that is written goes to a folder. */
export class WizardBed {
  static async make(options: BedOptions = {}): Promise<WizardBed> {
    const folder = await mkdtemp(join(tmpdir(), 'vd-wizard-'));
    await mkdir(join(folder, '.ssh'));
    await writeFile(join(folder, '.ssh', 'id_ed25519.pub'), `${publicKey}\n`);
    const bed = new WizardBed(folder, options);
    if (options.faults === undefined)
      await bed.until(() => bed.inventory.connection(bed.connectionId)?.status.state === 'connected');
    return bed;
  }

  readonly folder: string;
  readonly lab: Lab;
  readonly inventory: Inventory;
  readonly connectionId: string;
  readonly ui = createUiStore();
  readonly host: ScreenHost;
  readonly model: ManagerModel;
  readonly panes: PaneStack;
  /** All that was written to the terminal beside its frames. */
  readonly written: string[] = [];
  /** Everything that was ever on the screen. */
  readonly seen = new Set<string>();
  readonly #dispatcher = new Dispatcher();
  readonly #size: { readonly columns: number; readonly rows: number };
  #chunk = 0;

  private constructor(folder: string, { lab, columns = 80, rows = 24, capabilities, faults }: BedOptions) {
    this.folder = folder;
    this.#size = { columns, rows };
    this.lab = createLab({ domains: 3, seed: 3, speed: 2000, ...lab, ...(faults && { faults }) });
    this.inventory = new Inventory({ open: (_, { signal }) => openLab(this.lab, { events: true, signal }) });
    this.connectionId = this.inventory.add({ uri: 'lab:///', name: 'lab' });
    this.inventory.connect(this.connectionId);
    const { inventory, ui } = this;
    const look = new Look({ unicode: true, colors: 0, ...capabilities });
    const settings = memorySettings();
    this.panes = new PaneStack({ inventory, ui, size: this.#size, now: Date.now });
    const parts: ProgramOptions['parts'] = {
      inventory,
      ui,
      look,
      settings,
      panes: this.panes,
      terminal: new TerminalLease({ write: (data) => this.written.push(data) }),
      prompts: new Prompts(),
      environment: {
        PATH: process.env.PATH,
        HOME: folder,
        XDG_STATE_HOME: join(folder, 'state'),
        XDG_CACHE_HOME: join(folder, 'cache'),
      },
      open: (_, { signal }) => openLab(this.lab, { events: true, signal }),
    };
    const controls = { quit: () => {}, suspend: () => {} };
    const { host, model, program } = openProgram({ parts, ...controls, size: this.#size, empty: [] });
    this.host = host;
    this.model = model;
    registerHandlers(this.#dispatcher, model, program);
  }

  /** Presses keys by name, or character by character where one is written in quotes: '"10G"'. */
  press(...names: string[]): void {
    for (const name of names) {
      const keys = name.length > 2 && name.startsWith('"') ? [...name.slice(1, -1)] : [name];
      for (const key of keys) {
        this.#chunk += 1;
        const text = [...key].length === 1 ? key : undefined;
        const event = { type: 'key', name: key === ' ' ? 'space' : key, text, chunk: this.#chunk } as const;
        this.model.batch(() => this.#dispatcher.dispatch([event]));
        this.text();
      }
    }
  }

  /** The screen: the pane on top, each line checked to be as wide as the screen; else the Manager. */
  text(): string {
    this.panes.redraw();
    const painted = this.panes.top() === undefined ? this.model.view().lines : this.panes.lines();
    const lines = painted.map(plain);
    if (this.panes.top() !== undefined) expect(lines).toHaveLength(this.#size.rows);
    for (const line of lines) expect([line, width(line)]).toEqual([line, this.#size.columns]);
    const text = lines.map((line) => line.trimEnd()).join('\n');
    this.seen.add(text);
    return text;
  }

  async until(what: () => boolean): Promise<void> {
    for (let round = 0; round < 400; round += 1) {
      if (what()) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(this.text()).toBe('what was waited for');
  }

  shows(wanted: string | RegExp): Promise<void> {
    return this.until(() =>
      typeof wanted === 'string' ? this.text().includes(wanted) : wanted.test(this.text()),
    );
  }

  /** Names of the domains, and of the volumes of all active pools. */
  async world(): Promise<readonly string[]> {
    return this.inventory.ask(this.connectionId, async (hypervisor) => {
      const domains = await hypervisor.listDomains();
      const pools = await hypervisor.pools.list();
      const active = 'length' in pools ? pools.filter((pool) => pool.active) : [];
      const volumes = await Promise.all(active.map((pool) => hypervisor.volumes.list(pool)));
      return [
        ...domains.map(({ name }) => `domain ${name}`),
        ...volumes.flat().map(({ pool, name }) => `volume ${pool}/${name}`),
      ].sort();
    });
  }

  async end(): Promise<void> {
    this.panes.dispose();
    this.model.dispose();
    await this.inventory.dispose();
    this.lab.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}
