import type { SafeText } from '../../../text/safe.js';
import type { InputEvent } from '../../input/events.js';
import type { Binding } from '../../kit/binding.js';
import { pageIds } from './pages.js';
import type { Wizard } from './wizard.js';

/** A page of the wizard: draws what is between the tabs and the keys. */
export interface Page {
  /** At most `rows` lines of `cells` cells. */
  draw(cells: number, rows: number, now: number): readonly SafeText[];
  bindings(): readonly Binding[];
  /** Takes what is no key of it, e.g. text; true when it had a use for it. */
  type?(event: InputEvent): boolean;
  /** Every printable key is text. */
  typing(): boolean;
  /** It comes to the screen, e.g. for a field of it. */
  shown?(field?: string): void;
  /** Another one takes its place. */
  left?(): void;
}

/** The numbers of the pages, where nothing is typed. */
export function pagesBinding(wizard: Pick<Wizard, 'go'>): Binding {
  return {
    keys: pageIds.map((_, at) => `${at + 1}`),
    help: 'that page, where nothing is typed',
    moves: true,
    run: (_, { name }) => wizard.go(pageIds[Number(name) - 1] ?? 'image'),
  };
}

/** Esc, to the page before. */
export function previousBinding(wizard: Pick<Wizard, 'move'>, label = 'page before'): Binding {
  return {
    keys: ['escape'],
    label,
    always: 'last',
    help: 'page before',
    moves: true,
    run: () => wizard.move(-1),
  };
}
