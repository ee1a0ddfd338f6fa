import { expect, test } from 'vitest';
import { parseYaml } from '../../../source/provision/cloud-init/strict-yaml.js';

const head = '#cloud-config\n';

/** PyYAML 6.0.3 takes these (safe_load), with the value beside them. */
const taken: readonly (readonly [string, unknown])[] = [
  ['packages: [\nvim,\nhtop\n]', { packages: ['vim', 'htop'] }],
  ['a: {b: 1,\nc: [d\n, e]}', { a: { b: 1, c: ['d', 'e'] } }],
  ['a:\n  b: {c: "x [\ny"}\n  d: 1', { a: { b: { c: 'x [ y' }, d: 1 } }],
  ['a: "b\nc"', { a: 'b c' }],
  ["a: 'b\n\nc'\nd: [e,\nf]", { a: 'b\nc', d: ['e', 'f'] }],
  [
    'runcmd:\n - [tar, -xf, -]\n - [cat, -, x]',
    {
      runcmd: [
        ['tar', '-xf', '-'],
        ['cat', '-', 'x'],
      ],
    },
  ],
  ['a: "b"# c', { a: 'b' }],
  ['a: [b,# x\n c]# d', { a: ['b', 'c'] }],
  ['%FOO\n---\na: 1', { a: 1 }],
  ['%YAML 1.2\n---\na: yes', { a: true }],
  ['a: 0777\nb: 1:30\nc: no\nd: 1_000', { a: 511, b: 90, c: false, d: 1000 }],
  ['a: 1\na: 2', { a: 2 }],
  ['b: {<<: {a: 1}, c: 1}', { b: { a: 1, c: 1 } }],
  ['{a: http://x}', { a: 'http://x' }],
  ['{a: b:c}', { a: 'b:c' }],
  ['a: ::1\nb: x?y', { a: '::1', b: 'x?y' }],
  ['a: 2001-1-1x\nb: 2024-02-29', expect.objectContaining({ a: '2001-1-1x' })],
  ['? a\n: b', { a: 'b' }],
];

test.each(taken)('%j is taken, as PyYAML takes it', (text, value) => {
  expect(parseYaml(head + text)).toEqual({ value });
});

/** PyYAML refuses these, and cloud-init drops the whole file. */
const refused: readonly (readonly [string, number, string])[] = [
  ['base: &a {x: 1}\nother: &a {x: 2}', 3, 'anchor'],
  ['[&a b, &a c]', 2, 'anchor'],
  ['ntp: {servers: [::1, 10.0.0.1]}', 2, 'belongs in quotes'],
  ['a: 1\nb: {c: ::1}', 3, 'belongs in quotes'],
  ['{a: http://x?y=z}', 2, 'belongs in quotes'],
  ['[what?]', 2, 'belongs in quotes'],
  ['{a\n: b}', 2, 'on its line'],
  ['{"a"\n: b}', 2, 'on its line'],
  [`{${'x'.repeat(1025)}: 1}`, 2, '1024 characters'],
  ['a: 2001-13-01', 2, 'date'],
  ['a: 2023-02-29', 2, 'date'],
  ['a: 2001-01-01 25:00:00', 2, 'date'],
  ['a: *b', 2, 'alias'],
  ['a: !local x', 2, 'tag'],
  ['a: !!python/object:os.x {}', 2, 'tag'],
  ['%YAML 2.0\n---\na: 1', 2, 'YAML'],
  ['a:\tb', 2, 'tab'],
  ['a: [b\n---\nc]', 2, ''],
  ['a: "b\nc', 2, ''],
];

test.each(refused)('%j is refused, as PyYAML refuses it', (text, line, reason) => {
  const { problem } = parseYaml(head + text);
  expect(problem).toMatch(new RegExp(`^line \\d+: .*${reason}`, 'i'));
  if (reason !== '') expect(problem).toContain(`line ${line}: `);
});

test.each(['users: &a [*a]', 'a: &a {b: [*a]}'])(
  '%j is refused, which only goes round in circles, though PyYAML takes it',
  (text) => {
    expect(parseYaml(head + text)).toEqual({
      problem: expect.stringMatching(/^line 2: an alias .* stands in$/),
    });
  },
);

test('a second document is told in words, not by a function of the parser', () => {
  expect(parseYaml(`${head}a: 1\n---\nb: 2\n`).problem).toBe(
    'line 3: a second document begins here ("---"); only one is read',
  );
});
