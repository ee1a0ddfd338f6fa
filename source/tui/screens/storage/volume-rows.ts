import type { Volume } from '../../../inventory/object-types.js';
import { factsOf, isDescribed } from './volume-facts.js';

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
/** Descriptions that are read for one frame: each costs about a tenth of a millisecond. */
const readForFrame = 300;

export interface RowOrder {
  readonly filter: string;
  /** What rows are sorted by, those without one last; absent: by name. */
  readonly value: ((volume: Volume) => string | number | undefined) | undefined;
  readonly reversed: boolean;
}

/**
 * The volumes in the order of the screen. With 10,000 of them nothing is done twice: names are put in order
 * when they change, the filter looks at names alone, and what the descriptions say counts only where rows
 * are sorted by it.
 */
export class VolumeRows {
  #items: readonly Volume[] = [];
  /** Indices into the items by name. */
  #byName: readonly number[] = [];
  #lower: readonly string[] = [];
  #filter: string | undefined;
  #matching: readonly number[] = [];
  #order: readonly number[] = [];
  /** What the order was made of; it is made anew when one of them is another. */
  #orderOf: readonly unknown[] = [];
  #reversed = false;
  /** More is to be read before the order is right. */
  unfinished = false;

  get length(): number {
    return this.#order.length;
  }

  at(row: number): Volume | undefined {
    const at = this.#order[this.#reversed ? this.#order.length - 1 - row : row];
    return at === undefined ? undefined : this.#items[at];
  }

  readonly keyOf = (row: number): string => this.at(row)?.name ?? '';

  update(items: readonly Volume[], { filter, value, reversed }: RowOrder): void {
    const renamed = items !== this.#items && !sameNames(items, this.#items);
    this.#items = items;
    if (renamed) {
      this.#lower = items.map(({ name }) => name.toLowerCase());
      this.#byName = items
        .map((_, at) => at)
        .sort((a, b) => collator.compare(items[a]?.name ?? '', items[b]?.name ?? ''));
    }
    if (renamed || filter !== this.#filter) {
      const wanted = filter.toLowerCase();
      this.#matching =
        wanted === '' ? this.#byName : this.#byName.filter((at) => this.#lower[at]?.includes(wanted));
      this.#filter = filter;
    }
    this.#reversed = reversed;
    this.#sort(value);
  }

  #sort(value: RowOrder['value']): void {
    if (value === undefined) {
      this.unfinished = false;
      this.#order = this.#matching;
      this.#orderOf = [];
      return;
    }
    const from = [this.#items, this.#matching, value, this.#reversed];
    if (!this.unfinished && from.every((part, at) => part === this.#orderOf[at])) return;
    this.unfinished = !this.#read();
    const values = this.#matching.map((at) => {
      const volume = this.#items[at];
      return volume === undefined || !isDescribed(volume) ? undefined : value(volume);
    });
    const places = this.#matching.map((_, place) => place);
    // Rows of one value stay in the order of their names; those without stand last either way.
    const last = this.#reversed ? -1 : 1;
    places.sort((a, b) => compare(values[a], values[b], last) || a - b);
    this.#order = places.map((place) => this.#matching[place] ?? 0);
    this.#orderOf = from;
  }

  /** Reads some descriptions; true when none is left. */
  #read(): boolean {
    let left = readForFrame;
    for (const volume of this.#items) {
      if (isDescribed(volume)) continue;
      if (left === 0) return false;
      left -= 1;
      factsOf(volume);
    }
    return true;
  }
}

function sameNames(a: readonly Volume[], b: readonly Volume[]): boolean {
  return a.length === b.length && a.every(({ name }, at) => name === b[at]?.name);
}

function compare(a: string | number | undefined, b: string | number | undefined, last: 1 | -1): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? last : -last;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}
