import type { InputEvent } from '../../input/events.js';
import type { Field } from './form.js';

/** The value of a choice or a toggle after a key; undefined for keys that change nothing. */
export function nextChoice(
  { kind, choices = [] }: Field,
  value: string,
  event: InputEvent,
): string | undefined {
  if (event.type !== 'key') return undefined;
  const values = kind === 'toggle' ? ['yes', 'no'] : choices.map((choice) => choice.value);
  const steps: Readonly<Record<string, number>> = { left: -1, right: 1, space: 1 };
  const step = steps[event.name];
  if (step === undefined || values.length === 0) return undefined;
  return values[(values.indexOf(value) + step + values.length) % values.length];
}
