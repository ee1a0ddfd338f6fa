import type { Size } from '../../kit/size.js';
import { type PlacedTable, placeTable } from '../../kit/table.js';
import { type Column, chosenColumns, columns, usualColumns } from './columns.js';
import type { ListState } from './list-state.js';

/** Where everything of the Manager screen goes. Heights depend on the size alone, so nothing ever jumps. */
export interface Layout {
  readonly size: Size;
  readonly table: PlacedTable<Column>;
  readonly list: number;
  /** Lines of the details pane, 0 where it is hidden. */
  readonly details: number;
}

/** What a person chose of the table. */
export type TableChoice = Pick<ListState, 'columns' | 'grouping'>;

/** Cells left of a name, for the mark, and a host's fold mark or a domain's state symbol. */
export const indent = 4;

/** The newest lay-out is kept: rows that were drawn for it are recognised by its identity. */
export class Layouts {
  #last: (Layout & { readonly choice: TableChoice }) | undefined;

  at(size: Size, choice: TableChoice): Layout {
    const last = this.#last;
    if (
      last !== undefined &&
      last.size.columns === size.columns &&
      last.size.rows === size.rows &&
      last.choice.columns === choice.columns &&
      last.choice.grouping === choice.grouping
    )
      return last;
    this.#last = { ...layoutFor(size, choice), choice };
    return this.#last;
  }
}

function layoutFor(size: Size, choice: TableChoice): Layout {
  const details = detailsHeight(size.rows);
  // Header, column titles, notice, footer; and a rule above and below the details pane.
  const list = Math.max(1, size.rows - 4 - (details === 0 ? 0 : details + 2));
  const wanted = wantedColumns(size.columns, choice);
  return { size, table: placeTable(wanted, size.columns, indent), list, details };
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
