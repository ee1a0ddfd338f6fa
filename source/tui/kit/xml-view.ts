import type { SafeText } from '../../text/safe.js';
import type { Look } from '../theme/look.js';

/** The lines of an XML text, to be searched and drawn. */
export function xmlLines(text: string, look: Look): readonly string[] {
  return text.split('\n').map((line) => look.text(line.replaceAll('\t', '  ')));
}

/** Lines of XML; matches of the search stand out. */
export function drawXml(lines: readonly string[], search: string, cells: number, look: Look): SafeText[] {
  return lines.map((line) => drawLine(line, search, cells, look));
}

/** The next line that holds `search` (any case), from `from` on in the direction of `step`, around the end. */
export function findLine(
  lines: readonly string[],
  search: string,
  from: number,
  step: 1 | -1,
): number | undefined {
  const wanted = search.toLowerCase();
  if (wanted === '') return undefined;
  for (let offset = 0; offset < lines.length; offset += 1) {
    const at = (from + step * offset + lines.length * 2) % lines.length;
    if ((lines[at] ?? '').toLowerCase().includes(wanted)) return at;
  }
  return undefined;
}

/** How many lines hold `search`. */
export function countLines(lines: readonly string[], search: string): number {
  const wanted = search.toLowerCase();
  return wanted === '' ? 0 : lines.filter((line) => line.toLowerCase().includes(wanted)).length;
}

function drawLine(line: string, search: string, cells: number, look: Look): SafeText {
  const at = search === '' ? -1 : line.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return look.line(highlight(line), cells);
  const end = at + search.length;
  return look.line([[line.slice(0, at)], [line.slice(at, end), 'selected'], [line.slice(end)]], cells);
}

/** Tags faint, so that names and values stand out: enough to read by, and right for any XML. */
function highlight(line: string): [string, ('faint' | 'accent' | 'plain')?][] {
  const parts: [string, ('faint' | 'accent' | 'plain')?][] = [];
  for (const [piece] of line.matchAll(/<\/?|\/?>|[^<>"'/]+|"[^"]*"|'[^']*'|./g)) {
    if (/^[<>/]+$/.test(piece)) parts.push([piece, 'faint']);
    else if (/^["']/.test(piece)) parts.push([piece, 'accent']);
    else parts.push([piece]);
  }
  return parts;
}
