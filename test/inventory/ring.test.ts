import { expect, test } from 'vitest';
import { Ring } from '../../source/inventory/ring.js';

test('keeps the newest samples in order, also while it grows', () => {
  const ring = new Ring(100);
  for (let i = 1; i <= 250; i += 1) {
    ring.push(i);
    const length = Math.min(i, 100);
    expect(ring.length).toBe(length);
    expect(ring.last).toBe(i);
    expect(ring.tail()).toEqual(Array.from({ length }, (_, at) => i - length + 1 + at));
  }
  expect(ring.tail(3)).toEqual([248, 249, 250]);
});

test('a missed tick is a gap, not a value', () => {
  const ring = new Ring(3);
  expect(ring.last).toBeUndefined();
  ring.push(5);
  ring.push(Number.NaN);
  expect(ring.last).toBeUndefined();
  expect(ring.tail()).toEqual([5, Number.NaN]);
  ring.clear();
  expect(ring.tail()).toEqual([]);
  ring.push(7);
  expect(ring.tail()).toEqual([7]);
});

test('a longer look back is of means, each of what was known, and a gap where nothing was', () => {
  const ring = new Ring(4, { over: 3, capacity: 3 });
  for (const value of [3, 6, 9, Number.NaN, 4, 6, Number.NaN, Number.NaN]) ring.push(value);
  expect(ring.means?.tail()).toEqual([6, 5]);
  ring.push(Number.NaN);
  expect(ring.means?.tail()).toEqual([6, 5, Number.NaN]);
  for (const value of [1, 2, 3]) ring.push(value);
  expect(ring.means?.tail()).toEqual([5, Number.NaN, 2]);
  expect(new Ring(4).means).toBeUndefined();
});
