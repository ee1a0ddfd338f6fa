import type { ReactNode } from 'react';
import type { SafeText } from '../../text/safe.js';
import { spaces } from '../../text/width.js';
import type { Look, Part } from '../theme/look.js';
import { shownItems } from './menu.js';
import { boxCells, drawBox, Overlay } from './overlay.js';
import type { Size } from './size.js';
import { fieldParts } from './typed-field.js';
import type { Menu, MenuItem } from './ui-state.js';

export interface MenuDialogProps {
  readonly menu: Menu;
  readonly look: Look;
  readonly size: Size;
}

const widest = 76;
/** Lines of the box that hold no items: frame, title, rule, keys. */
const chrome = 5;

/** A list to choose from in the middle of the screen. */
export function MenuDialog({ menu, look, size }: MenuDialogProps): ReactNode {
  return <Overlay lines={drawMenu(menu, look, size)} look={look} size={size} />;
}

/** Items that a screen of this size shows at once. */
export function menuHeight(menu: Menu, size: Size): number {
  return Math.max(1, Math.min(menu.items.length, size.rows - chrome - 2, 24));
}

/** The box's lines, all equally wide; their number does not change while the list is narrowed. */
export function drawMenu(menu: Menu, look: Look, size: Size): SafeText[] {
  const inner = boxCells(size, widest);
  const height = menuHeight(menu, size);
  const shown = shownItems(menu);
  const top = Math.min(Math.max(0, menu.at - Math.floor(height / 2)), Math.max(0, shown.length - height));
  const items = Array.from({ length: height }, (_, i) => {
    const item = shown[top + i];
    if (item !== undefined) return drawItem(item, top + i === menu.at, inner, look);
    return i === 0 ? look.line([['Nothing is called that.', 'faint']], inner) : spaces(inner);
  });
  const count = shown.length > height ? `${menu.at + 1} of ${shown.length}` : '';
  return drawBox(
    [
      look.spread(headline(menu, inner - look.width(count) - 1, look), [[count, 'faint']], inner),
      look.rule(inner),
      ...items,
      look.line(
        menu.keys.flatMap(([key, does], i): Part[] => [[i === 0 ? '' : '  '], [key, 'key'], [` ${does}`]]),
        inner,
      ),
    ],
    inner,
    look,
  );
}

/** The title, and behind it what is typed, in at most `cells` cells. */
function headline({ title, field }: Menu, cells: number, look: Look): readonly Part[] {
  if (field === undefined) return [[title, 'title']];
  const asked = `${title}: `;
  return [[asked, 'title'], ...fieldParts(field, look, cells - look.width(asked))];
}

function drawItem(item: MenuItem, chosen: boolean, inner: number, look: Look): SafeText {
  const { text, note, mark, reason } = item;
  const left = mark === undefined ? text : `${mark} ${text}`;
  const pointer = chosen ? '> ' : '  ';
  const line = (right: string, style: 'faint' | 'key'): SafeText =>
    look.spread(
      [[pointer + left, reason === undefined || chosen ? 'plain' : 'faint']],
      [[right, chosen ? 'plain' : style]],
      inner,
    );
  // The reason is worth its room only where somebody asks for it.
  const whole =
    chosen && reason !== undefined
      ? line(reason, 'faint')
      : line(note, reason === undefined ? 'key' : 'faint');
  return chosen ? look.paint('selected', whole) : whole;
}
