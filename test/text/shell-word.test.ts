import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../source/text/shell-word.js';

test('words that need no quotes stay as they are', () => {
  expect(['web-1.qcow2', '/a/b', 'qemu+ssh://me@host/system'].map(shellWord)).toEqual([
    'web-1.qcow2',
    '/a/b',
    'qemu+ssh://me@host/system',
  ]);
});

test('a shell takes every other one as the same word', () => {
  const words = [
    '',
    'my vm',
    "it's",
    '$(reboot)',
    'a;b',
    '`x`',
    '<&">',
    'qemu:///system?socket=/run/x',
    '*',
    '~',
  ];
  const printed = execFileSync('sh', ['-c', `printf '%s\\n' ${words.map(shellWord).join(' ')}`], {
    encoding: 'utf8',
  });
  expect(printed.split('\n').slice(0, -1)).toEqual(words);
});
