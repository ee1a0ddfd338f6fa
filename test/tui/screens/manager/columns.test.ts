import { expect, test } from 'vitest';
import { columns } from '../../../../source/tui/screens/manager/columns.js';
import type { Manager } from '../../manager-harness.js';
import { manager, managersForTests, three } from './bed.js';

managersForTests();

const all = [...columns.values()];

function open(column: string): Manager {
  const sort = { column, reverse: false };
  return manager(three, { columns: 240, rows: 60, settings: { columns: ['name', column], sort } });
}

test.each(all)('the column $id is shown where it is chosen, and offered in the View menu', (column) => {
  const { id, title, about, min } = column;
  const screen = open(id);
  expect(title.length).toBeLessThanOrEqual(min);
  expect(screen.lines[1]).toContain(title);
  screen.press('V');
  const offered = screen.ui.getState().menu?.items.map(({ text }) => text);
  expect(offered).toContain(about);
});

test.each(all.filter(({ order }) => order !== undefined))(
  'rows sorted by $id have the arrow at its title, which is whole',
  ({ id, title, order }) => {
    const arrow = order?.descending === true ? '▼' : '▲';
    const screen = open(id);
    const [before = '', after = ''] = (screen.lines[1] ?? '').split(title);
    expect(before.trimEnd().endsWith(arrow) || after.trimStart().startsWith(arrow)).toBe(true);
  },
);
