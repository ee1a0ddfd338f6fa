import type { Domain, InventoryState } from '../../../inventory/types.js';
import { isActive } from '../../../libvirt/domain-state.js';
import type { StatsGroup } from '../../../libvirt/hypervisor.js';
import type { SafeText } from '../../../text/safe.js';
import { spaces, wrap } from '../../../text/width.js';
import { filterHints } from '../../kit/filter.js';
import { drawKeys, drawNotice, type KeyHint } from '../../kit/frame.js';
import { type Size, smallest } from '../../kit/size.js';
import { drawTableTitles, scrollTo } from '../../kit/table.js';
import type { Message } from '../../kit/ui-state.js';
import type { DomainSelection } from '../../services/domain-action.js';
import type { Look } from '../../theme/look.js';
import { drawField, drawHeader } from './chrome.js';
import { drawDetails } from './details.js';
import type { Layout, Layouts } from './layout.js';
import type { ListState } from './list-state.js';
import { markedDomains } from './marks.js';
import type { Row, RowIndex } from './row-index.js';
import { type DrawnRows, drawRow, type RowContext } from './rows.js';

/** Everything the Manager screen is drawn from. */
export interface ManagerInput {
  readonly state: InventoryState;
  readonly list: ListState;
  /** What was said last. */
  readonly message: Message | undefined;
  /** Up to date with `state` and `list`. */
  readonly index: RowIndex;
  /** What is kept from one frame to the next. */
  readonly layouts: Layouts;
  readonly drawn: DrawnRows;
  /** Index of the first row shown the last time. */
  readonly top: number;
  readonly size: Size;
  readonly now: number;
  readonly clock: string;
  readonly look: Look;
  /** What to do when there is no connection at all, in sentences. */
  readonly empty: readonly string[];
  /** The keys for the last line, by what they act on. */
  readonly keys: (row: Row | undefined, marked: readonly DomainSelection[]) => readonly KeyHint[];
}

/** A cell that a spinner turns in. */
export interface SpinnerPlace {
  readonly row: number;
  readonly column: number;
  readonly selected: boolean;
}

/** The finished screen: as many lines as it has rows, each as wide as it has columns. */
export interface ManagerView {
  readonly lines: readonly SafeText[];
  /** Where something is under way. */
  readonly spinners: readonly SpinnerPlace[];
  /** Index of the first row shown, to hand in the next time. */
  readonly top: number;
  /** Rows that a page key moves by. */
  readonly page: number;
  /** Domains whose details on the screen cost calls of their own. */
  readonly watched: readonly Domain[];
  /** Statistics of the columns that are shown by choice. */
  readonly groups: readonly StatsGroup[];
}

/** Draws the Manager screen. Pure: the same input gives the same lines. */
export function drawManager(input: ManagerInput): ManagerView {
  const { size, look, state, list, index } = input;
  if (size.columns < smallest.columns || size.rows < smallest.rows) return drawTooSmall(input);
  const layout = input.layouts.at(size, list);
  const selected = index.indexOf(list.selected);
  const row = index.at(selected);
  const marked = markedDomains(list.marked, state.connections);

  const notice = bottomLine(input, layout);
  const extra = notice.length - 1;
  // A long message covers the end of the details pane, or of the list where there is no pane.
  const details = Math.max(0, layout.details - extra);
  const height = layout.details === 0 ? layout.list - extra : layout.list;

  const top = scrollTo(input.top, selected, height, index.length);
  const rows = drawList(input, layout, top, height, selected);
  const lines = [
    drawHeader(index.counts, state, list.filter, marked.length, input.clock, size.columns, look),
    drawTableTitles(layout.table, look, list.sort),
    ...rows.lines,
  ];
  if (layout.details > 0) {
    lines.push(look.rule(size.columns));
    const context = {
      look,
      cells: size.columns,
      lines: layout.details,
      now: input.now,
      interval: state.interval,
    };
    lines.push(...drawDetails(row, context).slice(0, details));
    lines.push(look.rule(size.columns));
  }
  lines.push(...notice);
  lines.push(
    list.field === undefined
      ? drawKeys(input.keys(row, marked), size.columns, look)
      : drawKeys(filterHints(look), size.columns, look),
  );
  const { watched } = rows;
  if (row?.kind === 'domain' && !watched.includes(row.domain)) watched.push(row.domain);
  const groups = [...new Set(layout.table.columns.flatMap(({ column }) => column.group ?? []))];
  return { lines, spinners: rows.spinners, top, page: Math.max(1, height - 1), watched, groups };
}

function drawList(
  { state, list, index, drawn, now, look, size, empty }: ManagerInput,
  layout: Layout,
  top: number,
  height: number,
  selected: number,
): Pick<ManagerView, 'lines' | 'spinners'> & { watched: Domain[] } {
  const context: RowContext = {
    look,
    layout,
    drawn,
    now,
    interval: state.interval,
    folded: list.folded,
    marked: list.marked,
    filtered: list.filter.trim() !== '',
  };
  const lines: SafeText[] = [];
  const spinners: SpinnerPlace[] = [];
  const watched: Domain[] = [];
  const addresses = layout.table.columns.some(({ column }) => column.watched === true);
  for (let i = top; i < Math.min(top + height, index.length); i += 1) {
    const row = index.at(i);
    if (row === undefined) continue;
    if (addresses && row.kind === 'domain' && isActive(row.domain)) watched.push(row.domain);
    const { text, spinner } = drawRow(row, i === selected, context);
    // Below the header and the column titles.
    if (spinner !== undefined)
      spinners.push({ row: lines.length + 2, column: spinner, selected: i === selected });
    lines.push(text);
  }
  if (index.length === 0) {
    const sentences =
      state.connections.length === 0 ? empty : [`Nothing matches "${list.filter}". Esc clears the filter.`];
    for (const sentence of sentences) {
      for (const line of wrap(look.text(sentence), size.columns - 4))
        lines.push(look.fit(`  ${line}`, size.columns));
    }
  }
  while (lines.length < height) lines.push(spaces(size.columns));
  return { lines: lines.slice(0, height), spinners, watched };
}

/** The line above the footer: the filter while it is typed, else the newest notice. */
function bottomLine({ state, list, message, index, size, look }: ManagerInput, layout: Layout): SafeText[] {
  if (list.field !== undefined) return [drawField(list, index.counts, size.columns, look)];
  const most = layout.details > 0 ? 4 : Math.min(3, layout.list);
  return drawNotice(state, { message }, size.columns, most, look);
}

function drawTooSmall({ size, look }: ManagerInput): ManagerView {
  const text = `Too small: ${size.columns}x${size.rows}. At least ${smallest.columns}x${smallest.rows} is needed.`;
  const words = wrap(text, size.columns);
  const lines = Array.from({ length: size.rows }, (_, i) => look.fit(words[i] ?? '', size.columns));
  return { lines, spinners: [], top: 0, page: 1, watched: [], groups: [] };
}
