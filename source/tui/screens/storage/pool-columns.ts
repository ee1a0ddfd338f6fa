import type { Pool } from '../../../inventory/object-types.js';
import { percent } from '../../../text/units.js';
import { bar } from '../../kit/bar.js';
import type { TableColumn } from '../../kit/table.js';
import type { Look, Part } from '../../theme/look.js';
import type { StyleName } from '../../theme/styles.js';
import { describedPool, fullness, poolState, usageText } from './pool-facts.js';

/** A pool as full as this is marked. */
const nearlyFull = 0.9;

const stateStyles: Readonly<Record<string, StyleName>> = {
  running: 'good',
  building: 'accent',
  degraded: 'warning',
  inaccessible: 'bad',
};

/** The columns of the list of pools. */
export const poolColumns: readonly TableColumn<Pool>[] = [
  { id: 'name', title: 'NAME', min: 14, max: 28, rank: 0, cell: ({ name }) => [name] },
  { id: 'state', title: 'STATE', min: 9, max: 12, rank: 1, cell: stateCell },
  { id: 'auto', title: 'AUTO', min: 4, max: 4, rank: 5, cell: ({ autostart }) => [autostart ? 'yes' : 'no'] },
  { id: 'type', title: 'TYPE', min: 7, max: 12, rank: 4, cell: (pool) => [describedPool(pool)?.type ?? ''] },
  { id: 'used', title: 'USED', min: 12, max: 24, rank: 3, cell: barCell },
  { id: 'usage', title: '', min: 20, max: 22, rank: 6, align: 'right', cell: (pool) => [usageText(pool)] },
  {
    id: 'path',
    title: 'PATH',
    min: 12,
    max: 60,
    rank: 7,
    cell: (pool) => [describedPool(pool)?.path ?? describedPool(pool)?.source.name ?? ''],
  },
];

/** The symbol before a pool's name: a shape as well as a colour. */
export function poolSymbol(pool: Pool, look: Look): Part {
  const state = poolState(pool);
  if (state === 'running') return [look.glyphs.state[1], 'good'];
  return state === 'inactive' ? [look.glyphs.state[5], 'faint'] : ['!', stateStyles[state] ?? 'plain'];
}

function stateCell(pool: Pool, _cells: number, look: Look): Part {
  if (pool.pending !== undefined) return [`${pool.pending}${look.glyphs.pending}`, 'accent'];
  const state = poolState(pool);
  return [state, stateStyles[state] ?? 'faint'];
}

/** How full, as a bar and in percent. */
function barCell(pool: Pool, cells: number, look: Look): Part {
  const share = fullness(pool);
  if (share === undefined) return [''];
  const text = `${percent(share * 100)}%`.padStart(4);
  return [`${bar(share, cells - 5, look)} ${text}`, share >= nearlyFull ? 'warning' : 'chart'];
}
