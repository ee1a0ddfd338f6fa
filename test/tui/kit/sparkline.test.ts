import { expect, test } from 'vitest';
import { safe } from '../../../source/text/safe.js';
import { sparkline } from '../../../source/tui/kit/sparkline.js';

const levels = [...'▁▂▃▄▅▆▇█'].map(safe);

test('the newest sample is at the right edge', () => {
  expect(sparkline([0, 50, 100], 5, levels)).toBe('  ▁▅█');
  expect(sparkline([0, 0, 0, 100], 2, levels)).toBe('▁█');
});

test('a missed tick leaves a gap', () => {
  expect(sparkline([100, Number.NaN, 100], 3, levels)).toBe('█ █');
});

test('values out of range stay in the row', () => {
  expect(sparkline([-5, 250], 2, levels)).toBe('▁█');
});
