import type { KeyEvent } from '../input/events.js';
import type { Binding } from './binding.js';

/** A text that is only read: which of its lines are seen, and the keys that move in it. */
export class ScrollView {
  #top = 0;
  #height = 1;
  #count = 0;
  /** Somebody has moved in it. */
  moved = false;

  /** The first line that is seen. */
  get top(): number {
    return this.#top;
  }

  /** There are lines below those that are seen. */
  get more(): boolean {
    return this.#top + this.#height < this.#count;
  }

  /** There are more lines than are seen at once. */
  get longer(): boolean {
    return this.#count > this.#height;
  }

  /** The lines that are seen, at most `rows`, from `top` on where it is given; the text may be another by now. */
  show<T>(lines: readonly T[], rows: number, top = this.#top): readonly T[] {
    this.#height = Math.max(1, rows);
    this.#count = lines.length;
    this.to(top);
    return lines.slice(this.#top, this.#top + this.#height);
  }

  /** Puts a line at the top, as far as there is text below it. */
  to(line: number): void {
    this.#top = Math.min(Math.max(line, 0), Math.max(0, this.#count - this.#height));
  }

  /** Moves to a line that is not seen. */
  reveal(line: number): void {
    if (line < this.#top || line >= this.#top + this.#height) this.to(line);
  }

  binding(): Binding {
    return scrollBinding('scroll', ({ name }) => {
      this.moved = true;
      this.to(this.#top + (scrollStep(name, Math.max(1, this.#height - 1)) ?? 0));
    });
  }
}

/** Lines that a key moves by, in a text that is only read; undefined for keys that do not scroll. */
export function scrollStep(key: string, page: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    pageup: -page,
    pagedown: page,
    space: page,
    home: Number.NEGATIVE_INFINITY,
    g: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
    G: Number.POSITIVE_INFINITY,
  };
  return steps[key];
}

/** The keys that move in a list, or scroll a text, as one record. */
export function scrollBinding(help: 'move' | 'scroll', run: (event: KeyEvent) => void): Binding {
  return {
    keys: ['up', 'down', 'pageup', 'pagedown'],
    also: ['j', 'k', 'g', 'G', 'home', 'end', ...(help === 'scroll' ? ['space'] : [])],
    help,
    moves: true,
    run: (_, event) => run(event),
  };
}
