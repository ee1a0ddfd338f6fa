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
