import { type CellLine, isBlank, overlay, parseLine } from './cells.js';

const csi = '\u001B[';
const plainAscii = /^[ -~]$/;
const emptyLine: CellLine = { characters: [], styles: [] };

/** What is known of the terminal's cursor and pen while an update is put together. */
interface Pen {
  row: number;
  /** -1: not known (after a character whose width terminals do not agree on, or at the right edge). */
  column: number;
  style: string;
}

/**
 * Remembers what the terminal shows and finds the shortest way from there to the next frame, cell by cell.
 * Ink's own incremental mode rewrites each changed line from its first change to its end, which for a table
 * of counters is several times as much: over a slow link that is what one waits for.
 */
export class ScreenDiff {
  #texts: readonly string[] | undefined;
  #lines: CellLine[] = [];

  /** The terminal's contents are unknown (start, resize, another program): the next frame is drawn whole. */
  forget(): void {
    this.#texts = undefined;
  }

  /**
   * The bytes that turn the last frame into this one; empty when nothing differs.
   *
   * @param texts painted lines; what follows an `over` mark lies above what precedes it
   * @param columns width of the terminal
   */
  update(texts: readonly string[], columns: number): string {
    const before = this.#texts;
    let out = '';
    const pen: Pen = { row: -1, column: -1, style: '' };
    const lines: CellLine[] = [];
    if (before === undefined) out = `${csi}m${csi}H${csi}J`;
    for (let row = 0; row < Math.max(texts.length, before?.length ?? 0); row += 1) {
      const old = before === undefined ? emptyLine : (this.#lines[row] ?? emptyLine);
      const text = texts[row] ?? '';
      if (before !== undefined && text === (before[row] ?? '')) {
        lines.push(old);
        continue;
      }
      const next = parseRow(text);
      lines.push(next);
      out += diffLine(old, next, row, columns, pen);
    }
    if (pen.style !== '') out += `${csi}m`;
    this.#texts = texts;
    this.#lines = lines;
    return out;
  }
}

/** Separates, in one row, a line from the one that lies above it. Never part of a painted line. */
export const over = '\u0000';

function parseRow(text: string): CellLine {
  const at = text.indexOf(over);
  return at === -1 ? parseLine(text) : overlay(parseLine(text.slice(0, at)), parseLine(text.slice(at + 1)));
}

/** Cells left of the one that a jump lands on are cheaper rewritten than jumped over up to this many bytes. */
const jumpCost = 4;

function diffLine(old: CellLine, next: CellLine, row: number, columns: number, pen: Pen): string {
  const end = Math.min(Math.max(old.characters.length, next.characters.length), columns);
  const tail = blankFrom(next, end);
  let out = '';
  let at = 0;
  while (at < end) {
    if (isSame(old, next, at)) {
      at += 1;
      continue;
    }
    // From here on the line is empty: one sequence clears it, unless only a few cells differ.
    if (at >= tail && end - at > 3) {
      out += `${moveTo(pen, row, at) + setStyle(pen, '')}${csi}K`;
      break;
    }
    // The second half of a wide character is written with its first.
    const from = characterAt(next, at) === '' ? at - 1 : at;
    out += moveTo(pen, row, from);
    at = from;
    while (at < end) {
      if (isSame(old, next, at)) {
        const gap = gapToNextChange(old, next, at, end, pen.style);
        if (gap === 0) break;
        for (let i = 0; i < gap; i += 1) out += put(pen, next, at + i, columns);
        at += gap;
        continue;
      }
      if (at >= tail && end - at > 3) break;
      out += put(pen, next, at, columns);
      at += 1;
    }
  }
  return out;
}

/** Writes one cell; the pen must stand on it. */
function put(pen: Pen, line: CellLine, at: number, columns: number): string {
  const character = characterAt(line, at);
  if (character === '') return '';
  const wanted = styleAt(line, at);
  // A space looks the same in most styles: it is no reason to change the pen.
  const style = character === ' ' && wanted === '' && isBlank(pen.style) ? '' : setStyle(pen, wanted);
  const wide = line.characters[at + 1] === '' && at + 1 < line.characters.length;
  // Terminals differ in the width of some characters (emoji above all), and at the right edge in where the
  // cursor is after the last: the next cell is reached by an absolute move.
  const certain = !wide && character.length === 1 && at + 1 < columns;
  if (certain) pen.column = at + 1;
  else pen.column = -1;
  // What a wide character takes is put right by the move behind it.
  const resume = !certain && at + (wide ? 2 : 1) < columns && at + (wide ? 2 : 1) < line.characters.length;
  const after = resume ? moveTo(pen, pen.row, at + (wide ? 2 : 1)) : '';
  return style + character + after;
}

/**
 * How many unchanged cells lie before the next change, when writing them again is shorter than a jump and
 * needs no other style; else 0.
 */
function gapToNextChange(old: CellLine, next: CellLine, from: number, end: number, style: string): number {
  let bytes = 0;
  for (let at = from; at < end; at += 1) {
    if (!isSame(old, next, at)) return characterAt(next, at) === '' ? 0 : at - from;
    const character = characterAt(next, at);
    const blank = character === ' ' && styleAt(next, at) === '' && isBlank(style);
    if (styleAt(next, at) !== style && !blank) return 0;
    bytes += plainAscii.test(character) ? 1 : 3;
    if (bytes > jumpCost) return 0;
  }
  return 0;
}

/** The index from which on a line is blank and plain. */
function blankFrom(line: CellLine, end: number): number {
  let at = end;
  while (at > 0 && characterAt(line, at - 1) === ' ' && styleAt(line, at - 1) === '') at -= 1;
  return at;
}

function isSame(old: CellLine, next: CellLine, at: number): boolean {
  return characterAt(old, at) === characterAt(next, at) && styleAt(old, at) === styleAt(next, at);
}

/** Past its end a line is blank. */
function characterAt(line: CellLine, at: number): string {
  return line.characters[at] ?? ' ';
}

function styleAt(line: CellLine, at: number): string {
  return line.styles[at] ?? '';
}

function moveTo(pen: Pen, row: number, column: number): string {
  if (pen.row === row && pen.column === column) return '';
  const forward = pen.row === row && pen.column !== -1 ? column - pen.column : 0;
  const sameRow = pen.row === row;
  pen.row = row;
  pen.column = column;
  if (forward > 0) return forward === 1 ? `${csi}C` : `${csi}${forward}C`;
  if (sameRow) return `${csi}${column + 1}G`;
  return column === 0 ? `${csi}${row + 1}H` : `${csi}${row + 1};${column + 1}H`;
}

function setStyle(pen: Pen, style: string): string {
  if (pen.style === style) return '';
  const before = pen.style;
  pen.style = style;
  if (style === '') return `${csi}m`;
  return before === '' ? `${csi}${style}m` : `${csi}0;${style}m`;
}
