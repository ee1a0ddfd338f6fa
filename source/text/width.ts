import stringWidth from 'string-width';
import { literal, type SafeText } from './safe.js';

/**
 * Text whose characters all take one cell each, in every terminal: ASCII and the symbols that the screens
 * draw (arrows, box drawing, blocks, circles, braille).
 */
const narrow =
  /^[ -~\u00A0\u00B7\u2013\u2026\u2190-\u2193\u2500-\u259F\u25B0-\u25CC\u25CF-\u25D3\u2717\u2800-\u28FF]*$/;
let segmenter: Intl.Segmenter | undefined;

/** Terminal cells that a text without control characters takes. */
export function width(text: string): number {
  // Nearly all of a table is of this kind; string-width would look each character up in its tables.
  return isNarrow(text) ? text.length : stringWidth(text);
}

/** True when the text's length in code units is its width in cells, whatever the terminal. */
export function isNarrow(text: string): boolean {
  return narrow.test(text);
}

/** The user-perceived characters of a text, none ever cut in two. */
export function graphemes(text: string): string[] {
  return [...segments(text)];
}

/** The same one after the other, found as they are asked for: whoever stops early has not paid for the rest. */
function* segments(text: string): Generator<string> {
  if (narrow.test(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** The text cut to at most `cells` cells; what was cut off is marked by `ellipsis`. */
export function truncate(text: SafeText, cells: number, ellipsis?: SafeText): SafeText;
export function truncate(text: string, cells: number, ellipsis?: string): string;
export function truncate(text: string, cells: number, ellipsis = '…'): string {
  if (cells <= 0) return '';
  const whole = begin(text, cells);
  if (whole.length === text.length) return text;
  const room = cells - width(ellipsis);
  return room < 0 ? '' : begin(whole, room) + ellipsis;
}

/** Code units within which so many cells are found, with all the marks that their characters may carry. */
function enough(cells: number): number {
  return (cells + 1) * 16;
}

/** As many whole characters from the beginning as fit. Looks at no more of the text than that. */
function begin(text: string, cells: number): string {
  if (cells <= 0) return '';
  const head = text.slice(0, cells + 1);
  if (narrow.test(head)) return head.slice(0, cells);
  let taken = 0;
  let used = 0;
  for (const segment of segments(text.slice(0, enough(cells)))) {
    used += width(segment);
    if (used > cells) break;
    taken += segment.length;
  }
  return text.slice(0, taken);
}

/** The text in exactly `cells` cells: cut or filled with spaces. */
export function fit(text: SafeText, cells: number, align?: 'left' | 'right', ellipsis?: SafeText): SafeText;
export function fit(text: string, cells: number, align?: 'left' | 'right', ellipsis?: string): string;
export function fit(text: string, cells: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  const cut = truncate(text, cells, ellipsis);
  const fill = repeat(' ', cells - width(cut));
  return align === 'left' ? cut + fill : fill + cut;
}

/** As many spaces; none where a window leaves no room for them. */
export function spaces(cells: number): SafeText {
  return repeat(literal` `, cells);
}

/** A glyph so many times; never, where a window leaves no room for it. */
export function repeat(glyph: SafeText, times: number): SafeText;
export function repeat(glyph: string, times: number): string;
export function repeat(glyph: string, times: number): string {
  return times > 0 ? glyph.repeat(times) : '';
}

/**
 * The text in lines of at most `cells` cells, broken at spaces where possible.
 *
 * @param most lines that there is room for: no more are made, and what would be on them is not looked at
 */
export function wrap(all: SafeText, cells: number, most?: number): SafeText[];
export function wrap(all: string, cells: number, most?: number): string[];
export function wrap(all: string, cells: number, most = Number.POSITIVE_INFINITY): string[] {
  if (cells <= 0) return [];
  const text = all.slice(0, enough(cells * most));
  const lines: string[] = [];
  let line: string | undefined;
  let used = 0;
  const end = (): boolean => {
    lines.push(line ?? '');
    line = undefined;
    used = 0;
    return lines.length >= most;
  };
  for (let at = 0; at <= text.length; ) {
    const space = text.indexOf(' ', at);
    const word = text.slice(at, space === -1 ? text.length : space);
    at += word.length + 1;
    const gap = line === undefined || line === '' ? '' : ' ';
    const room = cells - used - gap.length;
    if (room >= 0 && begin(word, room).length === word.length) {
      line = (line ?? '') + gap + word;
      used += gap.length + width(word);
      continue;
    }
    if (line !== undefined && line !== '' && end()) return lines;
    line = '';
    for (const segment of segments(word)) {
      const more = width(segment);
      // At least one, so that a character wider than the line gets somewhere.
      if (used + more > cells && line !== undefined && line !== '' && end()) return lines;
      line = (line ?? '') + segment;
      used += more;
    }
  }
  end();
  return lines;
}
