import type { Look, Part } from '../theme/look.js';

/** A column of a list of objects: networks, pools, volumes, leases. */
export interface TableColumn<T> {
  readonly title: string;
  /** Cells at least, and at most where there is room to spare. */
  readonly min: number;
  readonly max: number;
  /** Lower numbers get their room first on a narrow screen. */
  readonly rank: number;
  readonly align?: 'left' | 'right';
  readonly cell: (item: T, cells: number, look: Look) => Part;
}

export interface PlacedTableColumn<T> {
  readonly column: TableColumn<T>;
  readonly cells: number;
}

const gap = '  ';

/** Columns that fit into `room` cells, by their rank; what is left goes to those that can use it, from the left. */
export function placeTable<T>(
  columns: readonly TableColumn<T>[],
  room: number,
): readonly PlacedTableColumn<T>[] {
  const taken = new Map<TableColumn<T>, number>();
  let left = room;
  for (const column of columns.toSorted((a, b) => a.rank - b.rank)) {
    const cost = column.min + (taken.size === 0 ? 0 : gap.length);
    if (cost > left) continue;
    taken.set(column, column.min);
    left -= cost;
  }
  for (const column of columns) {
    const cells = taken.get(column);
    if (cells === undefined) continue;
    const more = Math.min(left, column.max - cells);
    taken.set(column, cells + more);
    left -= more;
  }
  return columns.flatMap((column) => {
    const cells = taken.get(column);
    return cells === undefined ? [] : [{ column, cells }];
  });
}

/** The titles, behind `indent` cells. */
export function drawTableTitles<T>(
  placed: readonly PlacedTableColumn<T>[],
  indent: number,
  cells: number,
  look: Look,
): string {
  const titles = placed.map(({ column, cells: own }) => look.fit(column.title, own, column.align)).join(gap);
  return look.line([[' '.repeat(indent)], [titles, 'faint']], cells);
}

/** A row of exactly `cells` cells; `lead` stands before the first column. */
export function drawTableRow<T>(
  item: T,
  lead: readonly Part[],
  selected: boolean,
  placed: readonly PlacedTableColumn<T>[],
  cells: number,
  look: Look,
): string {
  const body = placed.flatMap(({ column, cells: own }, i): Part[] => {
    const [text, style] = column.cell(item, own, look);
    return [[i === 0 ? '' : gap], [look.fit(text, own, column.align), style ?? 'plain']];
  });
  // A selected row is inverse as a whole: colours on it could not be read.
  const parts = [...lead, ...body].map(
    ([text, style]): Part => (selected ? [text] : [text, style ?? 'plain']),
  );
  const line = look.line(parts, cells);
  return selected ? look.paint('selected', line) : line;
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
