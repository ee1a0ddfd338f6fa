import type { KeyEvent } from '../../input/events.js';
import type { Binding } from '../binding.js';
import type { Field } from './form.js';

/** The keys that go from field to field. */
export function fieldsBinding(move: (step: 1 | -1) => void): Binding {
  return {
    keys: ['tab', 'shift-tab', 'down', 'up'],
    label: 'next field',
    help: 'next, previous field',
    moves: true,
    run: (_, { name }) => move(name === 'tab' || name === 'down' ? 1 : -1),
  };
}

/** The keys of a field that nothing is typed into: a switch, or a choice. */
export function choiceBinding(kind: Field['kind'], choose: (event: KeyEvent) => void): Binding {
  const keys = kind === 'toggle' ? ['space', 'left', 'right'] : ['left', 'right', 'space'];
  return {
    keys,
    footerKeys: kind === 'toggle' ? 1 : 2,
    label: kind === 'toggle' ? 'switch' : 'choose',
    help: kind === 'toggle' ? 'switch on or off' : 'choose',
    moves: true,
    run: (_, event) => choose(event),
  };
}
