import type { Volume } from '../../../inventory/object-types.js';
import type { TextField } from '../../input/text-field.js';
import type { Look, Part } from '../../theme/look.js';
import type { PlacedTableColumn } from '../table.js';
import type { VolumeColumn } from './volume-columns.js';

const gap = '  ';

/** The titles of the columns; the one that rows are sorted by carries an arrow. */
export function drawSortTitles(
  placed: readonly PlacedTableColumn<Volume>[],
  sorted: { readonly id: string | undefined; readonly reversed: boolean },
  indent: number,
  cells: number,
  look: Look,
): string {
  const parts = placed.flatMap(({ column, cells: own }, at): Part[] => {
    const { id, title, align } = column as VolumeColumn;
    const { ascending, descending } = look.glyphs;
    const isSorted = id === sorted.id;
    const text = isSorted ? `${title}${sorted.reversed ? descending : ascending}` : title;
    return [[at === 0 ? '' : gap], [look.fit(text, own, align), isSorted ? 'heading' : 'faint']];
  });
  return look.line([[' '.repeat(indent)], ...parts], cells);
}

/** A filter while it is typed, the end with the cursor in view, and what it leaves. */
export function drawTyped(field: TextField, found: string, cells: number, look: Look): string {
  const { characters, cursor } = field;
  const room = Math.max(1, cells - look.width(found) - 4);
  let from = 0;
  while (from < cursor && look.width(characters.slice(from, cursor).join('')) > room - 1) from += 1;
  return look.spread(
    [
      ['/ ', 'key'],
      [characters.slice(from, cursor).join('')],
      [characters[cursor] ?? ' ', 'cursor'],
      [characters.slice(cursor + 1).join('')],
    ],
    [[found, 'faint']],
    cells,
  );
}
