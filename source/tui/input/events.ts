import type { Key } from 'ink';
import { graphemes } from '../../text/width.js';

/** One key press. `name` is what bindings name: "j", "G", "up", "ctrl-c", "shift-tab". */
export interface KeyEvent {
  readonly type: 'key';
  readonly name: string;
  /** What a text field inserts; undefined for keys that are not printable. */
  readonly text: string | undefined;
  /** Events that the terminal delivered together share a number. */
  readonly chunk: number;
}

/** Text that came through the terminal's bracketed paste, whole. */
export interface PasteEvent {
  readonly type: 'paste';
  readonly text: string;
  readonly chunk: number;
}

export type InputEvent = KeyEvent | PasteEvent;

/** Ink's flags in the order they are tried, with our names. */
const named = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const;

/** Control characters that terminals send for keys with a name of their own. */
const controlNames: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007F': 'backspace',
  '\u001B': 'escape',
};

/**
 * The key presses in one call of Ink's `useInput`. Ink splits escape sequences from text, but printable
 * characters that arrive together (a held key, a slow link, a script) come as one string: "jjj", "web\r".
 */
export function keyEvents(input: string, key: Key, chunk: number): KeyEvent[] {
  const make = (name: string, text?: string): KeyEvent => ({ type: 'key', name, text, chunk });
  if (key.eventType === 'release') return [];
  if (key.tab) return [make(key.shift ? 'shift-tab' : 'tab')];
  for (const [flag, name] of named) if (key[flag]) return [make(name)];
  if (key.ctrl) return input === '' ? [] : [make(`ctrl-${input}`)];
  // Alt-letter is Esc and a letter to a terminal. No key here uses it, and a letter must not act by mistake.
  if (key.meta) return input === '' ? [] : [make(`alt-${input}`)];
  return graphemes(input).flatMap((character) => {
    const name = controlNames[character];
    if (name !== undefined) return [make(name)];
    const code = character.codePointAt(0) ?? 0;
    if (code === 0) return [make('ctrl-space')];
    if (code < 0x20) return [make(`ctrl-${String.fromCharCode(code + (code <= 26 ? 96 : 64))}`)];
    if (code >= 0x7f && code < 0xa0) return [];
    return [make(character === ' ' ? 'space' : character, character)];
  });
}
