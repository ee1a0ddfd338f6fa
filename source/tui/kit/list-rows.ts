import type { Sort, TableColumn } from './table.js';

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
/** Items that are read for one frame: each costs about a tenth of a millisecond. */
const readForFrame = 300;

/** Items in an order: an array is one. */
export interface Rows<T> {
  readonly length: number;
  at(row: number): T | undefined;
}

export interface SearchOptions<T> {
  /** What is filtered by, and the order of rows that are alike. */
  readonly nameOf: (item: T) => string;
  /** What columns sort by has to be read first, at a cost; an item that is not read has no value. */
  readonly reader?: { readonly isRead: (item: T) => boolean; readonly of: (item: T) => unknown };
}

/**
 * Items filtered and sorted. With 10,000 of them nothing is done twice: names are put in order when they change,
 * the filter looks at names alone, and what has to be read counts only where rows are sorted by it.
 */
export class SortedRows<T> implements Rows<T> {
  readonly #options: SearchOptions<T>;
  #items: readonly T[] = [];
  /** Indices into the items by name. */
  #byName: readonly number[] = [];
  #lower: readonly string[] = [];
  #filter: string | undefined;
  #matching: readonly number[] = [];
  #order: readonly number[] = [];
  /** What the order was made from; when any of it changes the order is made again. */
  #orderOf: readonly unknown[] = [];
  #reversed = false;
  /** More is to be read before the order is right. */
  unfinished = false;

  constructor(options: SearchOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#order.length;
  }

  at(row: number): T | undefined {
    const at = this.#order[this.#reversed ? this.#order.length - 1 - row : row];
    return at === undefined ? undefined : this.#items[at];
  }

  update(items: readonly T[], filter: string, sort: Sort, columns: readonly TableColumn<T>[]): void {
    const { nameOf } = this.#options;
    const renamed =
      items !== this.#items &&
      (items.length !== this.#items.length ||
        items.some((item, at) => nameOf(item) !== nameOf(this.#items[at] as T)));
    this.#items = items;
    if (renamed) {
      const names = items.map(nameOf);
      this.#lower = names.map((name) => name.toLowerCase());
      this.#byName = items
        .map((_, at) => at)
        .sort((a, b) => collator.compare(names[a] ?? '', names[b] ?? ''));
    }
    if (renamed || filter !== this.#filter) {
      const wanted = filter.toLowerCase();
      this.#matching =
        wanted === '' ? this.#byName : this.#byName.filter((at) => this.#lower[at]?.includes(wanted));
      this.#filter = filter;
    }
    this.#reversed = sort.reversed;
    this.#sort(columns.find(({ id }) => id === sort.column)?.order?.value);
  }

  #sort(value: ((item: T) => number | string | undefined) | undefined): void {
    if (value === undefined) {
      this.unfinished = false;
      this.#order = this.#matching;
      this.#orderOf = [];
      return;
    }
    const from = [this.#items, this.#matching, value, this.#reversed];
    if (!this.unfinished && from.every((part, at) => part === this.#orderOf[at])) return;
    this.unfinished = !this.#read();
    const { reader } = this.#options;
    const values = this.#matching.map((at) => {
      const item = this.#items[at];
      return item === undefined || reader?.isRead(item) === false ? undefined : value(item);
    });
    const places = this.#matching.map((_, place) => place);
    // Rows of one value stay in the order of their names; those without stand last either way.
    const last = this.#reversed ? -1 : 1;
    places.sort((a, b) => compare(values[a], values[b], last) || a - b);
    this.#order = places.map((place) => this.#matching[place] ?? 0);
    this.#orderOf = from;
  }

  /** Reads some items; true when none is left. */
  #read(): boolean {
    const { reader } = this.#options;
    if (reader === undefined) return true;
    let left = readForFrame;
    for (const item of this.#items) {
      if (reader.isRead(item)) continue;
      if (left === 0) return false;
      left -= 1;
      reader.of(item);
    }
    return true;
  }
}

function compare(a: string | number | undefined, b: string | number | undefined, last: 1 | -1): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? last : -last;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}
