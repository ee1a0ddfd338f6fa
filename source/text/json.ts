/**
 * What `JSON.stringify` leaves as it is and a terminal acts on, or hides: the kinds of characters that `safe`
 * replaces. A line feed can only be the writer's own: in strings it is escaped already.
 */
const invisible = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * JSON that may be printed anywhere: a script often prints what it reads. Each control, format or invisible
 * character is escaped, which is the same JSON. Numbers that are none (NaN, infinite) become null.
 *
 * @param indent spaces of each level; 0: all in one line
 */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, undefined, indent).replace(invisible, escaped);
}

/** Beyond U+FFFF as two escapes, as JSON has it. */
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
