import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../source/tui/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

const namesOf = (pattern: RegExp): string[] =>
  files.filter(({ text }) => pattern.test(text)).map(({ name }) => name);

test('no file of the full-screen program keeps state of its own: it belongs to a run, and is handed in', () => {
  expect(files.length).toBeGreaterThan(100);
  const kept = /^(?:export )?(?:let\b|const \w+(?:: (?!Readonly)[^=]*)? = new (?:Weak)?(?:Map|Set)\b)/m;
  expect(namesOf(kept)).toEqual([]);
});

test('a redraw is asked for, and is no empty change of what is set', () => {
  expect(namesOf(/setState\(\{\}\)/)).toEqual([]);
});

test('what is told without a screen goes through one place, which takes safe text alone', () => {
  expect(namesOf(/process\.stderr\.write/)).toEqual(['terminal/last-words.ts']);
});
