import { systemClock } from '../../../inventory/clock.js';
import type { StatsGroup } from '../../../libvirt/hypervisor.js';
import type { SafeText } from '../../../text/safe.js';
import { type Binding, footerHints } from '../../kit/binding.js';
import { clockText } from '../../kit/clock.js';
import type { Size } from '../../kit/size.js';
import type { UiStore } from '../../kit/ui-state.js';
import type { TuiInventory } from '../../services/inventory-port.js';
import type { ScreenHost } from '../../services/screen-host.js';
import type { Look } from '../../theme/look.js';
import { DomainWatch } from './domain-watch.js';
import { initialChoices, KeptChoices } from './kept-choices.js';
import { Layouts } from './layout.js';
import { managerBindings } from './list-keys.js';
import { createListStore, type ListStore } from './list-state.js';
import { markedDomains } from './marks.js';
import { type Row, RowIndex } from './row-index.js';
import type { DrawnRows } from './rows.js';
import { drawManager, type ManagerView, type SpinnerPlace } from './view.js';

export interface ManagerModelOptions {
  readonly host: ScreenHost;
  /** The keys of the whole program, for the last line. */
  readonly program: readonly Binding[];
  readonly size: Size;
  /** What to do when there is no connection at all, in sentences. */
  readonly empty: readonly string[];
  /** The inventory's clock. */
  readonly now?: () => number;
}

/** Changes that arrive within this time are drawn as one frame. Keys never wait for it. */
const dataDelay = 40;
/** A countdown on the screen, in milliseconds. */
const countdownStep = 1000;

/**
 * Turns what the inventory knows and what the person has set into the lines of the Manager screen, whenever
 * one of them changes. `ManagerScreen` puts them on the terminal.
 */
export class ManagerModel {
  readonly host: ScreenHost;
  /** What lies above every screen. */
  readonly ui: UiStore;
  readonly list: ListStore;
  readonly inventory: TuiInventory;
  readonly look: Look;
  readonly index = new RowIndex();
  readonly layouts = new Layouts();
  readonly #drawn: DrawnRows = new WeakMap();
  readonly #watch: DomainWatch;
  readonly #kept: KeptChoices;
  readonly #program: readonly Binding[];
  readonly #empty: readonly string[];
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #size: Size;
  #view: ManagerView;
  #selectedAt = 0;
  #groups = '';
  #batching = false;
  #dirty = false;
  /** A screen above it is shown: nothing is drawn, and no domain is watched. */
  #covered = false;
  #dataTimer: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  readonly #cleanups: (() => void)[] = [];

  constructor(options: ManagerModelOptions) {
    const { inventory, ui, look, settings } = options.host;
    this.host = options.host;
    this.ui = ui;
    this.list = createListStore(initialChoices(settings.current()));
    this.inventory = inventory;
    this.look = look;
    this.#program = options.program;
    this.#empty = options.empty;
    this.#now = options.now ?? systemClock.now;
    this.#size = options.size;
    this.#watch = new DomainWatch(inventory);
    this.#kept = new KeptChoices(options.host, this.list);
    this.#keepSelection();
    this.#view = this.#draw();
    this.#cleanups.push(
      this.ui.subscribe(() => this.#changed()),
      this.list.subscribe(() => this.#changed()),
      this.inventory.store.subscribe(() => this.#dataChanged()),
      this.host.panes.subscribe(() => this.#uncovered()),
    );
    this.#ageSoon();
    this.#cleanups.push(() => clearTimeout(this.#ageTimer));
    this.#watch.want(this.#view.watched);
    this.#askFor(this.#view.groups);
  }

  /** The finished screen; its parts stay the same objects until something in them changes. */
  readonly view = (): ManagerView => this.#view;

  readonly lines = (): readonly SafeText[] => this.#view.lines;

  readonly spinners = (): readonly SpinnerPlace[] => this.#view.spinners;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get size(): Size {
    return this.#size;
  }

  /** The size follows the terminal's; the next `view` is drawn for it. */
  resize(size: Size): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#changed();
  }

  /** Draws once after everything `work` changes, however many keys that were. */
  batch(work: () => void): void {
    this.#batching = true;
    try {
      work();
    } finally {
      this.#batching = false;
      if (this.#dirty) this.#changed();
    }
  }

  /** The selected row as it is now. */
  row(): Row | undefined {
    this.#sync();
    return this.index.at(this.index.indexOf(this.list.getState().selected));
  }

  /** The keys of the list with what they act on now. */
  bindings(): readonly Binding[] {
    const { connections } = this.inventory.store.getState();
    const marked = markedDomains(this.list.getState().marked, connections);
    return managerBindings({ model: this, row: this.row(), marked });
  }

  /** Selects the row `step` rows on, or the first or last where the list ends. */
  move(step: number): void {
    this.#sync();
    const from = this.index.indexOf(this.list.getState().selected);
    this.moveTo(from + step);
  }

  moveTo(index: number): void {
    this.#sync();
    const key = this.index.select(Math.min(Math.max(index, 0), this.index.length - 1));
    if (key !== undefined && key !== this.list.getState().selected) this.list.setState({ selected: key });
  }

  get page(): number {
    return this.#view.page;
  }

  dispose(): void {
    for (const cleanup of this.#cleanups) cleanup();
    clearTimeout(this.#dataTimer);
    this.#watch.stop();
    this.#kept.dispose();
  }

  #sync(): void {
    this.index.update(this.inventory.store.getState(), this.list.getState());
  }

  #uncovered(): void {
    const covered = this.host.panes.top() !== undefined;
    if (covered === this.#covered) return;
    this.#covered = covered;
    if (covered) this.#watch.want([]);
    else this.#changed();
  }

  #dataChanged(): void {
    if (this.#covered) return;
    // Somebody waits for the first rows: draw them before the first, long statistics are decoded.
    const { connections } = this.inventory.store.getState();
    if (this.index.counts.domains === 0 && connections.some(({ domains }) => domains.size > 0)) {
      this.#changed();
      return;
    }
    this.#dataTimer ??= setTimeout(() => {
      this.#dataTimer = undefined;
      this.#changed();
    }, dataDelay);
  }

  #changed(): void {
    if (this.#batching) {
      this.#dirty = true;
      return;
    }
    this.#dirty = false;
    if (this.#covered) return;
    this.#ageSoon();
    this.#keepSelection();
    const next = this.#draw();
    this.#watch.want(next.watched);
    this.#askFor(next.groups);
    const last = this.#view;
    const sameLines =
      next.lines.length === last.lines.length && next.lines.every((text, i) => text === last.lines[i]);
    const sameSpinners = samePlaces(next.spinners, last.spinners);
    this.#view = {
      ...next,
      lines: sameLines ? last.lines : next.lines,
      spinners: sameSpinners ? last.spinners : next.spinners,
    };
    if (!sameLines || !sameSpinners) for (const listener of this.#listeners) listener();
  }

  /** Statistics of columns that are shown by choice. */
  #askFor(groups: readonly StatsGroup[]): void {
    const key = groups.join(' ');
    if (key === this.#groups) return;
    this.#groups = key;
    this.inventory.setExtraGroups(groups);
  }

  #draw(): ManagerView {
    const state = this.inventory.store.getState();
    const now = this.#now();
    return drawManager({
      state,
      message: this.ui.getState().message,
      list: this.list.getState(),
      index: this.index,
      layouts: this.layouts,
      drawn: this.#drawn,
      top: this.#view?.top ?? 0,
      size: this.#size,
      now,
      clock: clockText(now),
      look: this.look,
      empty: this.#empty,
      keys: (row, marked) =>
        footerHints([...managerBindings({ model: this, row, marked }), ...this.#program], this.look),
    });
  }

  /** A selected row that is gone hands the selection to the row that took its place. */
  #keepSelection(): void {
    this.#sync();
    const at = this.index.indexOf(this.list.getState().selected);
    if (at !== -1) {
      this.#selectedAt = at;
      return;
    }
    const key = this.index.select(Math.min(this.#selectedAt, this.index.length - 1));
    if (key === this.list.getState().selected || key === undefined) return;
    this.#batching = true;
    this.list.setState({ selected: key });
    this.#batching = false;
    this.#dirty = false;
  }

  /**
   * Ages, countdowns and staleness change without anything arriving. Put off by every change: while data
   * comes at its pace, the screen is drawn once for each and not in between.
   */
  #ageSoon(): void {
    const { connections, interval } = this.inventory.store.getState();
    const counting = connections.some(({ status }) => status.state === 'reconnecting');
    clearTimeout(this.#ageTimer);
    this.#ageTimer = setTimeout(() => this.#changed(), counting ? countdownStep : interval + dataDelay * 2);
  }
}

function samePlaces(a: readonly SpinnerPlace[], b: readonly SpinnerPlace[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ row, column, selected }, i) => {
      const other = b[i];
      return row === other?.row && column === other.column && selected === other.selected;
    })
  );
}
