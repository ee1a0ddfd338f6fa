import { expect } from 'vitest';
import type { OpenHypervisor } from '../../../../source/inventory/host-connection.js';
import type { Settings } from '../../../../source/settings/settings.js';
import { width } from '../../../../source/text/width.js';
import { createUiStore } from '../../../../source/tui/kit/ui-state.js';
import { PaneStack } from '../../../../source/tui/services/pane-stack.js';
import { Prompts } from '../../../../source/tui/services/prompts.js';
import { type ScreenHost, screenHost } from '../../../../source/tui/services/screen-host.js';
import { memorySettings } from '../../../../source/tui/services/settings-port.js';
import type { Capabilities } from '../../../../source/tui/terminal/capabilities.js';
import { TerminalLease } from '../../../../source/tui/terminal/terminal-lease.js';
import { Look } from '../../../../source/tui/theme/look.js';
import { type FakeConnection, FakeInventory } from '../../fake-inventory.js';
import { plain } from '../../manager-harness.js';

export interface BedOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly capabilities?: Partial<Capabilities>;
  readonly settings?: Partial<Settings>;
  readonly open?: OpenHypervisor;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Screens over a Manager that is not there: keys in, lines out. Needs fake timers, or disposing of the panes. */
export class PaneBed {
  readonly inventory = new FakeInventory();
  readonly ui = createUiStore();
  readonly panes: PaneStack;
  readonly host: ScreenHost;
  readonly columns: number;
  readonly rows: number;
  /** The connection that was selected in the Manager. */
  selected: string | undefined;
  #chunk = 0;

  constructor(options: BedOptions = {}) {
    const { columns = 80, rows = 24, capabilities, open = refuse, environment } = options;
    this.columns = columns;
    this.rows = rows;
    const { inventory, ui } = this;
    this.panes = new PaneStack({ inventory, ui, size: { columns, rows }, now: () => inventory.now });
    this.host = screenHost({
      inventory,
      ui,
      panes: this.panes,
      settings: memorySettings(options.settings),
      look: new Look({ unicode: true, colors: 16, ...capabilities }),
      terminal: new TerminalLease(),
      prompts: new Prompts(),
      environment: environment ?? { XDG_CONFIG_HOME: '/nonexistent' },
      open,
      manager: {
        selectConnection: (id) => {
          this.selected = id;
        },
        typing: () => false,
      },
    });
  }

  /** Presses keys by name or character; several characters that are no name are typed one by one. */
  press(...names: readonly string[]): void {
    for (const name of names) {
      this.#chunk += 1;
      const text = [...name].length === 1 ? name : undefined;
      this.panes.handle({ type: 'key', name: name === ' ' ? 'space' : name, text, chunk: this.#chunk });
    }
  }

  type(text: string): void {
    this.press(...text);
  }

  paste(text: string): void {
    this.#chunk += 1;
    this.panes.handle({ type: 'paste', text, chunk: this.#chunk });
  }

  /** The screen as it would be drawn now; every line fits. */
  get lines(): string[] {
    this.panes.redraw();
    const lines = this.panes.lines().map(plain);
    expect(lines.map((line) => width(line))).toEqual(Array.from({ length: this.rows }, () => this.columns));
    return lines;
  }

  get text(): string {
    return this.lines.map((line) => line.trimEnd()).join('\n');
  }

  /** What was said last. */
  get said(): string {
    const { message } = this.ui.getState();
    return message === undefined ? '' : `${message.level}: ${message.text}`;
  }

  /** Answers the question that is open. */
  answer(yes: boolean): void {
    const { question } = this.ui.getState();
    this.ui.setState({ question: undefined });
    if (yes) question?.confirm();
  }

  connections(): readonly FakeConnection[] {
    return this.inventory.store.getState().connections as readonly FakeConnection[];
  }
}

const refuse: OpenHypervisor = () => Promise.reject(new Error('no connection can be opened here'));
