import { fieldText, type TextField } from '../../input/text-field.js';
import type { Field } from './form.js';

/** Suggestions for what is typed, the likeliest first: those that begin with it before those that contain it. */
export function suggestionsFor({ suggestions = [] }: Field, text: TextField): readonly string[] {
  const typed = fieldText(text).toLowerCase();
  const fitting = suggestions.filter((one) => one.toLowerCase().includes(typed));
  // What is typed whole is chosen.
  if (fitting.some((one) => one.toLowerCase() === typed)) return [];
  const begins = (one: string): boolean => one.toLowerCase().startsWith(typed);
  return [...fitting.filter(begins), ...fitting.filter((one) => !begins(one))];
}

/** Only there the key that takes one has nothing else to do. */
export function isAtEnd({ characters, cursor }: TextField): boolean {
  return cursor === characters.length;
}
