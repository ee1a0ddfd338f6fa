import stringWidth from 'string-width';

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
  if (narrow.test(text)) return text.split('');
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The text cut to at most `cells` cells; what was cut off is marked by `ellipsis`. */
export function truncate(text: string, cells: number, ellipsis = '…'): string {
  if (cells <= 0) return '';
  if (width(text) <= cells) return text;
  const room = cells - width(ellipsis);
  if (room < 0) return '';
  if (narrow.test(text)) return text.slice(0, room) + ellipsis;
  let taken = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    used += width(grapheme);
    if (used > room) break;
    taken += grapheme;
  }
  return taken + ellipsis;
}

/** The text in exactly `cells` cells: cut or filled with spaces. */
export function fit(text: string, cells: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  const cut = truncate(text, cells, ellipsis);
  const fill = ' '.repeat(Math.max(0, cells - width(cut)));
  return align === 'left' ? cut + fill : fill + cut;
}

/** The text in lines of at most `cells` cells, broken at spaces where possible. */
export function wrap(text: string, cells: number): string[] {
  if (cells <= 0) return [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (width(longer) <= cells) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (width(line) > cells) {
      const head = hardCut(line, cells);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  lines.push(line);
  return lines;
}

/** As many whole characters as fit, at least one so that the caller gets on. */
function hardCut(text: string, cells: number): string {
  let taken = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    used += width(grapheme);
    if (used > cells && taken !== '') break;
    taken += grapheme;
  }
  return taken;
}
