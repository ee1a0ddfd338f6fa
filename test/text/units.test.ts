import { expect, test } from 'vitest';
import { count, duration, kib, kibOf, percent, rate, shortList } from '../../source/text/units.js';

test('KiB in the unit that reads best', () => {
  expect(kib(512)).toBe('512 KiB');
  expect(kib(1536)).toBe('1.5 MiB');
  expect(kib(2 * 1024 * 1024)).toBe('2 GiB');
  expect(kib(1024 * 1024 - 1)).toBe('1 GiB');
  expect(kib(0)).toBe('0 KiB');
});

test('one thing has no s', () => {
  expect([0, 1, 2].map((number) => count(number, 'domain'))).toEqual(['0 domains', '1 domain', '2 domains']);
});

test('an amount of a total has one unit and a fixed width', () => {
  const gib = 1024 * 1024;
  expect(kibOf(1.2 * gib, 2 * gib)).toBe(' 1.2 /    2 GiB');
  const widths = [kibOf(11.2 * gib, 31 * gib), kibOf(1, 1023 * gib), kibOf(512 * 1024, 1024 * 1024)].map(
    (text) => text.length,
  );
  expect(new Set(widths).size).toBe(1);
});

test('rates are decimal', () => {
  expect(rate(0)).toBe('0 B/s');
  expect(rate(999)).toBe('999 B/s');
  expect(rate(1_234_567)).toBe('1.2 MB/s');
});

test('a percentage that is not nothing never reads as nothing', () => {
  expect(percent(0)).toBe('0');
  expect(percent(0.2)).toBe('<1');
  expect(percent(99.6)).toBe('100');
});

test('durations in the one or two units that matter', () => {
  const second = 1000;
  const hour = 3600 * second;
  expect(duration(12 * second)).toBe('12s');
  expect(duration(90 * second)).toBe('1m 30s');
  expect(duration(25 * 60 * second)).toBe('25m');
  expect(duration(3 * hour)).toBe('3h');
  expect(duration(52 * hour)).toBe('2d 4h');
  expect(duration(-5)).toBe('0s');
});

test('a line names some of many, and counts the rest', () => {
  expect(shortList(['a', 'b'])).toBe('a, b');
  expect(shortList(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
});
