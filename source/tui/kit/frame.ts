import type { InventoryState, Notice } from '../../inventory/types.js';
import type { SafeText } from '../../text/safe.js';
import { spaces, wrap } from '../../text/width.js';
import type { Look, Part } from '../theme/look.js';
import type { StyleName } from '../theme/styles.js';
import type { Size } from './size.js';
import type { UiState } from './ui-state.js';

/** A key and what it does now, for the last line of a screen. */
export interface KeyHint {
  readonly key: string;
  readonly label: string;
  /** Shown however short the line is. */
  readonly always?: boolean;
}

/** Keys with what they do, in their order; where the line is too short the later ones are left out. */
export function drawKeys(hints: readonly KeyHint[], cells: number, look: Look): SafeText {
  const cost = ({ key, label }: KeyHint): number => look.width(key) + look.width(label) + 3;
  let left = cells + 2 - hints.filter(({ always }) => always).reduce((sum, hint) => sum + cost(hint), 0);
  const shown = hints.filter((hint) => {
    if (hint.always) return true;
    left -= cost(hint);
    return left >= 0;
  });
  const parts = shown.flatMap(({ key, label }, i): Part[] => [
    [i === 0 ? '' : '  '],
    [key, 'key'],
    [` ${label}`],
  ]);
  return look.line(parts, cells);
}

/** What the frame of every screen is drawn with. */
export interface FrameHost {
  readonly inventory: { readonly store: { getState(): InventoryState } };
  readonly ui: { getState(): UiState };
  readonly look: Look;
}

/** What a screen consists of; each line is as wide as the screen. */
export interface Frame {
  /** At most `size.rows` lines. */
  readonly body: (size: Size) => readonly SafeText[];
  /** Called after `body`, because the title may describe what was just drawn. */
  readonly title: () => SafeText;
  /** The line under the title, of a screen with tabs or pages. */
  readonly tabs?: (() => SafeText) | undefined;
  /** Stands where the newest notice does. */
  readonly instead?: (() => SafeText | undefined) | undefined;
  readonly keys: readonly KeyHint[];
}

/** On a lower screen the rule gives way to what is shown. */
const roomyRows = 14;

/** A whole screen: its title, tabs, a rule, what it shows, a line for the newest notice, and its keys. */
export function drawFrame(
  { inventory, ui, look }: FrameHost,
  { columns, rows }: Size,
  { title, tabs, body, instead, keys }: Frame,
): readonly SafeText[] {
  const rule = rows < roomyRows ? [] : [look.rule(columns)];
  const around = 3 + (tabs === undefined ? 0 : 1) + rule.length;
  const height = Math.max(1, rows - around);
  const lines = body({ columns, rows: height }).slice(0, height);
  const blank = spaces(columns);
  return [
    title(),
    ...(tabs === undefined ? [] : [tabs()]),
    ...rule,
    ...lines,
    ...Array.from({ length: height - lines.length }, () => blank),
    instead?.() ?? drawNotice(inventory.store.getState(), ui.getState(), columns, 1, look)[0] ?? blank,
    drawKeys(keys, columns, look),
  ];
}

const noticeStyles: Readonly<Record<Notice['level'], StyleName>> = {
  info: 'plain',
  success: 'good',
  warning: 'warning',
  error: 'bad',
};

/** The newest thing to tell, in as many lines as it needs, at most `most`. */
export function drawNotice(
  state: InventoryState,
  ui: Pick<UiState, 'message'>,
  cells: number,
  most: number,
  look: Look,
): SafeText[] {
  const notice = newest(state.notices.at(-1), ui);
  if (notice === undefined) return [spaces(cells)];
  // In words as well as in colour.
  const text = notice.level === 'error' ? `Error: ${notice.text}` : notice.text;
  const lines = wrap(look.text(text), cells, most + 1).map(
    (line) => [line, noticeStyles[notice.level]] as const,
  );
  const hints = notice.hint === undefined ? [] : wrap(look.text(notice.hint), cells, most + 1);
  const all = [...lines, ...hints.map((line) => [line, 'plain'] as const)];
  // Short ones share a line.
  const [first] = lines;
  if (lines.length === 1 && first !== undefined && notice.hint !== undefined) {
    if (look.width(`${first[0]} ${notice.hint}`) <= cells)
      return [look.line([first, [` ${notice.hint}`]], cells)];
  }
  const shown = all.slice(0, most);
  const cut = all.length > most;
  return shown.map(([line, style], i) => {
    const last = cut && i === most - 1;
    return look.line([[last ? `${line} ${look.glyphs.ellipsis}` : line, style]], cells);
  });
}

function newest(
  notice: Notice | undefined,
  { message }: Pick<UiState, 'message'>,
): Pick<Notice, 'level' | 'text' | 'hint'> | undefined {
  if (message === undefined) return notice;
  return notice !== undefined && notice.id > message.afterNotice ? notice : message;
}
