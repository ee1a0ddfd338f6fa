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
  /** Asks for what was drawn and is not known yet; called after a draw, while nothing lies above. */
  readonly read?: (() => void) | undefined;
  /** Takes what is typed before the keys do, e.g. into a field; true when the event was one of its own. */
  handle?(event: InputEvent): boolean;
  /** Its keys, beside those that work everywhere, with what they act on now. Esc goes back unless it is one of them. */
  readonly bindings: () => readonly Binding[];
  /** What there is one screen of, e.g. a creation: whoever wants to see it comes back to this pane. */
  readonly shows?: (() => unknown) | undefined;
  /** Its object is gone: the pane closes by itself. */
  readonly gone?: (() => boolean) | undefined;
  /** A text field of it is open: every printable key is text. */
  readonly typing?: (() => boolean) | undefined;
  /** A form, a wizard, a choice: `q` goes back from it as Esc does, and never ends the program. */
  readonly entry?: boolean;
  /** What was entered in it and would be lost with the program: "the new VM"; undefined where nothing was. */
  readonly entered?: (() => string | undefined) | undefined;
  /** Comes onto the screen, or goes off it: under another one, or closed. What it watches is watched between. */
  readonly shown?: ((visible: boolean) => void) | undefined;
  /** Leaves for good; it has been told that it goes off the screen before. */
  close?(): void;
}
