import type { Size } from '../../kit/size.js';
import type { UiState } from '../../kit/ui-state.js';
import { type Column, type ColumnId, chosenColumns, columns, usualColumns } from './columns.js';

/** A column and the cells it has. */
export interface PlacedColumn {
  readonly column: Column;
  readonly cells: number;
}

/** Where everything of the Manager screen goes. Heights depend on the size alone, so nothing ever jumps. */
export interface Layout {
  readonly size: Size;
  readonly columns: readonly PlacedColumn[];
  readonly list: number;
  /** Lines of the details pane, 0 where it is hidden. */
  readonly details: number;
}

/** What a person chose of the table. */
export type TableChoice = Pick<UiState, 'columns' | 'grouping'>;

/** Cells left of a name: mark, fold mark of the host or state symbol of the domain. */
export const indent = 4;
const gap = 2;

/** The newest lay-out is kept: rows that were drawn for it are recognised by its identity. */
let last: (Layout & { readonly choice: TableChoice }) | undefined;

export function layoutFor(size: Size, choice: TableChoice): Layout {
  if (
    last !== undefined &&
    last.size.columns === size.columns &&
    last.size.rows === size.rows &&
    last.choice.columns === choice.columns &&
    last.choice.grouping === choice.grouping
  )
    return last;
  const details = detailsHeight(size.rows);
  // Header, column titles, notice, footer; and a rule above and below the details pane.
  const list = Math.max(1, size.rows - 4 - (details === 0 ? 0 : details + 2));
  const wanted = wantedColumns(size.columns, choice);
  last = { size, columns: placeColumns(wanted, size.columns), list, details, choice };
  return last;
}

function detailsHeight(rows: number): number {
  if (rows < 20) return 0;
  // One line of facts, one of the chart's title, and a curve whose quarters fall on whole lines.
  if (rows < 30) return 7;
  if (rows < 50) return 11;
  return 15;
}

function wantedColumns(screen: number, { columns: chosen, grouping }: TableChoice): readonly Column[] {
  const wanted = chosen === undefined ? usualColumns(screen) : chosenColumns(chosen);
  const host = columns.get('host');
  // Domains of all hosts under each other: each says whose it is.
  if (grouping === 'host' || host === undefined || wanted.includes(host)) return wanted;
  return wanted.toSpliced(1, 0, host);
}

/** Who gets what is left of the screen, in this order, up to so many cells. */
const widenings: readonly (readonly [ColumnId, number])[] = [
  ['name', 20],
  ['cpu-graph', 16],
  ['name', 28],
  ['ip', 21],
  ['cpu-graph', 24],
  ['name', 36],
  ['host', 40],
  ['state', 40],
  ['id', 40],
  ['memory-graph', 24],
  ['disk-graph', 24],
  ['net-graph', 24],
  ['host-cpu-graph', 24],
  ['cpu-graph', 40],
  ['ip', 45],
  ['name', 80],
  ['cpu-graph', 80],
  ['memory-graph', 80],
  ['disk-graph', 80],
  ['net-graph', 80],
  ['host-cpu-graph', 80],
];

/** Takes columns by rank while they fit, then hands out what is left. */
export function placeColumns(wanted: readonly Column[], screen: number): PlacedColumn[] {
  const taken = new Map<ColumnId, number>();
  let left = screen - indent;
  for (const column of wanted.toSorted((a, b) => a.rank - b.rank)) {
    // A row without its name says nothing: in the narrowest window it has all that there is.
    const min = column.id === 'name' ? Math.min(column.min, left) : column.min;
    const cost = min + (taken.size === 0 ? 0 : gap);
    if (cost > left) continue;
    taken.set(column.id, min);
    left -= cost;
  }
  for (const [id, limit] of widenings) {
    const cells = taken.get(id);
    if (cells === undefined) continue;
    const more = Math.max(0, Math.min(left, Math.min(limit, columns.get(id)?.max ?? 0) - cells));
    taken.set(id, cells + more);
    left -= more;
  }
  return wanted.flatMap((column) => {
    const cells = taken.get(column.id);
    return cells === undefined ? [] : [{ column, cells }];
  });
}

export const columnGap = ' '.repeat(gap);
