import type { KeyEvent } from '../input/events.js';
import type { Look } from '../theme/look.js';
import type { MenuItem, UiStore } from './ui-state.js';

/**
 * A question of more than two answers. The first one changes nothing, and keys that came together with the
 * one that asked are no answer.
 */
export function choose(
  { ui, look }: { readonly ui: UiStore; readonly look: Look },
  { chunk }: Pick<KeyEvent, 'chunk'>,
  title: string,
  answers: readonly (readonly [text: string, note: string, choose: (event: KeyEvent) => void])[],
): void {
  const items = answers.map(
    ([text, note, pick], at): MenuItem => ({
      id: `answer.${at}`,
      text,
      note,
      choose: (event) => {
        if (event.chunk !== chunk) pick(event);
      },
    }),
  );
  const { enter } = look.glyphs.keys;
  ui.setState({
    menu: {
      title,
      items,
      at: 0,
      keys: [
        [enter, 'do it'],
        ['Esc', 'leave'],
      ],
    },
  });
}
