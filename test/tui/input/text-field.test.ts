import { expect, test } from 'vitest';
import type { InputEvent } from '../../../source/tui/input/events.js';
import {
  editField,
  emptyField,
  fieldOf,
  fieldText,
  type TextField,
} from '../../../source/tui/input/text-field.js';

const key = (name: string, text?: string): InputEvent => ({ type: 'key', name, text, chunk: 1 });

function edit(field: TextField, ...names: string[]): TextField {
  return names.reduce(
    (now, name) => editField(now, key(name, name.length === 1 ? name : undefined)) ?? now,
    field,
  );
}

/** The text with a bar where the cursor is. */
const shown = (field: TextField): string =>
  [...field.characters.slice(0, field.cursor), '|', ...field.characters.slice(field.cursor)].join('');

test('typing inserts at the cursor', () => {
  expect(shown(edit(emptyField, 'a', 'c', 'left', 'b'))).toBe('ab|c');
});

test('the keys of a shell', () => {
  const field = fieldOf('one two');
  expect(shown(edit(field, 'home'))).toBe('|one two');
  expect(shown(edit(field, 'ctrl-w'))).toBe('one |');
  expect(shown(edit(field, 'ctrl-u'))).toBe('|');
  expect(shown(edit(field, 'left', 'left', 'ctrl-k'))).toBe('one t|');
  expect(shown(edit(field, 'backspace', 'backspace'))).toBe('one t|');
  expect(shown(edit(field, 'home', 'delete'))).toBe('|ne two');
  expect(shown(edit(field, 'ctrl-a', 'left', 'backspace'))).toBe('|one two');
});

test('a paste is inserted whole, without anything that is not text', () => {
  const pasted = editField(fieldOf('a'), { type: 'paste', text: ' web\u001B[31m\nrow\n', chunk: 1 });
  expect(fieldText(pasted ?? emptyField)).toBe('aweb·[31m row');
});

test('an accent becomes one character with its letter', () => {
  const field = editField(fieldOf('e'), key('\u0301', '\u0301')) ?? emptyField;
  expect(field.characters).toEqual(['e\u0301']);
  expect(edit(field, 'backspace').characters).toEqual([]);
});

test('a key that edits nothing is left to others', () => {
  expect(editField(emptyField, key('pagedown'))).toBeUndefined();
});
