import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { yamlExcess } from '../../source/text/yaml-bounds.js';

const deep: readonly (readonly [string, (levels: number) => string])[] = [
  ['brackets', (levels) => '['.repeat(levels)],
  ['braces', (levels) => '{a: '.repeat(levels)],
  ['dashes', (levels) => '- '.repeat(levels)],
  [
    'indented keys',
    (levels) => Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
  ],
  [
    'indented dashes',
    (levels) => Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}-`).join('\n'),
  ],
  ['keys of keys', (levels) => '? '.repeat(levels)],
];

test.each(deep)('%s in one another are bounded', (_, text) => {
  expect(yamlExcess(text(390))).toBeUndefined();
  expect(yamlExcess(text(1000))?.message).toContain('400 lists and mappings');
});

test('what is long and not deep is no excess, whatever is in its texts', () => {
  const entries =
    '- name: a\n  list: [1, {b: "[[[["}]\n  text: |\n    [[[[ - - -\n  "k": >-\n   {{{{\n'.repeat(2000);
  const text = `a:\n  ${'- '.repeat(5)}x\n${'# [[[[\n'.repeat(1000)}b:\n${entries}`;
  expect(parseDocument(text).errors).toEqual([]);
  expect(yamlExcess(text)).toBeUndefined();
});

test('a list of very many values is bounded', () => {
  expect(yamlExcess(`[${'a,'.repeat(90_000)}]`)).toBeUndefined();
  expect(yamlExcess(`[${'a,'.repeat(110_000)}]`)?.message).toContain('200000 texts');
  expect(yamlExcess(`[${'[],'.repeat(3_000_000)}`)).toBeDefined();
});

test('the place of an excess is told', () => {
  const text = `a: 1\n${'b: '}${'['.repeat(1000)}`;
  expect(text.slice(0, yamlExcess(text)?.at).split('\n')).toHaveLength(2);
});
