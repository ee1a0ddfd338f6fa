import type { InputEvent } from '../../input/events.js';
import type { KeyHint } from '../../kit/frame.js';

/** A page of the wizard: draws what is between the tabs and the keys. */
export interface Page {
  /** At most `rows` lines of `cells` cells. */
  draw(cells: number, rows: number, now: number): readonly string[];
  /** True when the event was one of its own. */
  handle(event: InputEvent): boolean;
  keys(): readonly KeyHint[];
  /** Every printable key is text. */
  typing(): boolean;
  /** It comes to the screen, e.g. for a field of it. */
  shown?(field?: string): void;
  /** Another one takes its place. */
  left?(): void;
}
