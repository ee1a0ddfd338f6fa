import type { Connection, Domain } from '../../../inventory/types.js';
import type { Sort, UiState } from '../../kit/ui-state.js';
import { hostStatus, isStale } from '../../services/host-status.js';
import type { Look, Part } from '../../theme/look.js';
import type { StyleName } from '../../theme/styles.js';
import { stateStyle } from './cells.js';
import { columnGap, indent, type Layout } from './layout.js';
import type { Row } from './row-index.js';
import { canSortBy, isDescending } from './sorting.js';

/** What a row's look depends on besides the row. */
export interface RowContext {
  readonly look: Look;
  readonly layout: Layout;
  readonly now: number;
  /** Milliseconds between stats. */
  readonly interval: number;
  readonly folded: UiState['folded'];
  readonly marked: UiState['marked'];
  /** A filter is set: folds do not apply. */
  readonly filtered: boolean;
}

/** A drawn line; `spinner` is the cell (of two that are left blank) where something under way is shown to turn. */
export interface DrawnRow {
  readonly text: string;
  readonly spinner: number | undefined;
}

interface Drawn {
  readonly revision: number;
  readonly updatedAt: number;
  readonly layout: Layout;
  readonly stale: boolean;
  readonly marked: boolean;
  readonly look: Look;
  readonly text: string;
}

const drawn = new WeakMap<Domain, Drawn>();

/** The line of a row, exactly as wide as the screen. */
export function drawRow(row: Row, selected: boolean, context: RowContext): DrawnRow {
  if (row.kind === 'host') return drawHost(row.connection, selected, context);
  const { domain, connection } = row;
  const stale = connection.stale || isStale(domain.updatedAt, context);
  const marked = context.marked.has(row.key);
  if (selected) return { text: drawDomain(row, { stale, marked, selected }, context), spinner: undefined };
  const known = drawn.get(domain);
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
  drawn.set(domain, { revision, updatedAt, layout: context.layout, stale, marked, look: context.look, text });
  return { text, spinner: undefined };
}

interface DomainRowStyle {
  readonly stale: boolean;
  readonly marked: boolean;
  readonly selected: boolean;
}

function drawDomain(
  { domain, connection }: Extract<Row, { kind: 'domain' }>,
  { stale, marked, selected }: DomainRowStyle,
  context: RowContext,
): string {
  const { look, layout } = context;
  const symbol = look.glyphs.state[domain.state];
  const painter = linePainter(look, selected, stale);
  const mark = painter(marked ? look.glyphs.mark : ' ', 'accent');
  let line = `${mark} ${painter(symbol, stateStyle(domain.state))} `;
  for (const [i, { column, cells }] of layout.columns.entries()) {
    const [text, usual] = column.domain(domain, cells, look, connection);
    const style = marked && i === 0 ? 'accent' : usual;
    line += (i === 0 ? '' : columnGap) + painter(look.fit(text, cells, column.align), style);
  }
  return finish(line, lineCells(layout), selected, stale, context);
}

function drawHost(connection: Connection, selected: boolean, context: RowContext): DrawnRow {
  const { look, layout } = context;
  const stale = connection.stale || isStale(connection.load.updatedAt, context);
  const painter = linePainter(look, selected, stale);
  const status = hostStatus(connection, stale, context);
  const line = `${painter(hostMark(connection, context), status.style)} `;
  const name = look.text(connection.name);

  // Name and URI share the first columns, up to one that tells something of a host; a status that is not
  // "connected" takes the others.
  const [first, ...others] = layout.columns;
  const title = indent - 2 + (first?.cells ?? 0);
  const from = others.findIndex(({ column }) => column.host !== undefined);
  const spare = from === -1 ? others : others.slice(0, from);
  const rest = from === -1 ? [] : others.slice(from);
  const label: Part[] = [[name, 'title']];
  if (connection.name !== connection.uri) label.push([`  ${connection.uri}`, 'faint']);

  if (status.text !== '' || others.length === 0) {
    const cells = layout.size.columns - 2 - title - columnGap.length;
    const text = look.fit(status.busy ? `  ${status.text}` : status.text, cells);
    const body = line + paintParts(label, title, painter, look) + columnGap + painter(text, status.style);
    return {
      text: finish(body, layout.size.columns, selected, false, context),
      spinner: status.busy ? 2 + title + columnGap.length : undefined,
    };
  }
  const labelCells = spare.reduce((sum, { cells }) => sum + columnGap.length + cells, title);
  let body = line + paintParts(label, labelCells, painter, look);
  for (const { column, cells } of rest) {
    const [text, style] = column.host?.(connection, cells, look) ?? [''];
    body += columnGap + painter(look.fit(text, cells, column.align), style);
  }
  return { text: finish(body, lineCells(layout), selected, stale, context), spinner: undefined };
}

function hostMark(connection: Connection, { look, folded, filtered }: RowContext): string {
  const { glyphs } = look;
  if (connection.status.state === 'failed') return glyphs.failed;
  if (connection.domains.size === 0) return glyphs.closed;
  return folded.has(connection.id) && !filtered ? glyphs.folded : glyphs.unfolded;
}

/** The line of column titles, the sorted one with its direction. */
export function drawTitles(sort: Sort, look: Look, layout: Layout): string {
  let line = ' '.repeat(indent);
  for (const [i, { column, cells }] of layout.columns.entries()) {
    const mark = isDescending(sort) ? look.glyphs.descending : look.glyphs.ascending;
    const sorted = column.id === sort.column && canSortBy(column.id);
    // The mark stands where the column's values do not: in the gap, so that titles keep their place.
    const title = look.fit(
      sorted && column.align === 'left' ? `${column.title} ${mark}` : column.title,
      cells,
      column.align,
    );
    const before = i === 0 ? '' : sorted && column.align === 'right' ? `${mark} ` : columnGap;
    line += look.paint('faint', before) + look.paint(sorted ? 'heading' : 'faint', title);
  }
  return line + ' '.repeat(Math.max(0, layout.size.columns - lineCells(layout)));
}

type Painter = (text: string, style: StyleName | undefined) => string;

/** A selected row is one inverse bar and a stale one dim throughout: colours inside would end either. */
function linePainter(look: Look, selected: boolean, stale: boolean): Painter {
  if (selected || stale) return (text) => text;
  return (text, style) => (style === undefined || style === 'plain' ? text : look.paint(style, text));
}

function paintParts(parts: readonly Part[], cells: number, painter: Painter, look: Look): string {
  let left = cells;
  let out = '';
  for (const [text, style] of parts) {
    if (left <= 0) break;
    const cut = look.cut(text, left);
    left -= look.width(cut);
    out += painter(cut, style);
  }
  return out + ' '.repeat(Math.max(0, left));
}

/** Fills the line up to the width of the screen and draws it as selected or stale. */
function finish(
  line: string,
  cells: number,
  selected: boolean,
  stale: boolean,
  { look, layout }: RowContext,
): string {
  const full = line + ' '.repeat(Math.max(0, layout.size.columns - cells));
  if (selected) return look.paint('selected', full);
  return stale ? look.paint('faint', full) : full;
}

/** Cells that a full row takes. */
function lineCells(layout: Layout): number {
  return layout.columns.reduce((sum, { cells }) => sum + cells + columnGap.length, indent - columnGap.length);
}
