import type { SafeText } from '../../text/safe.js';
import type { InputEvent } from '../input/events.js';
import type { Binding } from './binding.js';
import type { Size } from './size.js';

/**
 * A screen that is opened over the Manager: a domain, a connection. It draws lines and takes keys. What it asks of hosts
 * and what turns on it begins in `shown` and `read`: one that is not on the screen costs nothing.
 */
export interface Pane {
  /**
   * Exactly `size.rows` lines of `size.columns` cells, from live data; called whenever that may have changed. It asks
   * nobody and starts nothing.
   */
  draw(size: Size, now: number): readonly SafeText[];
  /** Fetches what the last draw still lacked; called after a draw, while nothing covers the pane. */
  readonly read?: (() => void) | undefined;
  /** Takes input before the bindings do, e.g. text for a field; true when it used the event. */
  handle?(event: InputEvent): boolean;
  /** Its keys, beside those that work everywhere, with what they act on now. Esc goes back unless it is one of them. */
  readonly bindings: () => readonly Binding[];
  /** The one thing that this pane shows, e.g. a creation: opening it again comes back to this pane. */
  readonly shows?: (() => unknown) | undefined;
  /** Its object is gone: the pane closes by itself. */
  readonly gone?: (() => boolean) | undefined;
  /** A text field of it is open: every printable key is text. */
  readonly typing?: (() => boolean) | undefined;
  /** A form, a wizard, a choice: `q` goes back from it as Esc does, and never ends the program. */
  readonly entry?: boolean;
  /** What was entered in it and would be lost with the program: "the new VM"; undefined where nothing was. */
  readonly entered?: (() => string | undefined) | undefined;
  /** It appears on the screen, or leaves it (covered or closed). Whatever it watches, it watches in between. */
  readonly shown?: ((visible: boolean) => void) | undefined;
  /** It is closed for good; `shown(false)` came before. */
  close?(): void;
}
