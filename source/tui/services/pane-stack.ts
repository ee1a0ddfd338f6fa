import type { SafeText } from '../../text/safe.js';
import type { InputEvent } from '../input/events.js';
import type { Pane } from '../kit/pane.js';
import type { Size } from '../kit/size.js';
import type { UiStore } from '../kit/ui-state.js';
import type { TuiInventory } from './inventory-port.js';
import { press } from './keys.js';

/** Changes that arrive within this time are drawn as one frame. Keys never wait for it. */
const dataDelay = 40;
const ageDelay = 1000;

export interface PaneStackOptions {
  readonly inventory: TuiInventory;
  readonly ui: UiStore;
  readonly size: Size;
  readonly now: () => number;
}

/** The screens above the Manager: the newest is shown and gets the keys, Esc goes back to the one below. */
export class PaneStack {
  readonly #options: PaneStackOptions;
  readonly #listeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];
  #panes: readonly Pane[] = [];
  /** The one that has been told that it is on the screen. */
  #visible: Pane | undefined;
  #size: Size;
  #lines: readonly SafeText[] = [];
  #dataTimer: NodeJS.Timeout | undefined;

  constructor(options: PaneStackOptions) {
    this.#options = options;
    this.#size = options.size;
    const age = setInterval(() => this.redraw(), ageDelay);
    this.#stops.push(
      () => clearInterval(age),
      options.inventory.store.subscribe(() => this.#dataChanged()),
      options.ui.subscribe(() => this.redraw()),
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The lines of the pane on top; the same array until one of them changes. */
  readonly lines = (): readonly SafeText[] => this.#lines;

  readonly top = (): Pane | undefined => this.#panes.at(-1);

  /** `q` ends the program from here: a screen to look at, directly above the Manager. */
  quits(): boolean {
    return this.#panes.length <= 1 && this.top()?.entry !== true;
  }

  /** What was entered on the screens and would be lost with the program. */
  entered(): readonly string[] {
    return this.#panes.map((pane) => pane.entered?.()).filter((what) => what !== undefined);
  }

  open(pane: Pane): void {
    this.#keep([...this.#panes, pane]);
  }

  /** Closes the pane on top; what lies below is as it was. */
  back(): void {
    this.#keep(this.#panes.slice(0, -1));
  }

  /** Closes what lies above the pane that shows something; false where none does. */
  backTo(shown: unknown): boolean {
    const at = this.#panes.findLastIndex((pane) => pane.shows?.() === shown);
    if (at === -1) return false;
    this.#keep(this.#panes.slice(0, at + 1));
    return true;
  }

  /** Hands an event to the pane on top. False where there is none, or where it has no use for it. */
  handle(event: InputEvent): boolean {
    const pane = this.top();
    if (pane === undefined) return false;
    const taken =
      pane.handle?.(event) || (event.type === 'key' && press(this.#options, pane.bindings(), event));
    if (!taken && event.type === 'key' && event.name === 'escape') this.back();
    else this.redraw();
    // No key may reach the Manager, which is not to be seen.
    return true;
  }

  resize(size: Size): void {
    this.#size = size;
    this.redraw();
  }

  /** @param switched another pane is on top, or none */
  redraw(switched = false): void {
    if (this.top()?.gone?.()) {
      this.back();
      return;
    }
    const pane = this.top();
    const lines = pane?.draw(this.#size, this.#options.now()) ?? [];
    const same = lines.length === this.#lines.length && lines.every((line, at) => line === this.#lines[at]);
    if (!same) this.#lines = lines;
    if (!same || switched) for (const listener of this.#listeners) listener();
    pane?.read?.();
  }

  dispose(): void {
    clearTimeout(this.#dataTimer);
    for (const stop of this.#stops) stop();
    this.#visible?.shown?.(false);
    for (const pane of this.#panes) pane.close?.();
  }

  /** Those that stay open; the last of them is seen. What goes off the screen lets go after that has begun to look. */
  #keep(panes: readonly Pane[]): void {
    const closed = this.#panes.filter((pane) => !panes.includes(pane)).reverse();
    const [before, top] = [this.#visible, panes.at(-1)];
    this.#panes = panes;
    this.#visible = top;
    if (top !== before) {
      top?.shown?.(true);
      before?.shown?.(false);
    }
    for (const pane of closed) pane.close?.();
    this.redraw(true);
  }

  #dataChanged(): void {
    if (this.#panes.length === 0) return;
    this.#dataTimer ??= setTimeout(() => {
      this.#dataTimer = undefined;
      this.redraw();
    }, dataDelay);
  }
}
