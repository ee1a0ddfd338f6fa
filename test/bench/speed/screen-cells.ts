import type { IBufferCell, Terminal } from '@xterm/headless';

/** What one cell shows. */
export interface Cell {
  /** "" in the second half of a wide character. */
  readonly text: string;
  /** SGR parameters by attribute, e.g. bold "1" and foreground "32". */
  readonly style: ReadonlyMap<string, string>;
  /** Two cells look the same when their looks are equal. */
  readonly look: string;
}

export type Screen = readonly (readonly Cell[])[];

/** Everything an emulated terminal shows. */
export function cellsOf(terminal: Terminal): Screen {
  const buffer = terminal.buffer.active;
  return Array.from({ length: terminal.rows }, (_, y) => {
    const line = buffer.getLine(buffer.viewportY + y);
    return Array.from({ length: terminal.cols }, (_, x) => readCell(line?.getCell(x)));
  });
}

/** The text of a row. */
export function textOf(row: readonly Cell[]): string {
  return row.map(({ text }) => text).join('');
}

/** The row drawn inverse throughout its first cells: the selected one; -1 when there is none. */
export function selectedRow(screen: Screen): number {
  return screen.findIndex((row) => row.slice(0, 10).every(({ style }) => style.has('inverse')));
}

function readCell(cell: IBufferCell | undefined): Cell {
  const style = new Map<string, string>();
  if (cell === undefined) return { text: ' ', style, look: ' ' };
  const text = cell.getWidth() === 0 ? '' : cell.getChars() || ' ';
  const set = (name: string, on: boolean | number, parameter: string): void => {
    if (on) style.set(name, parameter);
  };
  // Weight and colour of a space cannot be seen.
  if (text !== ' ' || cell.isInverse()) {
    set('bold', cell.isBold(), '1');
    set('dim', cell.isDim(), '2');
    set('italic', cell.isItalic(), '3');
    set('foreground', !cell.isFgDefault(), color(cell.getFgColor(), cell.isFgRGB(), 30));
  }
  set('underline', cell.isUnderline(), '4');
  set('inverse', cell.isInverse(), '7');
  set('background', !cell.isBgDefault(), color(cell.getBgColor(), cell.isBgRGB(), 40));
  return { text, style, look: `${[...style.values()].join(';')} ${text}` };
}

function color(value: number, rgb: boolean, base: number): string {
  if (rgb) return `${base + 8};2;${value >> 16};${(value >> 8) & 255};${value & 255}`;
  if (value < 8) return String(base + value);
  return value < 16 ? String(base + 60 + value - 8) : `${base + 8};5;${value}`;
}
