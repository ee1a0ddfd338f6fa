import type { SafeText } from '../../text/safe.js';
import { spaces, wrap } from '../../text/width.js';
import type { InputEvent } from '../input/events.js';
import { fieldOf, type TextField } from '../input/text-field.js';
import type { Look, Part } from '../theme/look.js';
import type { Binding } from './binding.js';
import { typeFilter } from './filter.js';
import { ListCursor } from './list-cursor.js';
import { type Rows, type SearchOptions, SortedRows } from './list-rows.js';
import { scrollBinding } from './scrolling.js';
import type { Size } from './size.js';
import {
  drawTableRow,
  drawTableTitles,
  finishRow,
  nextSort,
  placeTable,
  type Sort,
  type TableColumn,
} from './table.js';
import { drawTyped } from './typed-field.js';

/** Rows of the list that facts below it leave. */
const leastRows = 7;

export interface ListOptions<T> {
  /** What there is now. */
  readonly items: () => readonly T[];
  /** A unique name of the item, which the selection follows. */
  readonly keyOf: (item: T) => string;
  /** Its columns at a moment (milliseconds), or, without columns, how a row is drawn. */
  readonly columns:
    | ((now: number) => readonly TableColumn<T>[])
    | { readonly line: (item: T) => readonly Part[] };
  /** What stands before a name: a shape as well as a colour. */
  readonly symbol?: ((item: T, look: Look) => Part) | undefined;
  /** Why there is no row, in sentences. */
  readonly empty: (look: Look) => readonly string[];
  /** Facts below the list, where there is room; `lines` at most. */
  readonly facts?: {
    readonly lines: number;
    readonly draw: (item: T | undefined, cells: number, now: number) => readonly SafeText[];
  };
  /** Rows can be filtered by name, and sorted by the columns that have an order. */
  readonly search?: SearchOptions<T> & {
    /** For the help: "filter by name". */
    readonly help: string;
    /** Told whenever another sort was chosen. */
    readonly sorted?: (by: TableColumn<T>) => void;
  };
}

/**
 * The list of a screen or a tab: titles, rows, why there are none, facts of the selected one; cursor, filter and sort
 * with their keys. A frame costs what it shows.
 */
export class ListPane<T> {
  readonly #options: ListOptions<T>;
  readonly #cursor = new ListCursor();
  readonly #sorted: SortedRows<T> | undefined;
  #columns: readonly TableColumn<T>[] = [];
  #sort: Sort = { column: 'name', reversed: false };
  #filter = '';
  #field: TextField | undefined;
  #tellsFacts = false;
  #shown: readonly T[] = [];

  constructor(options: ListOptions<T>) {
    this.#options = options;
    this.#sorted = options.search && new SortedRows(options.search);
  }

  /** Rows that the filter leaves. */
  get length(): number {
    return this.#rows.length;
  }

  /** "" where none is set. */
  get filter(): string {
    return this.#filter;
  }

  /** What was on the screen when it was drawn last. */
  get shown(): readonly T[] {
    return this.#shown;
  }

  /** Rows are not in order yet: another frame goes on. */
  get unfinished(): boolean {
    return this.#sorted?.unfinished === true;
  }

  /** There was room for the facts of the selected item. */
  get tellsFacts(): boolean {
    return this.#tellsFacts;
  }

  /** The item that keys act on. */
  selected(): T | undefined {
    const rows = this.#rows;
    return rows.at(this.#cursor.find(rows.length, this.#keyAt));
  }

  /** Selects an item by its key, once it is there. */
  select(key: string): void {
    this.#cursor.select(key);
  }

  /** The list and what is below it, in exactly `size`. */
  draw({ columns: cells, rows: height }: Size, now: number, look: Look): SafeText[] {
    const { columns, facts } = this.#options;
    const table = typeof columns === 'function';
    if (table) this.#columns = columns(now);
    this.#sorted?.update(this.#options.items(), this.#filter, this.#sort, this.#columns);
    const titles = table ? 1 : 0;
    const below = facts !== undefined && height > facts.lines + leastRows ? facts.lines + 1 : 0;
    const room = Math.max(1, height - titles - below);
    this.#tellsFacts = below > 0;
    const rows = this.#rows;
    const [from, to] = this.#cursor.settle(rows.length, room, this.#keyAt);
    const shown = Array.from({ length: to - from }, (_, at) => rows.at(from + at) as T);
    this.#shown = shown;
    const lines = table ? this.#table(shown, from, cells, look) : this.#lines(shown, from, cells, look);
    if (rows.length === 0) lines.push(...this.#nothing(cells, look));
    const blank = spaces(cells);
    while (lines.length < room + titles) lines.push(blank);
    lines.length = room + titles;
    if (facts !== undefined && below > 0) {
      const told = facts.draw(this.selected(), cells, now);
      lines.push(look.rule(cells), ...Array.from({ length: facts.lines }, (_, at) => told[at] ?? blank));
    }
    return lines.slice(0, height);
  }

  /** Moving, filtering and sorting. */
  bindings(): readonly Binding[] {
    const move = scrollBinding('move', ({ name }) => this.#move(name));
    return this.#options.search === undefined
      ? [move]
      : [move, ...this.#searching(this.#options.search.help)];
  }

  /** The filter is being typed: every printable key is its text. */
  readonly typing = (): boolean => this.#field !== undefined;

  /** Takes what is typed into the filter; true while it is. */
  type(event: InputEvent): boolean {
    if (this.#field === undefined) return false;
    const next = typeFilter(this.#field, event);
    if (next === 'move') this.#move(event.type === 'key' ? event.name : '');
    else {
      this.#field = next.field;
      this.#filter = next.filter;
    }
    return true;
  }

  /** The filter while it is typed, for the line of the notice. */
  drawField(found: string, cells: number, look: Look): SafeText | undefined {
    return this.#field && drawTyped(this.#field, found, cells, look);
  }

  get #rows(): Rows<T> {
    return this.#sorted ?? this.#options.items();
  }

  readonly #keyAt = (at: number): string => {
    const item = this.#rows.at(at);
    return item === undefined ? '' : this.#options.keyOf(item);
  };

  #move(key: string): void {
    this.#cursor.handle(key, this.#rows.length, this.#keyAt);
  }

  #searching(help: string): readonly Binding[] {
    const clear: Binding = {
      keys: ['escape'],
      help: 'clear the filter',
      moves: true,
      run: () => {
        this.#filter = '';
      },
    };
    return [
      ...(this.#filter === '' ? [] : [clear]),
      {
        keys: ['/'],
        help,
        label: 'filter',
        run: () => {
          this.#field = fieldOf(this.#filter);
        },
      },
      {
        keys: ['o'],
        help: 'sort by the next column',
        label: 'sort',
        run: () => this.#sortBy(nextSort(this.#columns, this.#sort)),
      },
      {
        keys: ['O'],
        help: 'reverse the order',
        run: () => this.#sortBy({ ...this.#sort, reversed: !this.#sort.reversed }),
      },
    ];
  }

  #sortBy(sort: Sort): void {
    this.#sort = sort;
    const column = this.#columns.find(({ id }) => id === sort.column);
    if (column !== undefined) this.#options.search?.sorted?.(column);
  }

  #table(shown: readonly T[], from: number, cells: number, look: Look): SafeText[] {
    const { symbol } = this.#options;
    const table = placeTable(this.#columns, cells, this.#indent);
    const blank: Part = ['  '];
    const rows = shown.map((item, at) => {
      const lead = symbol === undefined ? [blank] : [blank, symbol(item, look), [' '] as const];
      return drawTableRow(table, item, lead, { selected: from + at === this.#cursor.at }, look);
    });
    return [drawTableTitles(table, look, this.#sorted && this.#sort), ...rows];
  }

  #lines(shown: readonly T[], from: number, cells: number, look: Look): SafeText[] {
    const { columns } = this.#options;
    if (typeof columns === 'function') return [];
    return shown.map((item, at) => {
      const style = { selected: from + at === this.#cursor.at };
      const parts = columns
        .line(item)
        .map(([text, own]): Part => (style.selected ? [text] : [text, own ?? 'plain']));
      return finishRow(look.line(parts, cells), cells, cells, style, look);
    });
  }

  get #indent(): number {
    return this.#options.symbol === undefined ? 2 : 4;
  }

  #nothing(cells: number, look: Look): SafeText[] {
    const indent = this.#indent;
    return this.#options
      .empty(look)
      .flatMap((text) => wrap(look.text(text), Math.max(1, cells - indent)))
      .map((line) => look.line([[spaces(indent)], [line]], cells));
  }
}
