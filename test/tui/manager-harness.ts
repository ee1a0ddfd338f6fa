import { vi } from 'vitest';
import type { Settings } from '../../source/settings/settings.js';
import { registerHandlers } from '../../source/tui/app/handlers.js';
import { keysOn, openProgram } from '../../source/tui/app/program.js';
import { Dispatcher } from '../../source/tui/input/dispatcher.js';
import type { InputEvent } from '../../source/tui/input/events.js';
import type { HelpKeys } from '../../source/tui/kit/help-view.js';
import { createUiStore } from '../../source/tui/kit/ui-state.js';
import type { ManagerModel } from '../../source/tui/screens/manager/model.js';
import { PaneStack } from '../../source/tui/services/pane-stack.js';
import { Prompts } from '../../source/tui/services/prompts.js';
import type { ScreenHost } from '../../source/tui/services/screen-host.js';
import { memorySettings, type SettingsPort } from '../../source/tui/services/settings-port.js';
import type { Capabilities } from '../../source/tui/terminal/capabilities.js';
import { TerminalLease } from '../../source/tui/terminal/terminal-lease.js';
import { Look } from '../../source/tui/theme/look.js';
import { FakeInventory } from './fake-inventory.js';

export interface HarnessOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly capabilities?: Partial<Capabilities>;
  readonly settings?: Partial<Settings>;
}

/** The Manager screen without a terminal: keys in, lines out. Uses fake timers for the model's delays. */
export class Manager {
  readonly inventory: FakeInventory;
  readonly model: ManagerModel;
  readonly panes: PaneStack;
  readonly ui = createUiStore();
  readonly settings: SettingsPort;
  readonly host: ScreenHost;
  readonly quit = vi.fn();
  readonly suspend = vi.fn();
  /** The keys of the screen on top and of the program, as help tells them. */
  readonly keys: () => HelpKeys;
  readonly #dispatcher = new Dispatcher();
  #chunk = 0;

  constructor(fill: (inventory: FakeInventory) => void, options: HarnessOptions = {}) {
    const { columns = 80, rows = 24, capabilities } = options;
    this.settings = memorySettings(options.settings);
    this.inventory = new FakeInventory();
    fill(this.inventory);
    this.panes = new PaneStack({
      inventory: this.inventory,
      ui: this.ui,
      size: { columns, rows },
      now: () => this.inventory.now,
    });
    const { quit, suspend, panes, inventory, ui, settings } = this;
    const parts = {
      inventory,
      ui,
      settings,
      panes,
      look: new Look({ unicode: true, colors: 16, ...capabilities }),
      terminal: new TerminalLease(),
      prompts: new Prompts(),
      environment: {},
      open: () => Promise.reject(new Error('no connection can be opened here')),
    };
    const { host, model, program } = openProgram({
      parts,
      quit,
      suspend,
      size: { columns, rows },
      empty: ['Nothing here.', 'Start with -c URI.'],
      now: () => inventory.now,
    });
    this.host = host;
    this.model = model;
    this.keys = () => keysOn(program, model);
    registerHandlers(this.#dispatcher, model, program);
  }

  /** Presses keys by name ("down", "ctrl-c") or character, each in a chunk of its own. */
  press(...names: string[]): void {
    for (const name of names) this.pressTogether(name);
  }

  /** Presses keys that the terminal delivers at once. */
  pressTogether(...names: string[]): void {
    this.#chunk += 1;
    this.#dispatch(
      names.map((name) => ({
        type: 'key',
        name: name === ' ' ? 'space' : name,
        text: [...name].length === 1 ? name : undefined,
        chunk: this.#chunk,
      })),
    );
  }

  paste(text: string): void {
    this.#chunk += 1;
    this.#dispatch([{ type: 'paste', text, chunk: this.#chunk }]);
  }

  /** The screen's lines with their styles. */
  get painted(): readonly string[] {
    return this.model.view().lines;
  }

  /** The screen's lines as plain text. */
  get lines(): string[] {
    return this.painted.map(plain);
  }

  get text(): string {
    return this.lines.map((line) => line.trimEnd()).join('\n');
  }

  /** The first line that holds `text`. */
  line(text: string): string {
    return this.lines.find((line) => line.includes(text)) ?? '';
  }

  /** The line that is drawn as selected, or "". */
  get selected(): string {
    return plain(this.painted.find((line) => line.startsWith('\u001B[7m')) ?? '').trim();
  }

  /** Names of the rows in their order. */
  get names(): string[] {
    const { rows } = { rows: this.model.index.length };
    return Array.from({ length: rows }, (_, i) => {
      const row = this.model.index.at(i);
      return row?.kind === 'domain' ? row.domain.name : (row?.connection.name ?? '');
    });
  }

  #dispatch(events: readonly InputEvent[]): void {
    this.model.batch(() => this.#dispatcher.dispatch(events));
  }
}

export function plain(line: string): string {
  return line.replace(/\u001B\[[\d;]*m/g, '');
}
