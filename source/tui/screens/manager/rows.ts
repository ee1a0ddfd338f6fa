import type { Connection, Domain } from '../../../inventory/types.js';
import { literal, type SafeText } from '../../../text/safe.js';
import { spaces } from '../../../text/width.js';
import { columnGap, drawTableRow, finishRow, type RowStyle, rowCells, rowPainter } from '../../kit/table.js';
import { hostStatus, isStale, slowText } from '../../services/host-status.js';
import type { Look, Part } from '../../theme/look.js';
import { stateStyle } from './cells.js';
import { indent, type Layout } from './layout.js';
import type { ListState } from './list-state.js';
import type { Row } from './row-index.js';

/** What a row's look depends on besides the row. */
export interface RowContext {
  readonly look: Look;
  readonly layout: Layout;
  readonly drawn: DrawnRows;
  readonly now: number;
  /** Milliseconds between stats. */
  readonly interval: number;
  readonly folded: ListState['folded'];
  readonly marked: ListState['marked'];
  /** A filter is set: folds do not apply. */
  readonly filtered: boolean;
}

/** A drawn line; `spinner` is the cell (of two that are left blank) where something under way is shown to turn. */
export interface DrawnRow {
  readonly text: SafeText;
  readonly spinner: number | undefined;
}

interface Drawn {
  readonly revision: number;
  readonly updatedAt: number;
  readonly layout: Layout;
  readonly stale: boolean;
  readonly marked: boolean;
  readonly look: Look;
  readonly text: SafeText;
}

/** The lines of domains that have not changed since they were drawn. */
export type DrawnRows = WeakMap<Domain, Drawn>;

/** The line of a row, exactly as wide as the screen. */
export function drawRow(row: Row, selected: boolean, context: RowContext): DrawnRow {
  if (row.kind === 'host') return drawHost(row.connection, selected, context);
  const { domain, connection } = row;
  const stale = connection.stale || isStale(domain.updatedAt, context);
  const marked = context.marked.has(row.key);
  if (selected) return { text: drawDomain(row, { stale, marked, selected }, context), spinner: undefined };
  const known = context.drawn.get(domain);
  if (
    known !== undefined &&
    known.revision === domain.revision &&
    // The sparkline moves on at every tick, whether or not a value changed.
    known.updatedAt === domain.updatedAt &&
    known.layout === context.layout &&
    known.stale === stale &&
    known.marked === marked &&
    known.look === context.look
  ) {
    return { text: known.text, spinner: undefined };
  }
  const text = drawDomain(row, { stale, marked, selected }, context);
  const { revision, updatedAt } = domain;
  context.drawn.set(domain, {
    revision,
    updatedAt,
    layout: context.layout,
    stale,
    marked,
    look: context.look,
    text,
  });
  return { text, spinner: undefined };
}

function drawDomain(
  row: Extract<Row, { kind: 'domain' }>,
  style: RowStyle,
  { look, layout }: RowContext,
): SafeText {
  const { state } = row.domain;
  const lead: Part[] = [
    [style.marked === true ? look.glyphs.mark : ' ', 'accent'],
    [' '],
    [look.glyphs.state[state], stateStyle(state)],
    [' '],
  ];
  return drawTableRow(layout.table, row, lead, style, look);
}

function drawHost(connection: Connection, selected: boolean, context: RowContext): DrawnRow {
  const { look, layout } = context;
  const { table, size } = layout;
  const stale = connection.stale || isStale(connection.load.updatedAt, context);
  const painter = rowPainter(look, { selected, stale });
  const status = hostStatus(connection, stale, context);
  const line = literal`${painter(hostMark(connection, context), status.style)} `;
  const name = look.text(connection.name);

  // Name and URI share the first columns, up to one that tells something of a host; a status that is not
  // "connected" takes the others.
  const [first, ...others] = table.columns;
  const title = indent - 2 + (first?.cells ?? 0);
  const from = others.findIndex(({ column }) => column.host !== undefined);
  const spare = from === -1 ? others : others.slice(0, from);
  const rest = from === -1 ? [] : others.slice(from);
  const label: Part[] = [[name, 'title']];
  const slow = slowText(connection);
  if (slow !== undefined) label.push([`  ${slow}`, 'warning']);
  if (connection.name !== connection.uri) label.push([`  ${connection.uri}`, 'faint']);

  if (status.text !== '' || others.length === 0) {
    const cells = size.columns - 2 - title - columnGap.length;
    const text = look.fit(status.busy ? `  ${status.text}` : status.text, cells);
    const body = literal`${line}${paintParts(label, title, painter, look)}${columnGap}${painter(text, status.style)}`;
    return {
      text: finishRow(body, size.columns, size.columns, { selected }, look),
      spinner: status.busy ? 2 + title + columnGap.length : undefined,
    };
  }
  const labelCells = spare.reduce((sum, { cells }) => sum + columnGap.length + cells, title);
  let body = literal`${line}${paintParts(label, labelCells, painter, look)}`;
  for (const { column, cells } of rest) {
    const [text, style] = column.host?.(connection, cells, look) ?? [''];
    body = literal`${body}${columnGap}${painter(look.fit(text, cells, column.align), style)}`;
  }
  return {
    text: finishRow(body, rowCells(table), size.columns, { selected, stale }, look),
    spinner: undefined,
  };
}

function hostMark(connection: Connection, { look, folded, filtered }: RowContext): SafeText {
  const { glyphs } = look;
  if (connection.status.state === 'failed') return glyphs.failed;
  if (connection.domains.size === 0) return glyphs.closed;
  return folded.has(connection.id) && !filtered ? glyphs.folded : glyphs.unfolded;
}

function paintParts(
  parts: readonly Part[],
  cells: number,
  painter: ReturnType<typeof rowPainter>,
  look: Look,
): SafeText {
  let left = cells;
  let out = literal``;
  for (const [text, style] of parts) {
    if (left <= 0) break;
    const cut = look.cut(text, left);
    left -= look.width(cut);
    out = literal`${out}${painter(cut, style)}`;
  }
  return literal`${out}${spaces(left)}`;
}
