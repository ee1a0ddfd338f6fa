import { expect, test } from 'vitest';
import { fieldOf } from '../../../source/tui/input/text-field.js';
import { drawMenu } from '../../../source/tui/kit/menu-dialog.js';
import { drawTyped } from '../../../source/tui/kit/typed-field.js';
import { Look } from '../../../source/tui/theme/look.js';
import { plain } from '../manager-harness.js';

const look = new Look({ unicode: true, colors: 16 });
const long = `begin ${'-'.repeat(100)} end`;

test('what is typed stands before what it finds', () => {
  expect(plain(drawTyped(fieldOf('web'), '3 lines', 20, look))).toBe('/ web        3 lines');
});

test('text longer than its line: the end that is typed at stays in view', () => {
  const line = plain(drawTyped(fieldOf(long), '3 lines', 40, look));
  expect(line).toHaveLength(40);
  expect(line).toMatch(/^\/ -+ end {2}3 lines$/);
});

test('text longer than its line: the cursor at its beginning shows the beginning', () => {
  const line = plain(drawTyped({ ...fieldOf(long), cursor: 0 }, '3 lines', 40, look));
  expect(line).toMatch(/^\/ begin -+… 3 lines$/);
});

test('a menu keeps the end that is typed at in view', () => {
  const menu = { title: 'Actions', field: fieldOf(long), items: [], at: 0, keys: [] };
  const [, headline] = drawMenu(menu, look, { columns: 60, rows: 20 });
  expect(plain(headline ?? '')).toContain(' end ');
});
