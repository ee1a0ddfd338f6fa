import { type Column, columns } from './columns.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A column and its place: `start` is the cell it begins at. */
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

/** Cells left of a name: fold mark of the host, state symbol of the domain. */
export const indent = 4;
const gap = 2;

/** Below this the program shows one line that says so. */
export const smallest: Size = { columns: 40, rows: 10 };

/** Lay-outs are kept per size: rows that were drawn for one are recognised by its identity. */
let last: Layout | undefined;

export function layoutFor(size: Size): Layout {
  if (last !== undefined && last.size.columns === size.columns && last.size.rows === size.rows) return last;
  const details = detailsHeight(size.rows);
  // Header, column titles, notice, footer; and a rule above and below the details pane.
  const list = Math.max(1, size.rows - 4 - (details === 0 ? 0 : details + 2));
  last = { size, columns: placeColumns(size.columns), list, details };
  return last;
}

function detailsHeight(rows: number): number {
  if (rows < 20) return 0;
  // One line of facts, one of the chart's title, and a curve whose quarters fall on whole lines.
  if (rows < 30) return 7;
  if (rows < 50) return 11;
  return 15;
}

/** Takes columns by rank while they fit, then hands out what is left: first to the name, then to the chart. */
export function placeColumns(screen: number): PlacedColumn[] {
  const taken = new Map<Column, number>();
  let left = screen - indent;
  for (const column of [...columns].sort((a, b) => a.rank - b.rank)) {
    const cost = column.min + (taken.size === 0 ? 0 : gap);
    if (cost > left || screen < (column.from ?? 0)) continue;
    taken.set(column, column.min);
    left -= cost;
  }
  left = widen(taken, 'name', 20, left);
  left = widen(taken, 'spark', 16, left);
  left = widen(taken, 'name', 28, left);
  left = widen(taken, 'ip', Number.POSITIVE_INFINITY, left);
  left = widen(taken, 'spark', 24, left);
  left = widen(taken, 'name', 36, left);
  left = widen(taken, 'state', Number.POSITIVE_INFINITY, left);
  left = widen(taken, 'spark', 40, left);
  left = widen(taken, 'name', Number.POSITIVE_INFINITY, left);
  widen(taken, 'spark', Number.POSITIVE_INFINITY, left);
  return columns.flatMap((column) => {
    const cells = taken.get(column);
    return cells === undefined ? [] : [{ column, cells }];
  });
}

/** Widens a column up to `limit` and its own maximum; returns what is left. */
function widen(taken: Map<Column, number>, id: string, limit: number, left: number): number {
  const column = [...taken.keys()].find((candidate) => candidate.id === id);
  if (column === undefined) return left;
  const cells = taken.get(column) ?? 0;
  const more = Math.max(0, Math.min(left, Math.min(limit, column.max) - cells));
  taken.set(column, cells + more);
  return left - more;
}

export const columnGap = ' '.repeat(gap);
