import { joined, literal, type SafeText } from '../../text/safe.js';
import { spaces } from '../../text/width.js';
import type { Look, Part } from '../theme/look.js';
import type { StyleName } from '../theme/styles.js';

/** What a list is sorted by. */
export interface Sort {
  /** Id of a column. */
  readonly column: string;
  readonly reversed: boolean;
}

/** A column of a list, all of it: place, width, cell and order of the rows. */
export interface TableColumn<T> {
  /** Its name in a sort and in the settings. */
  readonly id: string;
  readonly title: string;
  /** Cells at least, and at most where there is room to spare. */
  readonly min: number;
  readonly max: number;
  /** Lower numbers get their room first on a narrow screen. */
  readonly rank: number;
  /** When it gets spare room (turn), and up to how many cells; absent: in the first turn, up to `max`. */
  readonly widen?: readonly (readonly [turn: number, cells: number])[];
  readonly align?: 'left' | 'right';
  readonly cell: (item: T, cells: number, look: Look) => Part;
  /** Absent: rows cannot be sorted by it. */
  readonly order?: ColumnOrder<T>;
}

export interface ColumnOrder<T> {
  /** What rows are compared by; ties are ordered by name. Absent: by name only. */
  readonly value?: (item: T) => number | string | undefined;
  /** Highest first, as one expects of loads; absent: A to Z, lowest first. */
  readonly descending?: boolean;
  /** The order changes with every tick, not only with names and states. */
  readonly live?: boolean;
}

type AnyColumn = TableColumn<never>;

/** A column and the cells it has. */
export interface PlacedColumn<C extends AnyColumn> {
  readonly column: C;
  readonly cells: number;
}

/** The columns that a screen of `cells` cells has room for, behind `indent` cells for marks and symbols. */
export interface PlacedTable<C extends AnyColumn> {
  readonly columns: readonly PlacedColumn<C>[];
  readonly indent: number;
  readonly cells: number;
}

export const columnGap = literal`  `;

/** Takes columns by their rank while they fit, then hands out what is left in turns, each turn from the left. */
export function placeTable<C extends AnyColumn>(
  columns: readonly C[],
  cells: number,
  indent: number,
): PlacedTable<C> {
  const taken = new Map<C, number>();
  let left = Math.max(0, cells - indent);
  for (const column of columns.toSorted((a, b) => a.rank - b.rank)) {
    // A row without its name is useless: in the narrowest window the name gets all the room.
    const min = taken.size === 0 ? Math.min(column.min, left) : column.min;
    const cost = min + (taken.size === 0 ? 0 : columnGap.length);
    if (cost > left) continue;
    taken.set(column, min);
    left -= cost;
  }
  const turns = columns
    .flatMap((column) =>
      (column.widen ?? [[0, column.max] as const]).map(([turn, limit]) => ({ column, turn, limit })),
    )
    .sort((a, b) => a.turn - b.turn);
  for (const { column, limit } of turns) {
    const own = taken.get(column);
    if (own === undefined) continue;
    const more = Math.max(0, Math.min(left, Math.min(limit, column.max) - own));
    taken.set(column, own + more);
    left -= more;
  }
  const placed = columns.flatMap((column) => {
    const own = taken.get(column);
    return own === undefined ? [] : [{ column, cells: own }];
  });
  return { columns: placed, indent, cells };
}

/** The titles, with an arrow at the column that rows are sorted by. */
export function drawTableTitles(table: PlacedTable<AnyColumn>, look: Look, sort?: Sort): SafeText {
  const parts = table.columns.flatMap(({ column, cells }, at): Part[] => {
    const { title, align, order } = column;
    const gap = at === 0 ? '' : columnGap;
    if (order === undefined || column.id !== sort?.column)
      return [[gap], [look.fit(title, cells, align), 'faint']];
    const arrow = isDescending(order, sort) ? look.glyphs.descending : look.glyphs.ascending;
    // Before a title at the right, partly in the gap: titles keep their place, and the arrow is at its own.
    if (align === 'right' && at > 0) {
      const space = look.width(title) < cells ? ' ' : '';
      return [[look.fit(`${arrow}${space}${title}`, columnGap.length + cells, 'right'), 'heading']];
    }
    const space = look.width(title) + 1 < cells ? ' ' : '';
    return [[gap], [look.fit(`${title}${space}${arrow}`, cells), 'heading']];
  });
  return look.line([[spaces(table.indent)], ...parts], table.cells);
}

/** How a row stands out. */
export interface RowStyle {
  readonly selected: boolean;
  readonly marked?: boolean;
  /** What it says is old. */
  readonly stale?: boolean;
}

/** A row across the screen; `lead`, as wide as the table's indent, stands before the first column. */
export function drawTableRow<T>(
  table: PlacedTable<TableColumn<T>>,
  item: T,
  lead: readonly Part[],
  style: RowStyle,
  look: Look,
): SafeText {
  const paint = rowPainter(look, style);
  const parts = lead.map(([text, usual]) => paint(look.text(text), usual));
  for (const [at, { column, cells }] of table.columns.entries()) {
    const [text, usual] = column.cell(item, cells, look);
    const own = style.marked === true && at === 0 ? 'accent' : usual;
    if (at > 0) parts.push(columnGap);
    parts.push(paint(look.fit(text, cells, column.align), own));
  }
  return finishRow(joined(parts, literal``), rowCells(table), table.cells, style, look);
}

type Painter = (text: SafeText, style: StyleName | undefined) => SafeText;

/** A selected row is one inverse bar, a stale one dim throughout: colours inside would interrupt both. */
export function rowPainter(look: Look, { selected, stale }: RowStyle): Painter {
  if (selected || stale === true) return (text) => text;
  return (text, style) => (style === undefined || style === 'plain' ? text : look.paint(style, text));
}

/** Fills a line of `taken` cells up to `cells` and draws it as selected or stale. */
export function finishRow(
  line: SafeText,
  taken: number,
  cells: number,
  { selected, stale }: RowStyle,
  look: Look,
): SafeText {
  const full = literal`${line}${spaces(cells - taken)}`;
  if (selected) return look.paint('selected', full);
  return stale === true ? look.paint('faint', full) : full;
}

/** Cells that a row takes. */
export function rowCells({ columns, indent }: PlacedTable<AnyColumn>): number {
  return columns.reduce((sum, { cells }) => sum + cells + columnGap.length, indent - columnGap.length);
}

/** The way the rows of a sort by this column run. */
export function isDescending({ descending = false }: ColumnOrder<never>, { reversed }: Sort): boolean {
  return descending !== reversed;
}

/** Sorts by the next sortable column; after the last comes the first. */
export function nextSort(columns: readonly AnyColumn[], sort: Sort): Sort {
  const ids = columns.filter(({ order }) => order !== undefined).map(({ id }) => id);
  return { column: ids[(ids.indexOf(sort.column) + 1) % ids.length] ?? sort.column, reversed: false };
}

/** The first row to show so that the selected one is in view, moved as little as possible. */
export function scrollTo(top: number, selected: number, height: number, count: number): number {
  const highest = Math.max(0, count - height);
  let next = Math.min(top, highest);
  if (selected >= 0) {
    if (selected < next) next = selected;
    if (selected >= next + height) next = selected - height + 1;
  }
  return Math.max(0, next);
}
