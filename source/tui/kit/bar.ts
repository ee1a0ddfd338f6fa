import { repeat } from '../../text/width.js';
import type { Look, Part } from '../theme/look.js';
import type { StyleName } from '../theme/styles.js';

/** A bar of exactly `cells` cells, `share` (0 to 1) of it full; anything above nothing shows at least a cell. */
export function barParts(share: number, cells: number, look: Look, style: StyleName = 'chart'): Part[] {
  const part = Math.min(Math.max(Number.isFinite(share) ? share : 0, 0), 1);
  const rounded = Math.round(part * cells);
  // Neither empty nor full before it is.
  const full = Math.min(Math.max(rounded, part > 0 ? 1 : 0), part < 1 ? cells - 1 : cells);
  return [
    [barText(full, look.unicode ? '█' : '#'), style],
    [barText(cells - full, look.unicode ? '░' : '.'), 'faint'],
  ];
}

/** The bar as text, for a cell of a table. */
export function bar(share: number, cells: number, look: Look): string {
  return barParts(share, cells, look)
    .map(([text]) => text)
    .join('');
}

function barText(cells: number, glyph: string): string {
  return repeat(glyph, cells);
}
