import type { SafeText } from '../../text/safe.js';
import type { TextField } from '../input/text-field.js';
import type { Look, Part } from '../theme/look.js';

/**
 * A text field while it is typed: what stands before the cursor, the cursor, and what follows it.
 *
 * @param room cells that the field has; the end that holds the cursor stays in view
 */
export function fieldParts(
  { characters, cursor }: TextField,
  look: Look,
  room: number,
): readonly [Part, Part, Part] {
  let from = cursor;
  // From the cursor on to the left, for as long as there is room.
  for (let left = room - 1; from > 0; from -= 1) {
    left -= look.width(characters[from - 1] ?? '');
    if (left < 0) break;
  }
  return [
    [characters.slice(from, cursor).join('')],
    [characters[cursor] ?? ' ', 'cursor'],
    [look.cut(characters.slice(cursor + 1, cursor + 1 + Math.max(1, room)).join(''), Math.max(1, room))],
  ];
}

/** A line in which a filter or a search is typed, and what it finds, in exactly `cells` cells. */
export function drawTyped(field: TextField, found: string, cells: number, look: Look): SafeText {
  const room = cells - look.width(found) - 3;
  return look.spread([['/ ', 'key'], ...fieldParts(field, look, room)], [[found, 'faint']], cells);
}
