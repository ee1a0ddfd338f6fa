import { expect, vi } from 'vitest';
import { width } from '../../../../source/text/width.js';
import type { PaneStack } from '../../../../source/tui/services/pane-stack.js';
import type { ScreenHost } from '../../../../source/tui/services/screen-host.js';
import type { TaskStore } from '../../../../source/tui/services/tasks.js';
import type { FakeConnection, FakeInventory } from '../../fake-inventory.js';
import { type HarnessOptions, Manager, plain } from '../../manager-harness.js';

/** Panes over a Manager: keys in by the program's own handlers, lines out. */
export class Bed {
  readonly manager: Manager;
  readonly connection: FakeConnection;
  readonly host: ScreenHost;
  readonly size: { readonly columns: number; readonly rows: number };
  readonly tasks: TaskStore;

  constructor(options: HarnessOptions = {}, fill: (inventory: FakeInventory) => FakeConnection = usual) {
    let connection: FakeConnection | undefined;
    this.manager = new Manager((inventory) => {
      connection = fill(inventory);
    }, options);
    this.connection = connection as FakeConnection;
    this.size = { columns: options.columns ?? 80, rows: options.rows ?? 24 };
    this.host = this.manager.host;
    this.tasks = this.host.tasks;
  }

  get inventory(): FakeInventory {
    return this.manager.inventory;
  }

  get panes(): PaneStack {
    return this.manager.panes;
  }

  /** Presses keys by name, or character by character where one is written in quotes: '"10 GiB"'. */
  press(...names: string[]): void {
    for (const name of names) {
      if (name.length > 2 && name.startsWith('"')) this.manager.press(...name.slice(1, -1));
      else this.manager.press(name);
    }
  }

  /** The lines of the pane on top, each checked to be as wide as the screen. */
  get lines(): string[] {
    this.panes.redraw();
    const lines = this.panes.lines().map(plain);
    expect(lines).toHaveLength(this.size.rows);
    for (const line of lines) expect([line, width(line)]).toEqual([line, this.size.columns]);
    return lines;
  }

  get text(): string {
    return this.lines.map((line) => line.trimEnd()).join('\n');
  }

  line(text: string): string {
    return this.lines.find((line) => line.includes(text)) ?? '';
  }

  get question(): string {
    const { question } = this.manager.ui.getState();
    return question === undefined ? '' : [question.title, ...question.lines].join('\n');
  }

  get menu(): string {
    const { menu } = this.manager.ui.getState();
    if (menu === undefined) return '';
    return [menu.title, ...menu.items.map(({ text, note }) => `${text} ${note}`.trim())].join('\n');
  }

  get message(): string {
    const { message } = this.manager.ui.getState();
    return message?.text ?? '';
  }

  dispose(): void {
    this.panes.dispose();
    this.manager.model.dispose();
  }
}

function usual(inventory: FakeInventory): FakeConnection {
  return inventory.addHost('stardust', []);
}

/** Lets everything that was promised happen. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
  if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(50);
}
