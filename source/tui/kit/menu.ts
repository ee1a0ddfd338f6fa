import type { InputEvent, KeyEvent } from '../input/events.js';
import { editField, emptyField, fieldText } from '../input/text-field.js';
import type { Menu, MenuItem, UiStore } from './ui-state.js';

/** The items that match the typed words, all of which must occur; items with a word that starts that way come first. */
export function shownItems({ items, field }: Menu): readonly MenuItem[] {
  const typed = field === undefined ? '' : fieldText(field).toLowerCase().trim();
  if (typed === '') return items;
  const words = typed.split(/\s+/);
  const found = items.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  // "re" means reboot and refresh sooner than "more".
  const rank = ({ text }: MenuItem): number =>
    ` ${text.toLowerCase()}`.includes(` ${words[0] ?? ''}`) ? 0 : 1;
  return found.toSorted((a, b) => rank(a) - rank(b));
}

/** Handles an event for an open menu, which takes all of them. */
export function handleMenu(ui: UiStore, menu: Menu, event: InputEvent, page: number): void {
  const shown = shownItems(menu);
  const move = (step: number): void => {
    const at = Math.min(Math.max(menu.at + step, 0), Math.max(0, shown.length - 1));
    ui.setState({ menu: { ...menu, at } });
  };
  const type = (): boolean => {
    const next = menu.field === undefined ? undefined : editField(menu.field ?? emptyField, event);
    if (next !== undefined) ui.setState({ menu: { ...menu, field: next, at: 0 } });
    return next !== undefined;
  };
  if (event.type === 'paste') {
    type();
    return;
  }
  const moves: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -page,
    pagedown: page,
    ...(menu.field === undefined
      ? { k: -1, j: 1, home: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }
      : { 'ctrl-p': -1, 'ctrl-n': 1 }),
  };
  const step = moves[event.name];
  if (event.name === 'escape') ui.setState({ menu: undefined });
  else if (event.name === 'enter') chooseItem(ui, shown[menu.at], event);
  else if (step !== undefined) move(step);
  else if (menu.handle?.(event, menu) !== true && !type() && event.name === 'q')
    ui.setState({ menu: undefined });
}

/** What cannot be chosen stays where it is, with its reason beside it. */
function chooseItem(ui: UiStore, item: MenuItem | undefined, event: KeyEvent): void {
  if (item === undefined || item.reason !== undefined) return;
  const before = ui.getState().menu;
  item.choose(event);
  // An item that opened another menu, or changed this one, decides what is shown.
  if (ui.getState().menu === before) ui.setState({ menu: undefined });
}
