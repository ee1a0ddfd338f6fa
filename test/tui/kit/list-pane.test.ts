import { beforeEach, describe, expect, it } from 'vitest';
import { safe } from '../../../source/text/safe.js';
import type { KeyEvent } from '../../../source/tui/input/events.js';
import { dispatch } from '../../../source/tui/kit/binding.js';
import { ListPane } from '../../../source/tui/kit/list-pane.js';
import type { TableColumn } from '../../../source/tui/kit/table.js';
import { Look } from '../../../source/tui/theme/look.js';
import { plain } from '../manager-harness.js';

interface Fruit {
  readonly name: string;
  readonly grams?: number;
}

const columns: readonly TableColumn<Fruit>[] = [
  { id: 'name', title: 'NAME', min: 8, max: 20, rank: 0, cell: ({ name }) => [name], order: {} },
  {
    id: 'grams',
    title: 'GRAMS',
    min: 6,
    max: 6,
    rank: 1,
    align: 'right',
    cell: ({ grams }) => [String(grams ?? '')],
    order: { value: ({ grams }) => grams },
  },
];

const look = new Look({ unicode: true, colors: 16 } as ConstructorParameters<typeof Look>[0]);

describe('a list', () => {
  let items: readonly Fruit[];
  let list: ListPane<Fruit>;

  const lines = (rows = 20, cells = 40): string[] =>
    list.draw({ columns: cells, rows }, 0, look).map((line) => plain(line));
  const names = (): string[] =>
    lines()
      .slice(1, 12)
      .flatMap((line) => /^ {2}([a-z]\S*)/.exec(line)?.slice(1) ?? []);
  const press = (...keys: string[]): void => {
    for (const name of keys) {
      const text = name.length === 1 ? name : undefined;
      const event = { type: 'key', name, text, chunk: 0 } as KeyEvent;
      if (!list.type(event)) dispatch(list.bindings(), event, () => {});
      lines();
    }
  };

  beforeEach(() => {
    items = [{ name: 'pear', grams: 170 }, { name: 'apple', grams: 90 }, { name: 'fig' }];
    list = new ListPane<Fruit>({
      items: () => items,
      keyOf: ({ name }) => name,
      columns: () => columns,
      empty: () => ['There is no fruit.'],
      facts: { lines: 3, draw: (fruit) => [safe(`about ${fruit?.name ?? 'nothing'}`.padEnd(40))] },
      search: { help: 'filter by name', nameOf: ({ name }) => name },
    });
    lines();
  });

  it('fills its size exactly, however small', () => {
    for (const rows of [1, 2, 10, 11, 30])
      for (const cells of [20, 41, 200]) {
        const drawn = list.draw({ columns: cells, rows }, 0, look).map(plain);
        expect(drawn).toHaveLength(rows);
        // The facts are the caller's own lines.
        for (const line of drawn.filter((one) => !one.startsWith('about'))) expect(line).toHaveLength(cells);
      }
  });

  it('lists by name, and says why there is nothing', () => {
    expect(names()).toEqual(['apple', 'fig', 'pear']);
    items = [];
    expect(lines()[1]).toContain('There is no fruit.');
    expect(list.selected()).toBeUndefined();
  });

  it('marks the column it is sorted by, and keeps the selection on its row', () => {
    press('end');
    expect(list.selected()?.name).toBe('pear');
    press('o');
    expect(lines()[0]).toMatch(/NAME +▲ ?GRAMS/);
    expect(names()).toEqual(['apple', 'pear', 'fig']);
    press('O');
    expect(lines()[0]).toMatch(/▼ ?GRAMS/);
    // What has no value stays last.
    expect(names()).toEqual(['pear', 'apple', 'fig']);
    expect(list.selected()?.name).toBe('pear');
    press('o');
    expect(lines()[0]).toContain('NAME ▲');
  });

  it('filters while it is typed, moves meanwhile, and keeps the filter by Enter', () => {
    press('/', 'P', 'down');
    expect(names()).toEqual(['apple', 'pear']);
    expect(list.selected()?.name).toBe('pear');
    expect(plain(list.drawField('2 of 3', 40, look) ?? '')).toMatch(/^\/ P .*2 of 3/);
    press('enter');
    expect(list.typing()).toBe(false);
    expect(names()).toEqual(['apple', 'pear']);
    press('escape');
    expect(names()).toEqual(['apple', 'fig', 'pear']);
  });

  it('hands the place of a row that is gone to the next, and selects one once it is there', () => {
    press('down');
    items = items.filter(({ name }) => name !== 'fig');
    lines();
    expect(list.selected()?.name).toBe('pear');
    list.select('quince');
    lines();
    expect(list.selected()?.name).toBe('pear');
    items = [...items, { name: 'quince' }];
    lines();
    expect(list.selected()?.name).toBe('quince');
  });

  it('tells facts of the selected row where rows enough are left', () => {
    press('down');
    expect(lines(11).some((line) => line.startsWith('about fig'))).toBe(true);
    expect(lines(10).some((line) => line.startsWith('about'))).toBe(false);
  });

  it('looks at no more rows than it shows', () => {
    items = Array.from({ length: 10_000 }, (_, at) => ({ name: `fruit-${at}` }));
    lines();
    press('end');
    expect(list.shown).toHaveLength(15);
    expect(list.shown.at(-1)?.name).toBe('fruit-9999');
  });
});
