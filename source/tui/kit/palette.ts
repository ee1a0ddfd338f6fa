import { emptyField } from '../input/text-field.js';
import type { Look } from '../theme/look.js';
import { type Binding, keyLabel, keyNames, runBinding } from './binding.js';
import type { Menu, MenuItem } from './ui-state.js';

/**
 * Every action by its name, with its key: first what can be done now, then what cannot, each with the reason.
 *
 * @param refuse is told why what was chosen cannot be done any more
 */
export function paletteMenu(
  bindings: readonly Binding[],
  look: Look,
  refuse: (reason: string) => void,
): Menu {
  const items = bindings
    .filter(({ moves }) => moves !== true)
    .map(
      (binding, at): MenuItem => ({
        id: `${at}`,
        text: binding.on === undefined ? binding.help : `${binding.on}: ${binding.help}`,
        note: keyNames(binding, look),
        reason: binding.refusal?.(),
        choose: (event) => runBinding(binding, event, refuse),
      }),
    );
  const [able, unable] = [true, false].map((can) =>
    items.filter(({ reason }) => (reason === undefined) === can),
  );
  return {
    title: 'Actions',
    field: emptyField,
    at: 0,
    items: [...(able ?? []), ...(unable ?? [])],
    keys: [
      [keyLabel('enter', look.glyphs.keys), 'do it'],
      ['Esc', 'close'],
    ],
  };
}
