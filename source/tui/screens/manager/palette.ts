import { emptyField } from '../../input/text-field.js';
import { type Binding, bindings, keyLabel, type Selection } from '../../kit/keymap.js';
import type { Menu, MenuItem } from '../../kit/ui-state.js';
import type { Look } from '../../theme/look.js';

/** What has no key of its own. */
export type PaletteExtra = Pick<MenuItem, 'id' | 'text' | 'note' | 'choose'>;

const contextNames: Readonly<Record<Binding['context'], string>> = {
  domain: 'domain: ',
  host: 'host: ',
  everywhere: '',
};

/**
 * Every action by its name, with its key: first what applies to the selection, then what does not, each with
 * the reason.
 */
export function paletteMenu(
  selection: Selection,
  look: Look,
  shown: (binding: Binding) => boolean,
  run: (binding: Binding) => MenuItem['choose'],
  extras: readonly PaletteExtra[],
): Menu {
  const named = (bindings as readonly Binding[]).filter(
    (binding) => !binding.id.startsWith('move.') && binding.id !== 'palette' && shown(binding),
  );
  const items = named.map((binding): MenuItem => {
    const keys = binding.keys.map((key) => keyLabel(key, look.glyphs.keys)).join(' ');
    return {
      id: binding.id,
      text: contextNames[binding.context] + binding.help,
      note: keys,
      reason: binding.unavailable?.(selection),
      choose: run(binding),
    };
  });
  const able = items.filter(({ reason }) => reason === undefined);
  const unable = items.filter(({ reason }) => reason !== undefined);
  return {
    title: 'Actions',
    field: emptyField,
    at: 0,
    items: [...able, ...extras, ...unable],
    keys: [
      [keyLabel('enter', look.glyphs.keys), 'do it'],
      ['Esc', 'close'],
    ],
  };
}
