import { expect, test } from 'vitest';
import { bytes, parseSize } from '../../source/text/size.js';

test.each([
  ['10', 10],
  ['10b', 10],
  ['512 bytes', 512],
  ['1k', 1024],
  ['10G', 10 * 1024 ** 3],
  ['5 GiB', 5 * 1024 ** 3],
  ['2GB', 2_000_000_000],
  ['1.5m', 1.5 * 1024 ** 2],
  [' 3T ', 3 * 1024 ** 4],
])('"%s" is %d bytes, as for virsh', (text, size) => {
  expect(parseSize(text)).toBe(size);
});

test.each([
  ['', 'give a size'],
  ['10 XB', '"XB" is no unit'],
  ['ten', 'is no size'],
  ['-5G', 'is no size'],
  ['1e9', 'is no size'],
  ['10G20', 'is no size'],
  ['99999999T', 'more than any storage'],
])('"%s" is refused: %s', (text, problem) => {
  const parsed = parseSize(text);
  expect(typeof parsed === 'number' ? parsed : parsed.problem).toContain(problem);
});

test('sizes for people', () => {
  expect(bytes(0)).toBe('0 B');
  expect(bytes(1536)).toBe('1.5 KiB');
  expect(bytes(10 * 1024 ** 3)).toBe('10 GiB');
  expect(bytes(1024 ** 2 - 1)).toBe('1 MiB');
});
