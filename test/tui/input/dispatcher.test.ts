import { expect, test } from 'vitest';
import { Dispatcher, Layer } from '../../../source/tui/input/dispatcher.js';
import type { InputEvent } from '../../../source/tui/input/events.js';

const key = (name: string): InputEvent => ({ type: 'key', name, text: name, chunk: 1 });
const nameOf = (event: InputEvent): string => (event.type === 'key' ? event.name : event.text);

test('the highest layer is asked first, and what it takes reaches nobody else', () => {
  const seen: string[] = [];
  const dispatcher = new Dispatcher();
  dispatcher.register(Layer.dialog, (event) => {
    seen.push(`dialog ${nameOf(event)}`);
    return nameOf(event) === 'y';
  });
  dispatcher.register(Layer.screen, (event) => {
    seen.push(`screen ${nameOf(event)}`);
    return true;
  });
  dispatcher.dispatch([key('y'), key('j')]);
  expect(seen).toEqual(['dialog y', 'dialog j', 'screen j']);
});

test('within a layer the newest handler is asked first, and may leave', () => {
  const seen: string[] = [];
  const dispatcher = new Dispatcher();
  dispatcher.register(Layer.screen, () => seen.push('old') > 0);
  const stop = dispatcher.register(Layer.screen, () => seen.push('new') > 0);
  dispatcher.dispatch([key('a')]);
  stop();
  dispatcher.dispatch([key('a')]);
  expect(seen).toEqual(['new', 'old']);
});

test('a handler that a key takes away is not asked for the next key of the chunk', () => {
  const seen: string[] = [];
  const dispatcher = new Dispatcher();
  const stop = dispatcher.register(Layer.dialog, () => {
    stop();
    return true;
  });
  dispatcher.register(Layer.screen, (event) => seen.push(nameOf(event)) > 0);
  dispatcher.dispatch([key('escape'), key('j')]);
  expect(seen).toEqual(['j']);
});
