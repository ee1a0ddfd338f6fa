import { scrollStep } from './scrolling.js';
import { scrollTo } from './table.js';

/** Which row of a list is selected and which is on top. The selection is a name: it outlives every re-sort. */
export class ListCursor {
  #key: string | undefined;
  /** To be selected once it is there. */
  #awaited: string | undefined;
  #at = 0;
  #top = 0;
  #height = 1;

  get at(): number {
    return this.#at;
  }

  /**
   * Brings the selection in line with the rows there are now. A row that is gone leaves its place to the next.
   *
   * @param count rows in the list
   * @param keyOf the name of a row
   * @returns the rows to draw: from, and up to (not including)
   */
  settle(count: number, height: number, keyOf: (at: number) => string): readonly [from: number, to: number] {
    this.#height = Math.max(1, height);
    this.#arrive(count, keyOf);
    this.#at = this.find(count, keyOf);
    this.#at = Math.min(Math.max(this.#at, 0), Math.max(0, count - 1));
    if (count > 0) this.#key = keyOf(this.#at);
    this.#top = scrollTo(this.#top, this.#at, this.#height, count);
    return [this.#top, Math.min(count, this.#top + this.#height)];
  }

  /** Where the selected row is now; its old place where it is gone. */
  find(count: number, keyOf: (at: number) => string): number {
    if (this.#key === undefined || (this.#at < count && keyOf(this.#at) === this.#key)) return this.#at;
    return find(this.#key, count, keyOf) ?? this.#at;
  }

  /** Selects a row by its name, once it is there. */
  select(key: string): void {
    this.#awaited = key;
  }

  /** Moves by a key of lists; false for every other key. */
  handle(key: string, count: number, keyOf: (at: number) => string): boolean {
    // A space marks where lists have marks; here it is no key for a page.
    const step = key === 'space' ? undefined : scrollStep(key, Math.max(1, this.#height - 1));
    if (step === undefined) return false;
    // Somebody who moves has chosen otherwise.
    this.#awaited = undefined;
    if (count === 0) return true;
    this.#at = Math.min(Math.max(this.#at + step, 0), count - 1);
    this.#key = keyOf(this.#at);
    return true;
  }

  #arrive(count: number, keyOf: (at: number) => string): void {
    if (this.#awaited === undefined) return;
    const at = find(this.#awaited, count, keyOf);
    if (at === undefined) return;
    this.#at = at;
    this.#key = this.#awaited;
    this.#awaited = undefined;
  }
}

function find(key: string, count: number, keyOf: (at: number) => string): number | undefined {
  for (let at = 0; at < count; at += 1) if (keyOf(at) === key) return at;
  return undefined;
}
