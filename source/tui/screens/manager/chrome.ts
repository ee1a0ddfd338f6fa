import type { InventoryState } from '../../../inventory/types.js';
import type { SafeText } from '../../../text/safe.js';
import { count } from '../../../text/units.js';
import { drawTyped } from '../../kit/typed-field.js';
import type { Look, Part } from '../../theme/look.js';
import type { ListState } from './list-state.js';
import type { Counts } from './row-index.js';

/** The first line: what there is, how often it is asked, and when it was last. */
export function drawHeader(
  counts: Counts,
  state: InventoryState,
  filter: string,
  marked: number,
  clock: string,
  cells: number,
  look: Look,
): SafeText {
  const dot = ` ${look.glyphs.separator} `;
  const numbers = [count(counts.hosts, 'host'), count(counts.domains, 'domain'), `${counts.running} running`]
    .slice(cells < 60 ? 1 : 0)
    .join(dot);
  const left: Part[] = [['virtdeck', 'title'], [`   ${numbers}`]];
  if (marked > 0) left.push([`   ${marked} marked`, 'accent']);
  if (filter !== '') left.push([`   /${filter}`, 'accent'], [` ${counts.matching} found`]);
  const narrow = cells < (left.length > 2 ? 100 : 60);
  const every = `every ${state.interval / 1000}s`;
  return look.spread(left, [[narrow ? clock : `${every}   ${clock}`, 'faint']], cells);
}

/** The filter while it is typed, with its cursor. */
export function drawField({ field }: ListState, counts: Counts, cells: number, look: Look): SafeText {
  if (field === undefined) return look.line([], cells);
  return drawTyped(field, ` ${counts.matching} of ${counts.domains} `, cells, look);
}
