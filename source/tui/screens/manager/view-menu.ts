import type { KeyEvent } from '../../input/events.js';
import type { Menu, MenuItem } from '../../kit/ui-state.js';
import { columns, usualColumns } from './columns.js';
import type { ManagerModel } from './model.js';

/**
 * The choice of columns and grouping. What is chosen is seen at once behind it, and kept.
 *
 * @param selected the item the selection is on; it goes with it when the item moves
 */
export function openViewMenu(model: ManagerModel, selected = 'grouping'): void {
  const items = viewItems(model);
  const at = Math.max(
    0,
    items.findIndex(({ id }) => id === selected),
  );
  model.ui.setState({
    menu: {
      title: 'View',
      at,
      items,
      keys: [
        ['Space', 'show or hide'],
        ['[ ]', 'move'],
        ['Esc', 'close'],
      ],
      handle: (event, menu) => handleView(model, event, menu),
    },
  });
}

function viewItems(model: ManagerModel): readonly MenuItem[] {
  const { grouping } = model.list.getState();
  const chosen = chosenIds(model);
  const placed = model.layouts
    .at(model.size, model.list.getState())
    .table.columns.map(({ column }) => column.id);
  const rest = [...columns.keys()].filter((id) => !chosen.includes(id));
  const change = (id: string, work: () => void) => (): void => {
    work();
    openViewMenu(model, id);
  };
  return [
    {
      id: 'grouping',
      text: 'Domains under their hosts',
      mark: box(grouping === 'host'),
      note: '',
      choose: change('grouping', () => toggleGrouping(model)),
    },
    ...[...chosen, ...rest].map((id): MenuItem => {
      const shown = chosen.includes(id);
      return {
        id,
        text: columns.get(id)?.about ?? id,
        mark: box(shown),
        note: shown && !placed.includes(id) ? 'no room' : '',
        choose: change(id, () => toggleColumn(model, id)),
      };
    }),
    {
      id: 'usual',
      text: 'The usual columns',
      mark: '   ',
      note: '',
      choose: change('usual', () => model.list.setState({ columns: undefined })),
    },
  ];
}

function handleView(model: ManagerModel, event: KeyEvent, menu: Menu): boolean {
  const item = menu.items[menu.at];
  if (item === undefined) return false;
  if (event.name === 'space') item.choose(event);
  else if (event.name === '[') moveColumn(model, item.id, -1);
  else if (event.name === ']') moveColumn(model, item.id, 1);
  else return false;
  return true;
}

const box = (on: boolean): string => (on ? '[x]' : '[ ]');

/** The columns as chosen, or as they are where nobody chose. */
function chosenIds(model: ManagerModel): readonly string[] {
  const { columns: chosen } = model.list.getState();
  if (chosen === undefined) return usualColumns(model.size.columns).map(({ id }) => id);
  const known = chosen.filter((id) => columns.has(id));
  return known.includes('name') ? known : ['name', ...known];
}

export function toggleGrouping(model: ManagerModel): void {
  model.list.setState(({ grouping }) => ({ grouping: grouping === 'host' ? 'flat' : 'host' }));
}

function toggleColumn(model: ManagerModel, id: string): void {
  // Rows without names are nobody's.
  if (id === 'name') return;
  const chosen = chosenIds(model);
  model.list.setState({
    columns: chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id],
  });
}

/** Moves a shown column by one place; the name stays first. */
function moveColumn(model: ManagerModel, id: string, step: 1 | -1): void {
  const chosen = [...chosenIds(model)];
  const at = chosen.indexOf(id);
  const to = at + step;
  if (at < 1 || to < 1 || to >= chosen.length) return;
  chosen.splice(to, 0, ...chosen.splice(at, 1));
  model.list.setState({ columns: chosen });
  openViewMenu(model, id);
}
