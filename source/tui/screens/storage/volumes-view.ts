import type { Volume } from '../../../inventory/object-types.js';
import type { PlacedTableColumn } from '../../kit/table.js';
import type { Look, Part } from '../../theme/look.js';
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
