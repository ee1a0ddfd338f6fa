import { expect, test, vi } from 'vitest';
import type { KeyEvent } from '../../../source/tui/input/events.js';
import { type Binding, bind, dispatch, footerHints, layered } from '../../../source/tui/kit/binding.js';
import { Look } from '../../../source/tui/theme/look.js';

interface Lamp {
  readonly lit: boolean;
}

const look = new Look({ unicode: true, colors: 16 });
const pressed = (name: string): KeyEvent => ({ type: 'key', name, text: name, chunk: 1 });
const lightUp = vi.fn();
const lampKeys: readonly Binding<Lamp>[] = [
  {
    keys: ['l'],
    also: ['L'],
    help: 'light it',
    on: 'lamp',
    label: 'light',
    refusal: ({ lit }) => (lit ? 'It is lit already.' : undefined),
    run: lightUp,
  },
  { keys: ['?'], help: 'help', label: ({ lit }) => (lit ? 'help' : 'help in the dark'), run: () => {} },
];

test('what cannot be done now is not in the footer, and is told why when it is pressed', () => {
  const refuse = vi.fn();
  const keys = bind(lampKeys, { lit: true });
  expect(footerHints(keys, look).map(({ label }) => label)).toEqual(['help']);
  expect(dispatch(keys, pressed('l'), refuse)).toBe(true);
  expect(refuse).toHaveBeenCalledExactlyOnceWith('It is lit already.');
  expect(lightUp).not.toHaveBeenCalled();
});

test('a key acts on what is selected, by each of its names; one that is none is left to others', () => {
  const dark = { lit: false };
  const keys = bind(lampKeys, dark);
  expect(footerHints(keys, look).map(({ label }) => label)).toEqual(['light', 'help in the dark']);
  expect([dispatch(keys, pressed('L'), vi.fn()), dispatch(keys, pressed('x'), vi.fn())]).toEqual([
    true,
    false,
  ]);
  expect(lightUp).toHaveBeenCalledExactlyOnceWith(dark, pressed('L'));
});

test('where nothing is selected its keys say nothing, and the palette has the reason', () => {
  const refuse = vi.fn();
  const keys = bind(lampKeys, undefined, 'Select a lamp first.');
  expect(footerHints(keys, look)).toEqual([]);
  expect(dispatch(keys, pressed('l'), refuse)).toBe(true);
  expect(refuse).not.toHaveBeenCalled();
  expect(keys[0]?.refusal?.()).toBe('Select a lamp first.');
});

test('a key that two layers have is the upper one’s', () => {
  const [upper, lower] = [vi.fn(), vi.fn()];
  const layers = layered(
    [{ keys: ['a'], help: 'upper', run: upper }],
    [{ keys: ['a', 'b'], help: 'lower', run: lower }],
  );
  for (const name of ['a', 'b']) dispatch(layers, pressed(name), vi.fn());
  expect([upper, lower].map((run) => run.mock.calls.length)).toEqual([1, 1]);
  expect(layers.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
});
