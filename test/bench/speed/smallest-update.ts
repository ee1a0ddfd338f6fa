import type { Cell, Screen } from './screen-cells.js';

const csi = 2;
const offs: Readonly<Record<string, string>> = {
  bold: '22',
  dim: '22',
  italic: '23',
  underline: '24',
  inverse: '27',
  foreground: '39',
  background: '49',
};
const plain: Cell['style'] = new Map();

interface Place {
  readonly row: number;
  readonly column: number;
}

/**
 * The fewest bytes that turn one screen into another cell by cell: each cell that looks different is written
 * once, in reading order, the cursor goes from one to the next by the shortest of all ways there are, and the
 * pen changes by the shortest SGR sequence. Made from the two screens alone; it shares no code with the
 * program.
 */
export function smallestUpdate(before: Screen, after: Screen): number {
  let bytes = 0;
  let cursor: Place | undefined;
  let pen = plain;
  for (const [row, cells] of after.entries()) {
    for (const [column, cell] of cells.entries()) {
      if (cell.text === '' || !differs(before, after, row, column)) continue;
      bytes += move(after, cursor, { row, column }, pen) + sgr(pen, cell.style);
      bytes += Buffer.byteLength(cell.text);
      pen = cell.style;
      const wide = cells[column + 1]?.text === '' ? 2 : 1;
      // At the right edge the cursor waits in a state of its own, from which only absolute moves are safe.
      cursor = column + wide < cells.length ? { row, column: column + wide } : undefined;
    }
  }
  return bytes;
}

/** How many cells look different. */
export function changedCells(before: Screen, after: Screen): Place[] {
  return after.flatMap((cells, row) =>
    cells.flatMap((_, column) => (differs(before, after, row, column) ? [{ row, column }] : [])),
  );
}

function differs(before: Screen, after: Screen, row: number, column: number): boolean {
  const old = before[row]?.[column]?.look;
  return old !== after[row]?.[column]?.look;
}

function move(screen: Screen, from: Place | undefined, to: Place, pen: Cell['style']): number {
  if (from?.row === to.row && from.column === to.column) return 0;
  const column = to.column === 0 ? 0 : digits(to.column + 1);
  const absolute = csi + digits(to.row + 1) + (column === 0 ? 0 : 1 + column) + 1;
  if (from === undefined) return absolute;
  // Down a line by line feeds, along it by a carriage return, forward moves or the column's number.
  const down = to.row - from.row;
  const vertical = Math.min(down, csi + digits(down) + 1);
  const start = 1 + (to.column === 0 ? 0 : csi + number(to.column) + 1);
  const along =
    to.column === from.column ? 0 : Math.min(start, csi + column + 1, forward(screen, from, to, pen));
  return Math.min(absolute, vertical + along);
}

/** From a cell to a later one of the same column numbers: a jump, or writing what is there already. */
function forward(screen: Screen, from: Place, to: Place, pen: Cell['style']): number {
  const gap = to.column - from.column;
  if (gap <= 0) return Number.POSITIVE_INFINITY;
  const jump = csi + number(gap) + 1;
  if (from.row !== to.row) return jump;
  const between = screen[to.row]?.slice(from.column, to.column) ?? [];
  const same = between.every(({ style }) => sgr(pen, style) === 0);
  return same ? Math.min(jump, Buffer.byteLength(between.map(({ text }) => text).join(''))) : jump;
}

/** Bytes of the shortest sequence from one style to another. */
function sgr(from: Cell['style'], to: Cell['style']): number {
  const changes: string[] = [];
  const ended = new Set<string>();
  for (const name of from.keys()) if (!to.has(name)) ended.add(offs[name] ?? '0');
  changes.push(...ended);
  for (const [name, value] of to) {
    // Bold and dim end together.
    if (from.get(name) !== value || ended.has(offs[name] ?? '')) changes.push(value);
  }
  if (changes.length === 0) return 0;
  const reset = to.size === 0 ? '' : ['0', ...to.values()].join(';');
  return csi + Math.min(changes.join(';').length, reset.length) + 1;
}

function digits(value: number): number {
  return String(value).length;
}

/** Of a parameter that is 1 unless told. */
function number(value: number): number {
  return value === 1 ? 0 : digits(value);
}
