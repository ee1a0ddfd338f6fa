import { safe } from '../../text/safe.js';
import { graphemes } from '../../text/width.js';
import type { InputEvent } from './events.js';

/** A line of text being typed. `cursor` counts characters as a person sees them. */
export interface TextField {
  readonly characters: readonly string[];
  readonly cursor: number;
}

/** Characters that a field takes: more than any path, URL, key or command has. What is pasted beyond is no such thing. */
const longest = 20_000;

export const emptyField: TextField = { characters: [], cursor: 0 };

/** A field that holds `text`, the cursor behind it. */
export function fieldOf(text: string): TextField {
  const characters = graphemes(text);
  return { characters, cursor: characters.length };
}

export function fieldText(field: TextField): string {
  return field.characters.join('');
}

/** The field as dots, for what must not be read over a shoulder. */
export function maskedField({ characters, cursor }: TextField, unicode: boolean): TextField {
  return { characters: characters.map(() => (unicode ? '•' : '*')), cursor };
}

type Edit = (field: TextField) => TextField;

const moveTo = (field: TextField, cursor: number): TextField => ({
  ...field,
  cursor: Math.min(Math.max(cursor, 0), field.characters.length),
});

const removeRange = (field: TextField, from: number, to: number): TextField => ({
  characters: [...field.characters.slice(0, from), ...field.characters.slice(to)],
  cursor: from,
});

/** Where the word before the cursor begins: spaces first, then the word, as a shell's Ctrl-W. */
function wordStart({ characters, cursor }: TextField): number {
  let at = cursor;
  while (at > 0 && characters[at - 1] === ' ') at -= 1;
  while (at > 0 && characters[at - 1] !== ' ') at -= 1;
  return at;
}

/** The keys of a shell's line editor. */
const edits: Readonly<Record<string, Edit>> = {
  left: (field) => moveTo(field, field.cursor - 1),
  right: (field) => moveTo(field, field.cursor + 1),
  home: (field) => moveTo(field, 0),
  end: (field) => moveTo(field, field.characters.length),
  'ctrl-a': (field) => moveTo(field, 0),
  'ctrl-e': (field) => moveTo(field, field.characters.length),
  backspace: (field) => (field.cursor === 0 ? field : removeRange(field, field.cursor - 1, field.cursor)),
  delete: (field) => removeRange(field, field.cursor, field.cursor + 1),
  'ctrl-d': (field) => removeRange(field, field.cursor, field.cursor + 1),
  'ctrl-u': (field) => removeRange(field, 0, field.cursor),
  'ctrl-k': (field) => removeRange(field, field.cursor, field.characters.length),
  'ctrl-w': (field) => removeRange(field, wordStart(field), field.cursor),
};

/** The field after an input event, or undefined where the event is none of an editor's. */
export function editField(field: TextField, event: InputEvent): TextField | undefined {
  if (event.type === 'paste') return insert(field, safe(event.text.trim()));
  if (event.text !== undefined) return insert(field, safe(event.text));
  return edits[event.name]?.(field);
}

function insert(field: TextField, text: string): TextField {
  if (field.characters.length + text.length > longest) return field;
  const before = field.characters.slice(0, field.cursor).join('') + text;
  const after = field.characters.slice(field.cursor).join('');
  // Segmented anew as a whole: an accent typed behind its letter becomes one character with it.
  return { characters: graphemes(before + after), cursor: graphemes(before).length };
}
