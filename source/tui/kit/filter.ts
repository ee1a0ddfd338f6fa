import type { InputEvent } from '../input/events.js';
import { editField, fieldText, type TextField } from '../input/text-field.js';
import type { Look } from '../theme/look.js';
import { keyLabel } from './binding.js';
import type { KeyHint } from './frame.js';

/** A filter and, while it is typed, its field. */
export interface TypedFilter {
  readonly field: TextField | undefined;
  readonly filter: string;
}

/** What an event does to a filter or search being typed; "move" where the key belongs to the list or text below. */
export function typeFilter(field: TextField, event: InputEvent): TypedFilter | 'move' {
  if (event.type === 'key') {
    const { name } = event;
    if (name === 'escape' || (name === 'backspace' && field.characters.length === 0))
      return { field: undefined, filter: '' };
    if (name === 'enter') return { field: undefined, filter: fieldText(field) };
    if (['up', 'down', 'pageup', 'pagedown'].includes(name)) return 'move';
  }
  const next = editField(field, event) ?? field;
  return { field: next, filter: fieldText(next) };
}

/** The keys of a filter or a search while it is typed, for the last line. */
export function filterHints(look: Look, what: 'filter' | 'search' = 'filter'): readonly KeyHint[] {
  const { keys } = look.glyphs;
  return [
    { key: keyLabel('enter', keys), label: `keep the ${what}` },
    { key: 'Esc', label: 'clear it' },
    { key: `${keyLabel('up', keys)} ${keyLabel('down', keys)}`, label: 'move' },
  ];
}
