import { escapedBy, type SafeText } from './safe.js';

/**
 * JSON that may be printed anywhere: a script often prints what it reads. Each control, format or invisible
 * character is escaped, which is the same JSON. Numbers that are none (NaN, infinite) become null.
 *
 * @param indent spaces of each level; 0: all in one line
 */
export function jsonText(value: unknown, indent = 0): SafeText {
  // A line feed can only be the writer's own: in strings it is escaped already.
  return escapedBy(escaped, JSON.stringify(value, undefined, indent));
}

/** Beyond U+FFFF as two escapes, as JSON has it. */
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
