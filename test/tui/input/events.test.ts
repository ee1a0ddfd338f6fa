import type { Key } from 'ink';
import { expect, test } from 'vitest';
import { keyEvents } from '../../../source/tui/input/events.js';

const noKey: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
  eventType: undefined,
} as unknown as Key;

const names = (input: string, key: Partial<Key> = {}): string[] =>
  keyEvents(input, { ...noKey, ...key }, 1).map(({ name }) => name);

test('letters that arrive together are as many keys', () => {
  expect(names('jjj')).toEqual(['j', 'j', 'j']);
});

test('Enter, Tab and control keys among letters are recognised', () => {
  expect(names('web\r')).toEqual(['w', 'e', 'b', 'enter']);
  expect(names('a\tb\u0003')).toEqual(['a', 'tab', 'b', 'ctrl-c']);
  expect(names('x\u007F')).toEqual(['x', 'backspace']);
});

test('named keys and modifiers', () => {
  expect(names('', { upArrow: true })).toEqual(['up']);
  expect(names('', { tab: true, shift: true })).toEqual(['shift-tab']);
  expect(names('c', { ctrl: true })).toEqual(['ctrl-c']);
  expect(names(' ')).toEqual(['space']);
  expect(names('G', { shift: true })).toEqual(['G']);
});

test('Alt and a letter is not the letter', () => {
  expect(names('F', { meta: true })).toEqual(['alt-F']);
  expect(keyEvents('F', { ...noKey, meta: true }, 1)[0]?.text).toBeUndefined();
});

test('characters of several code units are one key with their text', () => {
  expect(keyEvents('é漢🚀', noKey, 1).map(({ text }) => text)).toEqual(['é', '漢', '🚀']);
});

test('C1 controls are no text', () => {
  expect(names('\u009B')).toEqual([]);
});
